"""What a request is known by, item by item, and what is expected of the next one: as hashes, nothing else is kept.

It must not know how an expectation comes about, nor what hangs on it.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from policies.prefetch.handwriting import Item, Ways

ITEMS = "messages"
LATEST = 24
"""Items of a request that are known one by one."""
SIDE_EFFECTS = ("store", "web_search_options", "mcp_servers", "container", "background", "audio")
"""Fields that have a provider do, keep, or pay for more than an answer."""


class Trail(NamedTuple):
    """A request."""

    length: int
    heads: Mapping[int, str]
    """Number of items -> hash of all the request but its later items; of the last few numbers."""
    items: Mapping[int, str]
    """Place -> hash of the item."""
    harmless: bool
    """It has no effect at the provider beyond the answer."""

    def after(self, count: int) -> tuple[str, ...]:
        """The hashes of what follows the first `count` items; empty where nothing does, or they are not known."""
        return tuple(self.items.get(place, "") for place in range(count, self.length))


class Guess(NamedTuple):
    """What the next request is expected to be; JSON-able."""

    length: int
    """Items of the request before it."""
    head: str
    replies: Mapping[str, str]
    """Way -> hash of what is written."""
    results: Mapping[str, str]
    ready: float
    """When all results were there; epoch seconds."""

    def ways(self, trail: Trail, known: Sequence[str]) -> tuple[str, str] | None:
        """The two ways in which the request was written; the `known` ones where they fit. None where it is another
        request, or written otherwise."""
        said = trail.after(self.length)
        if trail.heads.get(self.length) != self.head or len(said) < 2:
            return None
        first = _way(self.replies, marked(said[:1]), known[:1])
        second = _way(self.results, marked(said[1:]), known[1:])
        return (first, second) if first and second else None


def trail(body: bytes) -> Trail:
    """The request with this body. Raises `ValueError`, `TypeError` or `KeyError` for one that cannot be known."""
    whole = json.loads(body)
    items = whole.pop(ITEMS)
    harmless = all(whole.get(name) in (None, False) for name in SIDE_EFFECTS) and whole.get("n", 1) == 1
    harmless = harmless and all(tool.get("type", "custom") in ("function", "custom") for tool in whole.get("tools", ()))
    running = blake2b(spelled(whole), digest_size=12)
    heads: dict[int, str] = {}
    hashes: dict[int, str] = {}
    for place, item in enumerate(items):
        mark = hashed(item)
        running.update(mark.encode())
        if place >= len(items) - LATEST:
            hashes[place], heads[place + 1] = mark, running.copy().hexdigest()
    return Trail(len(items), heads, hashes, harmless)


def written(ways: Ways) -> dict[str, str]:
    """What is written, each as its hash."""
    return {name: marked([hashed(item) for item in items]) for name, items in ways.items()}


def grown(body: bytes, *more: Sequence[Item]) -> bytes:
    """The request with these items behind its own."""
    whole = json.loads(body)
    whole[ITEMS] = [*whole[ITEMS], *(item for items in more for item in items)]
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def hashed(item: Any) -> str:
    """An item in one spelling, hashed."""
    return blake2b(spelled(item), digest_size=12).hexdigest()


def marked(hashes: Sequence[str]) -> str:
    """Several as one."""
    return blake2b("".join(hashes).encode(), digest_size=12).hexdigest()


def spelled(value: Any) -> bytes:
    """A JSON value in one spelling."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _way(ways: Mapping[str, str], mark: str, known: Sequence[str]) -> str:
    found = [name for name, each in ways.items() if each == mark]
    return next((name for name in known if name in found), found[0] if found else "")
