"""Some tool servers as one MCP server: what its clients are answered and told.

It must not know how a tool call is answered, nor who may come in. One of the rooms of the MCP library.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

import mcp_types as types
from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp.server.session import ServerSession
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.subscriptions import PromptsListChanged, ResourcesListChanged, ToolsListChanged
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from proxy.tools import INVALID_PARAMS, Definition, Progress, Result, ToolFault, Visitor
from proxy.tools.catalogue import Ambiguous, Catalogue, Offer, Place
from proxy.tools.link import KINDS, Link
from proxy.version import installed

MOST_BODY = 64 << 20
MOST_SESSIONS = 1_024
PATIENCE_S = 5.0
RESOURCE_NOT_FOUND = -32002
SESSION_ID = "mcp-session-id"
ENVELOPE = "io.modelcontextprotocol/"
"""Keys of `_meta` that belong to one connection: each side writes its own."""
EVENTS: Mapping[str, ToolsListChanged | PromptsListChanged | ResourcesListChanged] = {
    "tools": ToolsListChanged(),
    "prompts": PromptsListChanged(),
    "resources": ResourcesListChanged(),
}
LISTED = frozenset(("tools", "prompts", "resources", "resourceTemplates", "contents"))
"""What a result holds for which the stateless protocol wants to be told how long it may be kept."""
OF_ONE_ERA = ("resultType", "ttlMs", "cacheScope", "_meta")

Context: TypeAlias = ServerRequestContext[Any, Any]
Params = Mapping[str, Any]

log = logging.getLogger("outrider.tools")


class House(Protocol):
    """The gateway, as a view needs it."""

    links: dict[str, Link]

    async def ask(self, view: Any, visitor: Visitor, params: Params, progress: Progress | None) -> Result: ...


class Face(Server[Any]):
    """The library's server with the capabilities of a gateway: everything may change while it runs."""

    def create_initialization_options(self, *_: Any, **__: Any) -> InitializationOptions:
        """What `initialize` answers."""
        return super().create_initialization_options(NotificationOptions(True, True, True))

    def get_capabilities(self, *_: Any, protocol_version: str | None = None, **__: Any) -> types.ServerCapabilities:
        """Tools, prompts, resources, and notice of their changes."""
        return types.ServerCapabilities(
            tools=types.ToolsCapability(list_changed=True),
            prompts=types.PromptsCapability(list_changed=True),
            resources=types.ResourcesCapability(list_changed=True),
            completions=types.CompletionsCapability(),
        )


class View:
    """Some servers as one MCP server, and the clients that are connected to it."""

    def __init__(self, gateway: House, names: tuple[str, ...]) -> None:
        self.names = names
        self.catalogue = Catalogue({})
        self._gateway = gateway
        self._bus = InMemorySubscriptionBus()
        self._sessions: OrderedDict[str, ServerSession] = OrderedDict()
        self._face = Face(
            "outrider",
            version=installed(),
            on_subscriptions_listen=ListenHandler(self._bus),
            get_tool_input_schema=self._schema,
        )
        self._face.middleware.append(self._answer)
        self.manager = StreamableHTTPSessionManager(self._face, max_request_body_size=MOST_BODY)
        self._methods: dict[str, Callable[[Context, Params], Awaitable[Result]]] = {
            "tools/list": self._list_tools,
            "tools/call": self._call_tool,
            "prompts/list": self._list_prompts,
            "prompts/get": self._get_prompt,
            "resources/list": self._list_resources,
            "resources/templates/list": self._list_templates,
            "resources/read": self._read_resource,
            "completion/complete": self._complete,
        }

    def renew(self) -> None:
        """Takes over what the servers list now."""
        listings = {name: self._gateway.links[name].listing for name in self.names}
        self.catalogue = Catalogue(listings)
        told = [(name, listing.instructions) for name, listing in listings.items() if listing.instructions]
        whole = (
            told[0][1] if len(self.names) == 1 and told else "\n\n".join(f"## {name}\n{text}" for name, text in told)
        )
        self._face.instructions = whole or None

    async def tell(self, kind: str) -> None:
        """Tells every client that a list has changed."""
        await self._bus.publish(EVENTS[kind])
        await asyncio.gather(*(_notify(session, kind) for session in tuple(self._sessions.values())))

    def forget(self, scope: Any) -> None:
        """A client ends its session."""
        self._sessions.pop(dict(scope["headers"]).get(SESSION_ID.encode(), b"").decode("latin-1"), None)

    async def _answer(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        """The library's middleware: what the servers answer passes here, unchanged; the rest is the library's."""
        if ctx.method == "notifications/initialized":
            self._remember(ctx)
        answer = self._methods.get(ctx.method) if ctx.request_id is not None else None
        if answer is None:
            return await call_next(ctx)
        try:
            result = await answer(ctx, ctx.params or {})
        except ToolFault as fault:
            raise MCPError(fault.code, str(fault), fault.data) from None
        return _shaped(result, ctx.protocol_version)

    def _remember(self, context: Context) -> None:
        """Keeps the newest sessions; a notice to one that has ended is dropped by the library."""
        identity = context.request.headers.get(SESSION_ID, "") if context.request else ""
        if identity:
            self._sessions[identity] = context.session
            if len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)

    def _schema(self, name: str) -> Mapping[str, Any] | None:
        found = self.catalogue.tools.items.get(name)
        return found[1].get("inputSchema") if found else None

    async def _list_tools(self, _context: Context, _params: Params) -> Result:
        return {"tools": _named(self.catalogue.tools)}

    async def _list_prompts(self, _context: Context, _params: Params) -> Result:
        return {"prompts": _named(self.catalogue.prompts)}

    async def _list_resources(self, _context: Context, _params: Params) -> Result:
        return {"resources": self.catalogue.resources("resources")}

    async def _list_templates(self, _context: Context, _params: Params) -> Result:
        return {"resourceTemplates": self.catalogue.resources("templates")}

    async def _call_tool(self, context: Context, params: Params) -> Result:
        request: Any = context.request
        visitor = request.scope["outrider"]._replace(connection=request.headers.get(SESSION_ID, ""))
        return await self._gateway.ask(self, visitor, params, _progress(context, params))

    async def _get_prompt(self, context: Context, params: Params) -> Result:
        place, _ = found("prompt", self.catalogue.prompts, str(params.get("name")))
        return await self._pass_on(context, place.server, onward(params, name=place.name))

    async def _read_resource(self, context: Context, params: Params) -> Result:
        return await self._pass_on(context, self._holder(str(params.get("uri"))), onward(params))

    async def _complete(self, context: Context, params: Params) -> Result:
        ref = params.get("ref")
        ref = ref if isinstance(ref, Mapping) else {}
        if "name" not in ref:
            return await self._pass_on(context, self._holder(str(ref.get("uri"))), onward(params))
        place, _ = found("prompt", self.catalogue.prompts, str(ref["name"]))
        return await self._pass_on(context, place.server, onward(params, ref={**ref, "name": place.name}))

    def _holder(self, uri: str) -> str:
        name = self.catalogue.holder(uri)
        if not name:
            raise ToolFault(RESOURCE_NOT_FOUND, f"Resource not found: {uri}", {"uri": uri})
        return name

    async def _pass_on(self, context: Context, server: str, params: dict[str, Any]) -> Result:
        return await self._gateway.links[server].request(context.method, params, _progress(context, params))


