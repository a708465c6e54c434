"""Tool calls that models emitted and no client has made yet: by them a call at the gateway finds its session.

It must not know the MCP library, a wire form, nor what a session is beyond its id. It holds names and hashes; arguments
only of calls of tools that no server lists (yet), and few of those.
"""

import json
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from proxy.conversation import ToolCall, canonical
from proxy.tools import Definition, Owner, Visitor
from proxy.tools.catalogue import Catalogue, Place

TTL_S = 900.0
"""Seconds that a call is waited for; a person may have to approve it first."""
MOST = 8_192
MOST_OF_CALLER = 2_048
MOST_CONNECTIONS = 1_024
MOST_UNKNOWN, SOON_S = 128, 60.0
"""Calls of tools that no server lists, and seconds for which one may come to list them."""
MOST_IDS = 64
"""Strings of a request's `_meta` that are looked at."""


class Emission(NamedTuple):
    """A tool call that a model emitted."""

    owner: Owner
    id: str
    places: tuple[Place, ...]
    """The tools it may mean."""
    arguments: Mapping[Place, str]
    """For each of them the fingerprint of the arguments."""
    at: float
    number: int
    """Which one it is, of all that were heard."""


class Claim(NamedTuple):
    """Whose a call at the gateway is, and what told."""

    owner: Owner
    by: str = ""
    """`header`, `id`, `call`, or nothing: nobody knows."""


