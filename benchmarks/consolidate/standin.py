"""A stand-in of the policy that shortens prompts by token counts alone, with the policy's own arithmetic.

It must not know words: where the policy writes a state, it puts a block of so many tokens. So the costs of marks and
decisions can be simulated in milliseconds, with prices and lengths for which nothing was recorded.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from benchmarks.consolidate.caching import Ask, Block, Regime
from policies.consolidate.lasting import Ends, remaining
from policies.consolidate.standing import Bill, Sent, billed
from policies.consolidate.tariff import Tariff
from policies.consolidate.worth import Event, default_marks, pays

STATE_SHARE = 0.35
"""The state's share of what an event leaves; the rest is the live tail."""
GROWTH_OVER = 8
"""Requests over which growth is averaged."""


class Item(NamedTuple):
    """A message: who speaks, and its block. `user`, `assistant`, `tool`, or `head` for tools and system."""

    role: str
    block: Block


class Marks(NamedTuple):
    """Above so many tokens of the conversation an event is due; it leaves so many."""

    above: int
    to: int


class Shortened(NamedTuple):
    """What was sent, and at how many of its requests the prefix was written anew."""

    asks: list[Ask]
    events: int


def tariff_of(regime: Regime) -> Tariff:
    """The regime as the policy knows it; a dollar is one uncached input token."""
    ttl_s = regime.ttl_s
    return Tariff(1.0, regime.read, regime.write, regime.output, ttl_s, regime.least, regime.caches)


def plain(items: Sequence[Item]) -> list[Ask]:
    """The session append-only: each assistant message is the answer to all before it."""
    blocks = [item.block for item in items]
    return [
        Ask(tuple(blocks[:at]), item.block.tokens) for at, item in enumerate(items) if item.role == "assistant" and at
    ]


def shortened(
    items: Sequence[Item],
    regime: Regime,
    *,
    marks: Marks | None = None,
    gated: bool = True,
    ends: Ends | None = None,
    window: int = 1_000_000,
) -> Shortened:
    """The session as the policy would send it. `gated` False: whenever a mark is passed, whatever it costs."""
    player = _Player(regime, marks, gated, ends or Ends(), window)
    for item in items:
        if item.role == "assistant":
            player.ask(item.block.tokens)
        player.hear(item)
    return Shortened(player.asks, player.events)


class _Player:
    """One session on its way."""

    def __init__(self, regime: Regime, marks: Marks | None, gated: bool, ends: Ends, window: int) -> None:
        self.tariff, self.marks, self.gated, self.ends, self.window = tariff_of(regime), marks, gated, ends, window
        self.asks: list[Ask] = []
        self.events = 0
        self.bill = Bill()
        self.head: list[Block] = []
        self.pinned: list[Block] = []
        self.state: list[Block] = []
        self.live: list[Item] = []
        self.heard = 0
        """Tokens of the client's full history."""

    def hear(self, item: Item) -> None:
        self.heard += item.block.tokens
        if item.role == "head":
            self.head.append(item.block)
        elif item.role == "user" and not self.pinned:
            self.pinned.append(item.block)
        else:
            self.live.append(item)

    def ask(self, output: int) -> None:
        before = self.asks[-1].blocks if self.asks else ()
        above, to = self.marks or default_marks(self.window, self.tariff, _sum(self.head))
        if _sum(self.pinned + self.state + self._live()) > above:
            self._consider(before, to)
        now = tuple(self.head + self.pinned + self.state + self._live())
        kept = 0
        for old, new in zip(before, now, strict=False):
            if old != new:
                break
            kept += new.tokens
        self.asks.append(Ask(now, output))
        sent = Sent(self.heard, sum(block.tokens for block in now), kept, output)
        self.bill = billed(self.bill, self.tariff, sent)

    def _consider(self, before: tuple[Block, ...], to: int) -> None:
        """Makes an event, if it pays."""
        state = round(to * STATE_SHARE)
        cut = self._cut(to - state - _sum(self.pinned))
        dropped, tail = self.live[:cut], self.live[cut:]
        state = min(state, _sum(self.state) + sum(item.block.tokens for item in dropped) // 2)
        prompt = _sum(self.head + self.pinned + self.state + self._live())
        seen = set(before)
        fresh = sum(item.block.tokens for item in tail if item.block not in seen)
        rest = sum(item.block.tokens for item in tail)
        kept = _sum(self.head + self.pinned)
        event = Event(prompt, kept, rest, fresh, state, self._growth(), self.window)
        turns = remaining(self.ends, len(self.asks) + 1)
        worth = pays(event, self.tariff, turns, spent=self.bill.plain, ahead=self.bill.ahead)
        if not dropped or (self.gated and not worth):
            return
        self.events += 1
        self.state, self.live = [Block(f"state {self.events}", state)], list(tail)

    def _cut(self, room: int) -> int:
        """Where the live tail begins: at a user or an assistant, as early as `room` allows, or the newest one."""
        starts = [at for at, item in enumerate(self.live) if item.role != "tool"]
        fitting = [at for at in starts if sum(item.block.tokens for item in self.live[at:]) <= room]
        return min(fitting, default=max(starts, default=0))

    def _growth(self) -> float:
        recent = [ask.tokens for ask in self.asks[-GROWTH_OVER:]]
        steps = [max(0, new - old) for old, new in pairwise(recent)]
        return sum(steps) / len(steps) if steps else 0.0

    def _live(self) -> list[Block]:
        return [item.block for item in self.live]


def _sum(blocks: Sequence[Block]) -> int:
    return sum(block.tokens for block in blocks)
