"""Who sits, as a judge reads the cards: a model is asked which members fit the question.

It must not know what the members are asked then. Source: the node sampling of Graph-of-Agents (arXiv 2604.17148).
"""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from policies.ensemble.asking import ask_members
from policies.ensemble.member import Member
from policies.ensemble.sitting import Sitting
from policies.ensemble.wording import seating
from policies.inner.bodies import alone
from policies.inner.mentions import mentioned
from policies.inner.spent import text_of
from proxy.policy import Wish

STEP = 0.05
"""Relevance by which each that is named stands behind the one before."""


def seated_by_judge(sitting: Sitting, seats: int) -> Generator[Wish, Any, None]:
    """The pool with the relevance that the judge gives its members. Without a judge, or where what it says names
    nobody, it stays as it is, and cards are read by their words."""
    pool = sitting.pool
    if not sitting.judge or len(pool) <= seats or not sitting.account.affords(1):
        return
    words = seating(sitting.question, [(member.name, member.card) for member in pool], seats)
    judge = (Member(sitting.judge), alone(sitting.request, sitting.judge, words))
    (reply,) = yield from ask_members(sitting.account, [judge], "seat")
    named = mentioned(text_of(reply), [member.name for member in pool])[:seats] if reply is not None else []
    if reply is not None and not named:
        sitting.account.malformed += 1
    if named:
        relevance = {name: 1.0 - STEP * place for place, name in enumerate(named)}
        sitting.pool = [replace(member, relevance=relevance.get(member.name, 0.0)) for member in pool]