def found(what: str, offer: Offer, name: str) -> tuple[Place, Definition]:
    """What is offered under a name. Raises `ToolFault`."""
    try:
        return offer.find(name)
    except Ambiguous as fault:
        names = " or ".join(fault.args[0])
        raise ToolFault(INVALID_PARAMS, f"Several servers have a {what} {name}; call {names}") from None
    except KeyError:
        raise ToolFault(INVALID_PARAMS, f"Unknown {what}: {name}") from None


def _named(offer: Offer) -> list[dict[str, Any]]:
    """The things as their servers define them, each under the name it has here."""
    return [{**definition, "name": name} for name, (_, definition) in offer.items.items()]


def onward(params: Params, **changes: Any) -> dict[str, Any]:
    """A client's parameters for a server: all but what belongs to the client's own connection."""
    onward = {**params, **changes}
    meta = params.get("_meta")
    kept = {key: value for key, value in meta.items() if _goes_on(key)} if isinstance(meta, Mapping) else {}
    onward.pop("_meta", None)
    return {**onward, "_meta": kept} if kept else onward


def _goes_on(key: str) -> bool:
    return key != "progressToken" and not key.startswith(ENVELOPE)


def _progress(context: Context, params: Params) -> Progress | None:
    """Hands progress on to a client that asked for it."""
    meta = (context.params or {}).get("_meta")
    if not isinstance(meta, Mapping) or meta.get("progressToken") is None:
        return None
    return context.session.report_progress


def _shaped(result: Result, version: str) -> Result:
    """A result as the client's protocol wants it: the stateless one marks every result, the older one none."""
    if version not in MODERN_PROTOCOL_VERSIONS:
        if result.get("resultType", "complete") != "complete":
            raise MCPError(types.INTERNAL_ERROR, "the tool asks for input, which this protocol version cannot carry")
        meta = {key: value for key, value in (result.get("_meta") or {}).items() if not key.startswith(ENVELOPE)}
        kept = {key: value for key, value in result.items() if key not in OF_ONE_ERA}
        return {**kept, "_meta": meta} if meta else kept
    listed = {} if LISTED.isdisjoint(result) else {"ttlMs": 0, "cacheScope": "private"}
    return {"resultType": "complete", **listed, **result}


async def _notify(session: ServerSession, kind: str) -> None:
    send = {
        "tools": session.send_tool_list_changed,
        "prompts": session.send_prompt_list_changed,
        "resources": session.send_resource_list_changed,
    }[kind]
    try:
        async with asyncio.timeout(PATIENCE_S):
            await send()
    except Exception as fault:
        log.debug("a client could not be told that its %s changed: %r", kind, fault)


__all__ = ["KINDS", "Params", "View", "found", "onward"]
