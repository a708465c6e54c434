"""What the calls of a plan have used, and what one of them said.

It must not know who was asked, nor what for. It has no clock: time is read off the replies.
"""

from collections.abc import Iterable
from typing import NamedTuple

from proxy.conversation import Turn
from proxy.exchange import Completion, Usage
from proxy.policy import Failure


class Spent(NamedTuple):
    """What the calls of a plan have used so far."""

    calls: int = 0
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    usd: float = 0.0
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """Prompt and answers together."""
        return self.prompt + self.completion

    def within(self, tokens: int, usd: float) -> bool:
        """Whether less has been spent than so many tokens and US dollars. Zero: no limit."""
        return (not tokens or self.tokens < tokens) and (not usd or self.usd < usd)

    def plus(self, usage: Usage, usd: float) -> "Spent":
        """With one call more."""
        return Spent(
            self.calls + 1,
            self.prompt + usage.prompt,
            self.completion + usage.completion,
            self.cached + usage.cached,
            self.cache_write + usage.cache_write,
            self.reasoning + usage.reasoning,
            self.usd + usd,
            self.seconds,
        )

    def less(self, usage: Usage) -> "Spent":
        """Without the tokens of one call, which are told elsewhere."""
        return self._replace(
            prompt=max(0, self.prompt - usage.prompt),
            completion=max(0, self.completion - usage.completion),
            cached=max(0, self.cached - usage.cached),
            cache_write=max(0, self.cache_write - usage.cache_write),
            reasoning=max(0, self.reasoning - usage.reasoning),
        )


NOTHING = Spent()


def cost_of(reply: Completion | Failure | None) -> tuple[Usage, float]:
    """The tokens and US dollars of a reply, also of one that failed, as far as they are known."""
    completion = reply.completion if isinstance(reply, Failure) else reply
    if completion is None:
        return Usage(), 0.0
    return completion.usage or Usage(), completion.cost or 0.0


def text_of(completion: Completion) -> str:
    """What was said, without white space around it."""
    return words_of(completion.turns).strip()


def words_of(turns: Iterable[Turn]) -> str:
    """What these turns say, one below the other, as it stands there: without calls and results."""
    return "\n".join(turn.text for turn in turns if turn.text)