def fingerprint(arguments: Mapping[str, Any] | str, definition: Definition) -> str:
    """One spelling of arguments, hashed: members in order, and the defaults of the tool's schema where one is left
    out. Equal fingerprints mean equal arguments (JSON equality; 1 and 1.0 differ)."""
    told: Any = arguments
    if isinstance(arguments, str):
        try:
            told = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            told = None
    if isinstance(told, Mapping):
        whole = {**_defaults(definition), **told}
        spelled = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    else:
        spelled = canonical(str(arguments))
    return blake2b(spelled.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def stamp(definition: Definition, version: str) -> str:
    """A tool's definition and the protocol version that is spoken with its server, as one word."""
    spelled = json.dumps([definition, version], sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return blake2b(spelled, digest_size=8).hexdigest()


def _defaults(definition: Definition) -> dict[str, Any]:
    schema = definition.get("inputSchema")
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping):
        return {}
    told = ((name, each) for name, each in properties.items() if isinstance(each, Mapping))
    return {name: each["default"] for name, each in told if "default" in each}


@dataclass(slots=True)
class _Caller:
    """What one caller's models emitted: by fingerprint, and by the call's own id."""

    by_call: dict[tuple[Place, str], deque[Emission]]
    by_id: dict[str, Emission]


class Emitted:
    """Emissions of all callers; bounded, and forgotten after a while."""

    def __init__(self, catalogue: Callable[[], Catalogue], tick: Callable[[], float]) -> None:
        """`catalogue` gives the tools there are now."""
        self._catalogue = catalogue
        self._tick = tick
        self._all: OrderedDict[int, Emission] = OrderedDict()
        self._number = 0
        self._callers: dict[str, _Caller] = {}
        self._connections: OrderedDict[str, str] = OrderedDict()
        self._unknown: deque[tuple[float, Owner, ToolCall]] = deque(maxlen=MOST_UNKNOWN)

    def hear(self, owner: Owner, call: ToolCall) -> tuple[Place, ...]:
        """Takes a call that a model of `owner` emitted; gives the tools it may mean, none for the client's own."""
        catalogue = self._catalogue()
        places = catalogue.resolve(call.name)
        known = self._callers.get(owner.caller)
        if not places:
            self._unknown.append((self._tick(), owner, call))
        if not places or (known and call.id in known.by_id):
            return ()
        definitions = dict(catalogue.tools.items.values())
        prints = {place: fingerprint(call.arguments, definitions[place]) for place in places}
        self._number += 1
        self._keep(Emission(owner, call.id or f"#{self._number}", places, prints, self._tick(), self._number))
        return places

    def renew(self) -> None:
        """The servers list something else now: what nobody had may be there. A server that is still starting when a
        model calls its tool is heard of so."""
        unknown, late = list(self._unknown), self._tick() - SOON_S
        self._unknown.clear()
        for at, owner, call in unknown:
            if at >= late:
                self.hear(owner, call)

    def claim(self, visitor: Visitor, place: Place, print_: str, meta: Mapping[str, Any]) -> Claim:
        """Whose a call at the gateway is. What it was emitted by is taken: no other call is answered by it."""
        self._expire()
        found = self._by_id(visitor, meta)
        by = "id" if found else "call"
        found = found or self._by_call(visitor, place, print_)
        if found is not None:
            self._drop(found)
        if visitor.session:
            mine = found is not None and found.owner.session == visitor.session
            return Claim(found.owner if found and mine else Owner(visitor.caller, visitor.session), "header")
        if found is None:
            return Claim(Owner(visitor.caller, ""))
        if visitor.connection:
            self._prefer(visitor.connection, found.owner.session)
        return Claim(found.owner, by)

    def waiting(self, owner: Owner) -> Iterator[Emission]:
        """What a session's models emitted and nobody has made yet."""
        self._expire()
        caller = self._callers.get(owner.caller)
        held = caller.by_id.values() if caller else ()
        return (emission for emission in tuple(held) if emission.owner == owner)

    def settle(self, owner: Owner, ids: Collection[str]) -> None:
        """Forgets the calls whose results the session's conversation holds: they were made, here or elsewhere."""
        for emission in self.waiting(owner):
            if emission.id in ids:
                self._drop(emission)

    def __len__(self) -> int:
        return len(self._all)

    def _by_id(self, visitor: Visitor, meta: Mapping[str, Any]) -> Emission | None:
        """By the id that the model's call had, where a client hands it on anywhere in `_meta`."""
        words = list(_words(meta))[:MOST_IDS]
        for caller in self._scopes(visitor):
            for word in words:
                if (found := caller.by_id.get(word)) is not None:
                    return found
        return None

    def _by_call(self, visitor: Visitor, place: Place, print_: str) -> Emission | None:
        """By tool and arguments: the oldest of the session the visitor names, of the one whose calls came over this
        connection before, of any."""
        wanted = visitor.session or self._connections.get(visitor.connection, "")
        scopes = [caller.by_call.get((place, print_), ()) for caller in self._scopes(visitor)]
        held = [emission for scope in scopes for emission in scope]
        if visitor.session:
            return next((emission for emission in held if emission.owner.session == wanted), None)
        if visitor.open and len({emission.owner.caller for emission in held}) > 1:
            return None  # several strangers emitted it: nobody's
        return min(held, key=lambda emission: (emission.owner.session != wanted, emission.at), default=None)

    def _scopes(self, visitor: Visitor) -> list[_Caller]:
        if visitor.open:
            return list(self._callers.values())
        caller = self._callers.get(visitor.caller)
        return [caller] if caller else []

    def _keep(self, emission: Emission) -> None:
        caller = self._callers.setdefault(emission.owner.caller, _Caller({}, {}))
        self._all[emission.number] = emission
        caller.by_id[emission.id] = emission
        for place in emission.places:
            caller.by_call.setdefault((place, emission.arguments[place]), deque()).append(emission)
        while len(self._all) > MOST:
            self._drop(next(iter(self._all.values())))
        while len(caller.by_id) > MOST_OF_CALLER:
            self._drop(next(iter(caller.by_id.values())))

    def _expire(self) -> None:
        late = self._tick() - TTL_S
        while self._all and (oldest := next(iter(self._all.values()))).at < late:
            self._drop(oldest)

    def _drop(self, emission: Emission) -> None:
        del self._all[emission.number]
        caller = self._callers[emission.owner.caller]
        del caller.by_id[emission.id]
        for place in emission.places:
            key = (place, emission.arguments[place])
            held = caller.by_call[key]
            held.remove(emission)
            if not held:
                del caller.by_call[key]
        if not caller.by_id:
            del self._callers[emission.owner.caller]

    def _prefer(self, connection: str, session: str) -> None:
        self._connections[connection] = session
        self._connections.move_to_end(connection)
        if len(self._connections) > MOST_CONNECTIONS:
            self._connections.popitem(last=False)


def _words(value: Any, depth: int = 3) -> Iterator[str]:
    """The strings of a JSON value, as deep as clients nest them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth:
        for member in value.values():
            yield from _words(member, depth - 1)
