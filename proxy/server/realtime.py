"""WebSockets under `/v1/` (`/v1/realtime`, `/v1/responses`): admitted here, then relayed to the first upstream.

It must not know what is said over them, nor any WebSocket library.
"""

from collections.abc import Awaitable, Callable, Sequence

from proxy.exchange import Headers, Request
from proxy.places import Place
from proxy.server.address import split
from proxy.server.gate import Gate, caller
from proxy.server.intake import Receive, Scope, Send

Relay = Callable[..., Awaitable[None]]

POLICY_VIOLATION = 1008
GOING_NOWHERE = 1011
DENIAL = "websocket.http.response"
PROTOCOLS = b"sec-websocket-protocol"
KEY_PROTOCOL = b"openai-insecure-api-key."
"""Browsers cannot set headers, so OpenAI takes a key as a subprotocol."""


class Realtime:
    """Answers WebSocket connections."""

    def __init__(self, places: Sequence[Place], gate: Gate, relay: Relay) -> None:
        """`relay` is `proxy.upstreams.realtime.relay`; the first place that is no recording is where sockets go."""
        self._place = next((place for place in places if not place.recordings), None)
        self._gate = gate
        self._relay = relay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        headers: Headers = tuple(scope["headers"])
        if self._gate.asks:
            headers = unwrapped(headers)
        address = split(scope["raw_path"].decode("latin-1"))
        place = self._place
        if address is None or place is None:
            await self._refuse(receive, send, GOING_NOWHERE, "Outrider: nothing answers WebSockets here")
            return
        if not self._gate.admits(headers):
            await self._refuse(receive, send, POLICY_VIOLATION, "Outrider: this API key is not accepted")
            return
        request = Request(
            "GET",
            address[0],
            self._gate.onward(headers),
            query=scope["query_string"].decode("latin-1"),
            caller=caller(headers),
            tags=address[1],
        )
        denial = DENIAL in scope.get("extensions", {})
        await self._relay(request, place.url, place.key, receive, send, denial=denial)

    async def _refuse(self, receive: Receive, send: Send, code: int, reason: str) -> None:
        await receive()
        await send({"type": "websocket.close", "code": code, "reason": reason})


def unwrapped(headers: Headers) -> Headers:
    """The headers with a key that came as a subprotocol where keys belong: among the credentials."""
    found: list[tuple[bytes, bytes]] = []
    for name, value in headers:
        offered = [word.strip() for word in value.split(b",")] if name == PROTOCOLS else []
        keys = [word for word in offered if word.startswith(KEY_PROTOCOL)]
        found += [(b"authorization", b"Bearer " + word.removeprefix(KEY_PROTOCOL)) for word in keys]
        rest = b", ".join(word for word in offered if word not in keys) if keys else value
        found += [(name, rest)] if rest else []
    return tuple(found)
