"""How long replies will be, from the tokens of earlier ones.

It must not know prices, nor where tokens were seen. The lesson has the form of `outcomes`, with the tokens of replies
in place of scores.
"""

from collections.abc import Sequence
from typing import Any

from policies.routing.outcomes import Outcome, shrunken
from proxy.exchange import Completion

REPLY_TOKENS = 500.0
"""Of a reply, where nothing is known of it."""
WORTH = (4.0, 10.0)
"""Replies that this counts for, and that a model's mean in all does against that of one kind of question."""


def spent(model: str, topics: Sequence[str], completion: Completion) -> Outcome | None:
    """The tokens of a whole reply, reasoning and all; None where they were not counted."""
    usage = completion.usage
    if usage is None or not usage.completion or not completion.answered:
        return None
    return Outcome(model, tuple(topics), float(usage.completion))


def reply_tokens(lesson: Any, model: str, topics: frozenset[str]) -> float:
    """The tokens to expect of a model's reply to a question of these kinds: the mean of what was seen, shrunken to what
    its replies have in all, and that to `REPLY_TOKENS`."""
    return shrunken(lesson, model, topics, REPLY_TOKENS, WORTH)[0]
