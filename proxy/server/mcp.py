"""`/mcp` and `/mcp/{server}`: who may come in, whose request it is, and on to the gateway.

It must not know the MCP library: plain ASGI, like the road. Sources: MCP 2026-07-28, "Streamable HTTP", on origins
and DNS rebinding; MCP "Authorization" on status codes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import unquote, urlsplit

import orjson

from proxy.exchange import Headers, header
from proxy.server.address import TOOLS, split
from proxy.server.gate import Gate, caller, credential
from proxy.server.intake import Message, Receive, Scope, Send
from proxy.server.protocol import ENDING
from proxy.tools import Visitor

Serve = Callable[[str, Visitor, Scope, Receive, Send], Awaitable[None]]
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SESSION = b"x-outrider-session"
REFUSED = -32600


class Tools(Protocol):
    """The gateway."""

    def knows(self, name: str) -> bool: ...
    async def serve(self, name: str, visitor: Visitor, scope: Scope, receive: Receive, send: Send) -> None: ...


class Mcp:
    """Answers the paths of the gateway."""

    def __init__(self, tools: Tools | None, gate: Gate, *, shared: bool) -> None:
        """`tools`: None where no servers are configured. `shared`: whether others than this machine reach the port."""
        self._tools = tools
        self._gate = gate
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        headers: Headers = tuple(scope["headers"])
        path, tags = split(scope["raw_path"].decode("latin-1"), TOOLS) or ("", {})
        name = unquote(path.removeprefix(TOOLS).strip("/"))
        if self._tools is None:
            await _refuse(send, 404, "no tool servers are configured: set OUTRIDER_MCP_CONFIG to an mcpServers file")
        elif not self._welcome(headers):
            await _refuse(send, 403, "this origin is not allowed: browsers may come from the proxy's own address only")
        elif not self._gate.admits(headers):
            await _refuse(send, 401, "this needs one of the keys of OUTRIDER_KEYS as a bearer token")
        elif not path or not self._tools.knows(name):
            await _refuse(send, 404, f"no tool server {name[:100]!r}: /mcp has all servers, /mcp/NAME one of them")
        else:
            session = header(headers, SESSION) or tags.get("session", "")
            opened = not self._gate.asks and not credential(headers)
            visitor = Visitor(caller(headers), opened, session)
            if _endless(scope, headers):
                await _until_the_end(self._tools.serve, name, visitor, scope, receive, send)
            else:
                await self._tools.serve(name, visitor, scope, receive, send)

    def _welcome(self, headers: Headers) -> bool:
        """Whether a browser may send this. A page reaches a proxy that asks for no key only from this machine by
        one of its own names: another name may have been made to point here (DNS rebinding)."""
        host, origin = _name(f"//{header(headers, b'host')}"), header(headers, b"origin")
        if self._gate.asks:
            return not origin or _name(origin) == host or _name(origin) in LOOPBACK
        if not origin:
            return self._shared or host in LOOPBACK
        return _name(origin) in LOOPBACK and host in LOOPBACK


def _endless(scope: Scope, headers: Headers) -> bool:
    """Whether this asks for a stream of notices, which goes on for as long as both sides live."""
    return scope["method"] == "GET" or header(headers, b"mcp-method") == "subscriptions/listen"


async def _until_the_end(serve: Serve, name: str, visitor: Visitor, scope: Scope, receive: Receive, send: Send) -> None:
    """Serves a stream until its client leaves or the server ends: that does not wait for those who only listen."""
    task, ended, begun = asyncio.current_task(), False, False
    assert task is not None

    def end() -> None:
        nonlocal ended
        ended = True
        task.cancel()

    async def hear(message: Message) -> None:
        nonlocal begun
        begun = True
        await send(message)

    listen = scope.get("extensions", {}).get(ENDING, {}).get("listen", _deaf)
    listen(end)
    try:
        await serve(name, visitor, scope, receive, hear)
    except asyncio.CancelledError:
        if not ended:
            raise
        task.uncancel()
        if begun:
            await send({"type": "http.response.body"})
    finally:
        listen(None)


def _deaf(_hear: object) -> None:
    """For a server that does not tell of its end."""


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def _refuse(send: Send, status: int, message: str) -> None:
    error = {"code": REFUSED, "message": f"Outrider: {message}"}
    body = orjson.dumps({"jsonrpc": "2.0", "id": None, "error": error})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
