"""Runs of mas2 with a member that fails: how many are put right, beside a graph that stays as it was designed.

It must not know how they are put right.
"""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.teams.play import Models, Played, asked, members
from benchmarks.teams.scenes import experts
from benchmarks.teams.world import Nature, Question, questions
from policies.ensemble import Limits
from policies.ensemble.asking import Account
from policies.ensemble.rectified import rectified
from policies.ensemble.sitting import Sitting

ILLS = {
    "late": "",
    "empty": "",
    "declines": "I'm sorry, but I can't help with that.",
    "loops": "Let me think about it once more.\n" * 9,
}
"""How a member fails, and what it says then."""


class Recovery(NamedTuple):
    """One kind of failure, of a member that sits in the team; shares of the runs."""

    ill: str
    recovered: float
    """Ended as designed, every role done and the last one heard."""
    stands: float
    """The same of a graph that has nobody but its own members to put things right with."""
    right: float
    """Right answers, put right."""
    healthy: float
    """Right answers of the same runs with nobody ill."""


def recoveries(count: int, seeds: Sequence[int], nature: Nature) -> list[Recovery]:
    """Every kind of failure. Who fails is drawn among those that the healthy run had in its team."""
    found = []
    for ill, words in ILLS.items():
        runs = [_runs(question, ill, words, nature) for seed in seeds for question in questions(count, seed)]
        shares = [sum(column) / len(runs) for column in zip(*runs, strict=True)]
        found.append(Recovery(ill, *shares))
    return found


def _runs(question: Question, ill: str, words: str, nature: Nature) -> tuple[bool, bool, bool, bool]:
    healthy = _run(question, nature)
    team = [who for _, _, who in healthy.said["graph"]]
    victim = team[int(question.draw("victim") * len(team))]
    down = (victim,) if ill == "late" else ()
    sick = _run(question, nature, down, {} if down else {victim: words})
    still = _run(question, nature, down, {} if down else {victim: words}, team)
    return _ended(sick), _ended(still), sick.letter == question.right, healthy.letter == question.right


def _ended(run: Played) -> bool:
    """Whether a run ended as it was designed, with an answer."""
    return "graph" in run.said and bool(run.letter)


def _run(
    question: Question,
    nature: Nature,
    down: Sequence[str] = (),
    ill: dict[str, str] | None = None,
    only: Sequence[str] = (),
) -> Played:
    skills = experts()
    pool = [member for member in members(skills) if not only or member.name in only]
    sitting = Sitting("mas2", asked(question), pool, Account(Limits(calls=32)))
    return Models(skills, nature, question, down, ill or {}).played(rectified(sitting))
