"""What a client says of itself: our own headers and path, the gateways' dialects, the clients' own ways.

It must not look at what was said in the conversation, and knows nothing of links or memory.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, TypeVar

from proxy.exchange import Headers, Indexed, Request
from proxy.policy import Claim

Values: TypeAlias = Mapping[bytes, bytes]
"""A request's headers, the first value of each."""
Fields: TypeAlias = Mapping[str, object]
Name = TypeVar("Name", bytes, str)

NOTHING = Claim()
LONGEST_ID = 256
OWN = {"session": b"x-outrider-session", "agent": b"x-outrider-agent", "run": b"x-outrider-run"}
OWN_PARENT = b"x-outrider-parent"
OWN_HEADERS = frozenset((*OWN.values(), OWN_PARENT))

SESSION_HEADERS = {
    b"x-dynamo-session-id": "dynamo",
    b"x-litellm-trace-id": "litellm",
    b"x-litellm-session-id": "litellm",
    b"helicone-session-id": "helicone",
    b"langfuse_session_id": "langfuse",
    b"langfuse-session-id": "langfuse",
    b"x-portkey-trace-id": "portkey",
    b"agent-session-id": "envoy",
    b"langfuse_trace_id": "langfuse",
    b"langfuse-trace-id": "langfuse",
}
"""Headers of other gateways that name a session, in the order in which they are believed. A trace stands before a
session only in LiteLLM's dialect, which reads its own two headers so."""

SESSION_FIELDS = {
    "litellm_session_id": "litellm",
    "litellm_trace_id": "litellm",
    "langfuse_session_id": "langfuse",
    "session_id": "metadata",
    "cursorConversationId": "cursor",
    "langfuse_trace_id": "langfuse",
}
"""Body fields that name a session: at the top of the body, or inside `metadata` or `litellm_metadata`."""

BODIES = ("", "metadata", "litellm_metadata")
SPEAKING_HEADERS = frozenset(SESSION_HEADERS) | {b"x-portkey-metadata", b"x-litellm-agent-id"}
SPEAKING_FIELDS = frozenset(SESSION_FIELDS) | {"metadata", "litellm_metadata", "trace"}

VENDOR = re.compile(rb"x-(?!outrider-)(?:[a-z0-9]+-)*session-id")
_vendors: dict[tuple[bytes, ...], tuple[bytes, ...]] = {}
"""Names of headers that came together, and those of them that name a vendor's session."""
MOST_VENDORS = 256
VENDOR_ID = re.compile(r"[A-Za-z0-9_-]{8,256}")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
CLAUDE_USER = re.compile(r"_session_([0-9a-fA-F-]{36})$")
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

PRODUCTS = {
    b"claude-cli": "claude-code",
    b"opencode": "opencode",
    b"cline": "cline",
    b"aider": "aider",
    b"cursor": "cursor",
}


def first_values(headers: Headers) -> Values:
    """The headers by name; of a repeated one the first value."""
    return headers.first if isinstance(headers, Indexed) else dict(reversed(headers))


def product_of(headers: Values) -> str:
    """The agent program by its User-Agent (or originator, or title): `codex`, `claude-code`, … or empty."""
    name = headers.get(b"user-agent", b"").partition(b"/")[0].lower()
    if name.startswith(b"codex") or headers.get(b"originator", b"").startswith(b"codex"):
        return "codex"
    if name in PRODUCTS:
        return PRODUCTS[name]
    if b"x-claude-code-session-id" in headers:  # the header's own name is gate enough
        return "claude-code"
    return PRODUCTS.get(headers.get(b"x-title", b"").lower(), "")


def fields_of(request: Request) -> Fields:
    """The body's top-level fields; none for a request that is relayed unread."""
    return request.fields


def plausible(value: object) -> str:
    """The value where it can be an id (1 to 256 printable characters), else the empty string."""
    if value is None:
        return ""
    text = value.decode("latin-1").strip() if isinstance(value, bytes) else value
    if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_ID or not text.isprintable():
        return ""
    return text.strip()


def mapping(value: object) -> Fields:
    """A JSON object, given as itself or as its text; anything else is an empty one."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


def trace_of(headers: Values) -> str:
    """The trace-id of a W3C `traceparent` header (32 hex digits), or empty. Source: W3C Trace Context."""
    given = headers.get(b"traceparent")
    found = TRACEPARENT.fullmatch(given.strip()) if given else None
    return found[1].decode() if found else ""


def codex_turn(request: Request, headers: Values) -> Fields:
    """Codex's account of its turn: `session_id`, `thread_id`, `agent_name`, …, from the header or the body."""
    name = "x-codex-turn-metadata"
    return mapping(headers.get(name.encode())) or mapping(mapping(fields_of(request).get("client_metadata")).get(name))


def what_is_said(request: Request, headers: Values, product: str) -> Claim:
    """Everything the client says of itself, without links; `session` is empty where it names none.

    Our own headers (then the path) name each part for itself; the rest comes from the first other way that names
    a session, for its parts belong together. `product` is the agent program, see `product_of`.
    """
    own = _own(request, headers)
    other = _other(request, headers, product)
    run = own.run or other.run or trace_of(headers)
    if own.session:
        return own._replace(agent=own.agent or other.agent, run=run)
    if own is NOTHING and run == other.run:
        return other
    return other._replace(agent=own.agent or other.agent, run=run, parent=own.parent or other.parent)


def _own(request: Request, headers: Values) -> Claim:
    tags = request.tags
    if not tags and headers.keys().isdisjoint(OWN_HEADERS):
        return NOTHING
    header = plausible(headers.get(OWN["session"]))
    session, agent, run = (plausible(headers.get(name)) or plausible(tags.get(part)) for part, name in OWN.items())
    parent = plausible(headers.get(OWN_PARENT))
    if not session:
        return Claim(agent=agent, run=run, parent=parent)
    return Claim(session, agent, run, parent, "header" if header else "path", 1.0)


