"""A request, and what its condensing depends on: mode, prices, marks, and who makes the state.

It must not know a ledger, nor how anything is made.
"""

import re
from typing import NamedTuple

from policies.consolidate.choice import Marks, Stand, due
from policies.consolidate.event import Plan
from policies.consolidate.ledger import Branch, Checkpoint
from policies.consolidate.maker import Maker
from policies.consolidate.tariff import Tariff
from proxy.exchange import Request

_HOUR = re.compile(rb'"cache_control"\s*:\s*\{[^{}]*"ttl"\s*:\s*"1h"')


class Case(NamedTuple):
    """A request as the client sent it, and what its condensing depends on."""

    request: Request
    mode: str
    tariff: Tariff
    frame: int
    """Tokens of instructions and tools."""
    marks: Marks
    window: int
    maker: Maker | None = None
    """Where a model makes the state."""
    contract: int = 0
    """Tokens of what the model is told, where it keeps its own state."""

    @property
    def changes(self) -> bool:
        """Whether requests are changed."""
        return self.mode != "shadow"

    def due(self, branch: Branch, event: Plan, stand: Stand, *, asks: bool = False) -> bool:
        """Whether an event pays now; `asks`: with a model that has not been paid yet."""
        dollars = 0.0
        if self.maker and asks:
            dropped = branch.tokens - event.kept - event.tail
            dollars = self.maker.price(self.frame + branch.tokens, dropped, event.budget)
        return due(branch, event, self.marks, stand, self.tariff, self.frame, self.window, dollars)

    def estimate(self, sent: int, made: Checkpoint) -> float:
        """US dollars that a model would have taken for a checkpoint where none is asked, after a request of so many
        tokens of conversation."""
        if self.maker is None or self.mode != "shadow":
            return 0.0
        return self.maker.price(self.frame + sent, max(0, sent - made.kept_tokens), made.text_tokens)


def lifetime(request: Request) -> str:
    """How long the provider shall keep the prompt, as the request asks for it: `1h`, `24h`; empty where it does not."""
    if request.form == "messages":
        return "1h" if _HOUR.search(request.body) else ""
    asked = request.fields.get("prompt_cache_retention")
    return asked if asked == "24h" else ""
