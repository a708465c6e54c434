"""What an exchange used and what that cost: the provider's own counts, else an estimate; a price, else nothing.

It must not know a wire form, the store, or any policy; counting and prices are handed in.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from proxy.conversation import Conversation, Turn
from proxy.exchange import Exchange, Usage
from proxy.wire import Outcome

PER_TURN = 4
"""Tokens that a message's own framing takes, about, in the chat forms."""
MOST_KNOWN = 16_384
MOST_READ = 65_536
"""Characters of one turn that are counted exactly; the rest of a longer one is taken in proportion."""


class Priced(Protocol):
    """A price list."""

    def cost(
        self, model: str, usage: Usage, *, upstream_url: str = "", at: float | None = None, service_tier: str = ""
    ) -> float | None:
        """US dollars; None when the price is not known."""


class Charge:
    """Tokens and US dollars of an exchange.

    Where the provider counted, its counts stand. Where it did not (a stream without `include_usage`), tokens are
    counted here, each turn once: the count up to a turn is kept by the turn's digest, so that a session of 200 turns
    costs no more to count than one of 5.
    """

    def __init__(self, count: Callable[[str], int], prices: Priced, urls: Callable[[str], str]) -> None:
        """`urls` gives an upstream's URL by its name."""
        self._count = count
        self._prices = prices
        self._urls = urls
        self._known: OrderedDict[bytes, int] = OrderedDict()

    def __call__(self, exchange: Exchange, outcome: Outcome, upstream: str) -> tuple[Usage | None, float | None]:
        """The usage, None when nothing is known of it, and its cost."""
        usage = outcome.usage or self._estimate(exchange.request.conversation, outcome)
        if usage is None:
            return None, None
        model = outcome.model or exchange.request.model
        cost = self._prices.cost(
            model, usage, upstream_url=self._urls(upstream), at=exchange.now, service_tier=outcome.tier
        )
        return usage, cost

    def _estimate(self, conversation: Conversation | None, outcome: Outcome) -> Usage | None:
        if conversation is None or not outcome.turns:
            return None
        said = sum(self._tokens(turn) - PER_TURN for turn in outcome.turns)
        return Usage(self._prompt(conversation.turns), said, estimated=True)

    def _prompt(self, turns: tuple[Turn, ...]) -> int:
        """Tokens of all turns: those of the longest known beginning, and of what has come since."""
        new: list[Turn] = []
        total = 0
        for turn in reversed(turns):
            known = self._known.get(turn.strict)
            if known is not None:
                total = known
                break
            new.append(turn)
        for turn in reversed(new):
            total += self._tokens(turn)
            self._known[turn.strict] = total
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return total

    def _tokens(self, turn: Turn) -> int:
        text = "\n".join(
            (
                turn.text,
                *(call.name + call.arguments for call in turn.calls),
                *(result.text for result in turn.results),
            )
        )
        if len(text) <= MOST_READ:
            return self._count(text) + PER_TURN
        return self._count(text[:MOST_READ]) * len(text) // MOST_READ + PER_TURN
