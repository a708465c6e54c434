"""What there is: every server's tools, prompts and resources, and the names under which they are offered together.

It must not know how a server is reached, nor who asks.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from proxy.tools import Definition

ODD = re.compile(r"[^A-Za-z0-9_-]+")
TEMPLATE = re.compile(r"\{[^}]*\}")
SEPARATORS = "_.-/:"
"""What clients put between the name they gave a server and the name of its tool."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What one server lists, as it came."""

    tools: tuple[Definition, ...] = ()
    prompts: tuple[Definition, ...] = ()
    resources: tuple[Definition, ...] = ()
    templates: tuple[Definition, ...] = ()
    instructions: str = ""
    version: str = ""
    """The protocol version that is spoken with the server."""


class Place(NamedTuple):
    """A tool (or prompt) of a server, under the server's own name for it."""

    server: str
    name: str


class Ambiguous(KeyError):
    """Several servers have it, and the name alone does not say which; `args[0]` are the names that do."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Things by the names under which they are offered, in order."""

    items: Mapping[str, tuple[Place, Definition]]
    shared: Mapping[str, tuple[str, ...]]
    """Names that more than one server has, and what they are called instead."""

    def find(self, name: str) -> tuple[Place, Definition]:
        """The thing of this name. Raises `KeyError`, or `Ambiguous` for a name that several servers have."""
        if name not in self.items and name in self.shared:
            raise Ambiguous(self.shared[name])
        return self.items[name]


def offered(things: Sequence[tuple[str, Sequence[Definition]]]) -> Offer:
    """Names for the things of several servers (name, list), in the servers' order.

    A name that one server has stays; one that several have is prefixed for all of them: `server_name`. The outcome
    depends on the lists and their order alone. Should a prefixed name be taken itself, it is numbered.
    """
    counts = Counter(name for _, listed in things for name in {_name(thing) for thing in listed})
    taken = {name for name, count in counts.items() if count == 1}
    items: dict[str, tuple[Place, Definition]] = {}
    shared: dict[str, list[str]] = {}
    for server, listed in things:
        for thing in listed:
            name = _name(thing)
            if not name:
                continue
            given = name if counts[name] == 1 else _free(f"{ODD.sub('_', server)}_{name}", taken)
            if given != name:
                taken.add(given)
                shared.setdefault(name, []).append(given)
            items.setdefault(given, (Place(server, name), thing))
    return Offer(items, {name: tuple(names) for name, names in shared.items()})


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _name(thing: Definition) -> str:
    name = thing.get("name")
    return name if isinstance(name, str) else ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The listings of some servers as one; a value, made anew when a listing changes."""

    listings: Mapping[str, Listing]
    tools: Offer = field(init=False)
    prompts: Offer = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tools", offered([(name, each.tools) for name, each in self.listings.items()]))
        object.__setattr__(self, "prompts", offered([(name, each.prompts) for name, each in self.listings.items()]))

    def resources(self, kind: str) -> list[Definition]:
        """`resources` or `templates` of all servers; of two with the same address the first counts."""
        key = "uri" if kind == "resources" else "uriTemplate"
        found: dict[object, Definition] = {}
        for listing in self.listings.values():
            for each in getattr(listing, kind):
                found.setdefault(each.get(key), each)
        return list(found.values())

    def holder(self, uri: str) -> str:
        """The server that has a resource: it lists it, or has a template that fits; the only one there is. Else
        empty."""
        for name, listing in self.listings.items():
            if any(each.get("uri") == uri for each in listing.resources):
                return name
        for name, listing in self.listings.items():
            if any(fits(str(each.get("uriTemplate", "")), uri) for each in listing.templates):
                return name
        return next(iter(self.listings)) if len(self.listings) == 1 else ""

    def resolve(self, spoken: str) -> tuple[Place, ...]:
        """The tools that a model may mean by the name its client gave to one.

        Clients rename: `mcp__server__tool`, `server_tool`, `server.tool`. The longest name that ends the spoken one
        after a separator counts; among equals those whose server's name stands before it.
        """
        best: tuple[int, bool] = (0, False)
        found: list[Place] = []
        for given, (place, _) in self.tools.items.items():
            rank = max(_rank(spoken, given, place.server), _rank(spoken, place.name, place.server))
            if rank[0] and rank >= best:
                found = found if rank == best else []
                best = rank
                found.append(place)
        return tuple(found)


def _rank(spoken: str, name: str, server: str) -> tuple[int, bool]:
    """How well a name fits: its length (0: not at all), and whether the server's name stands before it."""
    if spoken == name:
        return len(name), True
    head = spoken[: -len(name)] if name and spoken.endswith(name) else ""
    if not head or head[-1] not in SEPARATORS:
        return 0, False
    before = ODD.sub("_", head.strip(SEPARATORS)).lower()
    own = ODD.sub("_", server).lower()
    return len(name), before == own or before.endswith(("_" + own, "-" + own))


def fits(template: str, uri: str) -> bool:
    """Whether a URI may come of a URI template (RFC 6570), every expression standing for any text."""
    pattern = ".*".join(map(re.escape, TEMPLATE.split(template)))
    return bool(template) and re.fullmatch(pattern, uri, re.DOTALL) is not None


def annotations(definition: Definition) -> Mapping[str, Any]:
    """A tool's annotations, or none."""
    told = definition.get("annotations")
    return told if isinstance(told, Mapping) else {}
