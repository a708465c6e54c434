"""Who writes the state where a model does: the session's own or another, and what asking it costs.

It must not know a session, marks or modes, nor what is asked.
"""

from collections.abc import Callable
from typing import NamedTuple

from policies.consolidate.question import repeats
from policies.consolidate.tariff import Tariff
from proxy.exchange import Request

INSTRUCTION = 200
"""Tokens of the question."""


class Maker(NamedTuple):
    """Who writes: the model, its prices, and whether it is asked behind the session's own prompt."""

    model: str
    tariff: Tariff
    own: bool
    window: int = 0
    """Tokens; 0: not known."""

    def price(self, prompt: int, dropped: int, state: int) -> float:
        """US dollars of asking it: `prompt` tokens were sent, `dropped` of them are to be condensed to `state`."""
        if self.own:
            return self.tariff.price(prompt + INSTRUCTION, prompt, state)
        return self.tariff.price(dropped + INSTRUCTION, 0, state)

    def holds(self, prompt: int, dropped: int, state: int) -> bool:
        """Whether its window is large enough."""
        return not self.window or (prompt if self.own else dropped) + INSTRUCTION + state <= self.window


def makes(request: Request, model: str, tariff: Tariff, other: Callable[[str], Tariff]) -> Maker:
    """Who writes for this request: the session's own model, or `model` where one is named."""
    if model and model != request.model:
        return Maker(model, other(model), own=False)
    return Maker(request.model, tariff, own=repeats(request))
