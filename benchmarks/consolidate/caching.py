"""The cost of a session with a provider that caches prompts: a small model of the cache, and prices in three regimes.

It must not know what makes prompts shorter. The unit is the price of one uncached input token.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple


class Block(NamedTuple):
    """A piece of a prompt that is the same or is not: a name that tells its content (a digest, say), and its tokens."""

    name: str
    tokens: int


class Ask(NamedTuple):
    """One request of a session: its prompt in order, the tokens of its answer, seconds since the request before."""

    blocks: tuple[Block, ...]
    output: int
    idle_s: float = 0.0

    @property
    def tokens(self) -> int:
        """Length of the prompt."""
        return sum(block.tokens for block in self.blocks)


class Charged(NamedTuple):
    """What a session cost beside the same with its full history."""

    relative: float
    worst: float
    """The same of its dearest beginning: it might have ended after any of its requests."""
    events: int
    requests: int


class Regime(NamedTuple):
    """Prices relative to an uncached input token, and the rules of the cache."""

    name: str
    read: float
    write: float
    output: float
    least: int = 1024
    """The smallest prompt, or prefix of one, that is cached."""
    ttl_s: float = float("inf")
    """Idle seconds after which an entry is gone; a hit refreshes it."""

    @property
    def caches(self) -> bool:
        """Whether there is a cache at all."""
        return self.read < 1


REGIMES = (
    Regime("read .1, write 1.25", 0.1, 1.25, 5),
    Regime("read .5, write 1", 0.5, 1, 4),
    Regime("no cache", 1, 1, 4),
)


@dataclass(slots=True)
class Cache:
    """A provider's prompt cache: every prefix of the prompts it was sent, for as long as the regime says."""

    regime: Regime
    clock_s: float = 0.0
    _known: dict[bytes, float] = field(default_factory=dict)

    def read(self, ask: Ask) -> int:
        """Tokens of the prompt's longest known prefix; then all its prefixes are known."""
        self.clock_s += ask.idle_s
        if not self.regime.caches or ask.tokens < self.regime.least:
            return 0
        chain, tokens, hit, intact = b"", 0, 0, True
        for block in ask.blocks:
            chain = blake2b(chain + block.name.encode(), digest_size=16).digest()
            tokens += block.tokens
            last_s = self._known.get(chain)
            intact = intact and last_s is not None and self.clock_s - last_s <= self.regime.ttl_s
            hit = tokens if intact else hit
            self._known[chain] = self.clock_s
        return hit if hit >= self.regime.least else 0


def costs(asks: Iterable[Ask], regime: Regime) -> list[float]:
    """What each request costs. What the cache does not hold is written to it, or costs 1 where nothing is cached."""
    cache, found = Cache(regime), []
    for ask in asks:
        hit = cache.read(ask)
        written = regime.write if regime.caches and ask.tokens >= regime.least else 1.0
        found.append(hit * regime.read + (ask.tokens - hit) * written + ask.output * regime.output)
    return found


def cost(asks: Iterable[Ask], regime: Regime) -> float:
    """What the session costs."""
    return sum(costs(asks, regime))


def relative(ours: Iterable[Ask], append_only: Iterable[Ask], regime: Regime) -> float:
    """What the session costs beside the same session with its full history in a warm cache."""
    return cost(ours, regime) / cost(append_only, regime)


def worst(ours: Iterable[Ask], append_only: Iterable[Ask], regime: Regime) -> float:
    """The largest `relative` of all beginnings of the session: it might have ended after any of its requests."""
    most, mine, plain = 0.0, 0.0, 0.0
    for one, other in zip(costs(ours, regime), costs(append_only, regime), strict=True):
        mine, plain = mine + one, plain + other
        most = max(most, mine / plain)
    return most


def ask_of(body: bytes, output: int, count: Callable[[str], int], *, idle_s: float = 0.0) -> Ask:
    """A request as an upstream received it: its tools (or system text) and items as blocks, in the order in which
    providers read them. `count` counts tokens of a text."""
    told = json.loads(body)
    heads = [told[key] for key in ("tools", "system", "instructions") if told.get(key)]
    items = told.get("messages", told.get("input", []))
    items = [items] if isinstance(items, str) else items
    return Ask(tuple(block_of(one, count) for one in (*heads, *items)), output, idle_s)


def block_of(item: Any, count: Callable[[str], int]) -> Block:
    """An item as a block: named by a digest of its JSON; its tokens are those of all its texts."""
    raw = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    return Block(blake2b(raw.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(), tokens_of(item, count))


def tokens_of(item: Any, count: Callable[[str], int]) -> int:
    """Tokens of what a model reads of an item: tools as JSON, of messages the texts, call names and arguments."""
    if isinstance(item, str):
        return count(item)
    if isinstance(item, Mapping) and ("role" in item or "type" in item):
        return sum(count(text) for text in _texts(item))
    return count(json.dumps(item, ensure_ascii=False, separators=(",", ":")))


SILENT = ("role", "type", "id", "call_id", "tool_call_id", "tool_use_id", "cache_control")


def _texts(item: Any) -> list[str]:
    if isinstance(item, str):
        return [item] if item else []
    if isinstance(item, Mapping):
        return [text for key, value in item.items() if key not in SILENT for text in _texts(value)]
    if isinstance(item, Sequence):
        return [text for value in item for text in _texts(value)]
    return []