def _other(request: Request, headers: Values, product: str) -> Claim:
    gateway = _gateway(request, headers)
    if gateway.session:
        return gateway
    native = NATIVE.get(product)
    if native and (claim := native(request, headers)).session:
        return claim
    for way in (_vendor, _cached):
        if (claim := way(request, headers)).session:
            return claim
    return gateway


def _gateway(request: Request, headers: Values) -> Claim:
    fields = fields_of(request)
    if headers.keys().isdisjoint(SPEAKING_HEADERS) and fields.keys().isdisjoint(SPEAKING_FIELDS):
        return NOTHING
    given = [fields if not name else mapping(fields.get(name)) for name in BODIES]
    given.append(mapping(headers.get(b"x-portkey-metadata")))
    session, source = _first(headers, SESSION_HEADERS)
    for place in given:
        if not session:
            session, source = _first(place, SESSION_FIELDS)
    trace = mapping(fields.get("trace"))
    run = _any(given, ("run_id", "langfuse_trace_id")) or plausible(trace.get("trace_id"))
    parent = plausible(headers.get(b"x-dynamo-parent-session-id")) or _any(given, ("parent_session_id",))
    agent = plausible(headers.get(b"x-litellm-agent-id")) or _any(given, ("agent_name", "agent", "agent_id"))
    return Claim(session, agent, run, parent, source or "new", 0.95 if session else 0.0)


def _first(values: Mapping[Name, object], names: Mapping[Name, str]) -> tuple[str, str]:
    """The first plausible id and its source, in the order of `names`."""
    return next(((id_, source) for name, source in names.items() if (id_ := plausible(values.get(name)))), ("", ""))


def _any(places: Iterable[Fields], names: tuple[str, ...]) -> str:
    return next((id_ for place in places for name in names if (id_ := plausible(place.get(name)))), "")


def _codex(request: Request, headers: Values) -> Claim:
    """A thread is what we call a session; Codex's own session spans a root thread and its children: a run."""
    turn = codex_turn(request, headers)
    fields = fields_of(request)
    root = plausible(headers.get(b"session-id")) or plausible(headers.get(b"session_id"))
    root = (
        root or plausible(turn.get("session_id")) or plausible(mapping(fields.get("client_metadata")).get("session_id"))
    )
    thread = plausible(headers.get(b"thread-id")) or plausible(turn.get("thread_id"))
    thread = thread or root or plausible(fields.get("prompt_cache_key"))
    parent = plausible(headers.get(b"x-codex-parent-thread-id"))
    return Claim(thread, "", root, parent, "codex", 0.95)


def _claude_code(request: Request, headers: Values) -> Claim:
    """Sub-agents share the session id of the agent that started them; each is a session of its own to us."""
    root = plausible(headers.get(b"x-claude-code-session-id")) or _claude_user(request)
    child = plausible(headers.get(b"x-claude-code-agent-id"))
    if not root or not child:
        return Claim(root, run=root, source="claude-code", confidence=0.95)
    above = plausible(headers.get(b"x-claude-code-parent-agent-id"))
    parent = f"{root}.{above}" if above else root
    return Claim(f"{root}.{child}", "", root, parent, "claude-code", 0.95)


def _claude_user(request: Request) -> str:
    """The session in Anthropic's `metadata.user_id`: `user_…_session_<uuid>`, or JSON with a `session_id`."""
    user = mapping(fields_of(request).get("metadata")).get("user_id")
    old = CLAUDE_USER.search(user) if isinstance(user, str) else None
    return old[1] if old else plausible(mapping(user).get("session_id"))


def _opencode(_request: Request, headers: Values) -> Claim:
    names = (b"x-session-id", b"x-session-affinity", b"x-opencode-session")
    session = next((id_ for name in names if (id_ := plausible(headers.get(name)))), "")
    return Claim(session, parent=plausible(headers.get(b"x-parent-session-id")), source="opencode", confidence=0.95)


def _cline(_request: Request, headers: Values) -> Claim:
    return Claim(plausible(headers.get(b"x-task-id")), source="cline", confidence=0.95)


def _vendor(_request: Request, headers: Values) -> Claim:
    """Any other `x-…-session-id` with a plausible value; the name of a parent's session is not one's own."""
    for name in _vendor_names(headers):
        session = plausible(headers[name])
        if VENDOR_ID.fullmatch(session):
            return Claim(session, source="vendor_header", confidence=0.8)
    return NOTHING


def _vendor_names(headers: Values) -> tuple[bytes, ...]:
    """The names among these that a vendor gives to a session's id. Clients send the same names again and again."""
    names = tuple(headers)
    known = _vendors.get(names)
    if known is None:
        if len(_vendors) >= MOST_VENDORS:
            _vendors.clear()
        known = tuple(name for name in names if b"parent" not in name and VENDOR.fullmatch(name))
        _vendors[names] = known
    return known


def _cached(request: Request, _headers: Values) -> Claim:
    """`prompt_cache_key`, where it is one that names a session; many clients send one constant for all."""
    fields = fields_of(request)
    key = plausible(fields.get("prompt_cache_key"))
    if not key or fields.get("previous_response_id") or fields.get("conversation"):
        return NOTHING  # a link to the very exchange before is better evidence
    if key.startswith("agents-sdk:") or UUID.fullmatch(key):
        return Claim(key, source="prompt_cache_key", confidence=0.8)
    return NOTHING


NATIVE: Mapping[str, Callable[[Request, Values], Claim]] = {
    "codex": _codex,
    "claude-code": _claude_code,
    "opencode": _opencode,
    "cline": _cline,
}
