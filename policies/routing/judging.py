"""A model that reads the cards and says which of them fits the question: one call before the answer.

It must not know how models are weighed without it, nor the road.
"""

from collections.abc import Generator, Sequence
from typing import Any

from policies.inner.bodies import alone, named, question
from policies.inner.mentions import mentioned
from policies.inner.spent import NOTHING, cost_of, text_of
from policies.routing.choice import Candidate
from proxy.exchange import Request
from proxy.policy import Call, Failure, Say, Wish, ask

PATIENCE_S = 10.0
"""Seconds that the judge is waited for; then the choice that was made without it counts."""
MOST = 6_000
"""Characters of a question that it is shown: its end."""
SIMPLE = "If several would do, name the cheaper one first."
Ending = Generator[Wish, Any, Call]


def judged(request: Request, candidates: Sequence[Candidate], judge: str) -> Ending:
    """The plan: the judge is asked, then the model that it names; the others stand by in the order of their worth.
    `candidates` are those that can serve, the worthiest first."""
    names = [each.model.name for each in candidates]
    reply = yield from ask(Call(alone(request, judge, choosing(question(request), candidates)), "route", PATIENCE_S))
    said = [] if isinstance(reply, Failure) else mentioned(text_of(reply), names)
    chosen = said[0] if said else names[0]
    spent = NOTHING.plus(*cost_of(reply))
    missed = reply.reason if isinstance(reply, Failure) else "its reply names none"
    why = f"{judge} chose {chosen} of {len(names)}" if said else f"{chosen}, without {judge}: {missed}"
    yield from ask(Say(why, {"bill": list(spent), "judged": bool(said)}))
    others = [name for name in names if name != chosen]
    return Call(named(request, chosen), instead=tuple(named(request, name) for name in others))


def choosing(asked: str, candidates: Sequence[Candidate]) -> str:
    """What the judge is asked."""
    told = "\n".join(f"- {_card(each)}" for each in candidates)
    return (
        f"Which of these models should answer the question below? Reply with nothing but one name. {SIMPLE}\n\n"
        f"Models:\n{told}\n\nQuestion:\n{asked[-MOST:]}"
    )


def _card(candidate: Candidate) -> str:
    card = candidate.model.card
    good = f" Good at {', '.join(card.skills)}." if card.skills else ""
    price = "" if candidate.cost is None else f" About ${candidate.cost:.2g} for this question."
    return f"{candidate.model.name}: {card.text.strip() or 'Nothing is known of it.'}{good}{price}"
