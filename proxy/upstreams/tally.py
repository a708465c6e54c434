"""Counts a conversation's tokens as a provider with a prompt cache would: each turn once, prefixes seen before cheap.

It must not know wire forms or who asks. Source of the cache's rules: OpenAI, "Prompt caching" (prefixes of 1024
tokens and more, in steps of 128).
"""

from collections.abc import Callable, Sequence

from proxy.conversation import Turn
from proxy.exchange import Usage

LEAST_CACHED = 1024
STEP = 128
MOST_KEPT = 200_000
"""Prefixes remembered; then all are forgotten."""


class Tally:
    """Tokens up to each turn, by the turn's strict digest, and which prefixes were sent before.

    A conversation that grows costs one count for each new turn.
    """

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self._upto: dict[bytes, int] = {}

    def usage(self, turns: Sequence[Turn], reply: Turn) -> Usage:
        """Tokens of a prompt and its reply; the prompt counts as sent from now on."""
        if len(self._upto) > MOST_KEPT:
            self._upto.clear()
        known = len(turns)
        while known and turns[known - 1].strict not in self._upto:
            known -= 1
        seen = self._upto[turns[known - 1].strict] if known else 0
        total = seen
        for turn in turns[known:]:
            total += self.tokens(turn)
            self._upto[turn.strict] = total
        cached = seen // STEP * STEP if seen >= LEAST_CACHED else 0
        return Usage(prompt=total, completion=self.tokens(reply), cached=cached)

    def tokens(self, turn: Turn) -> int:
        """Tokens of one turn: its words, its calls, its results."""
        texts = [turn.text, *(result.text for result in turn.results)]
        texts += [text for call in turn.calls for text in (call.name, call.arguments)]
        return sum(self._count(text) for text in texts if text)
