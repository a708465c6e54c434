"""What the same number of calls buys without a team: the best single model, self-consistency, a plain vote.

It must not know teams.
"""

from collections import Counter
from collections.abc import Sequence

from benchmarks.teams.world import Nature, Question, Skill, answered


def best_single(skills: Sequence[Skill]) -> Skill:
    """The model with the best accuracy over all domains; of equals the first."""
    return max(skills, key=lambda skill: skill.mean)


def single(skill: Skill, asks: Sequence[Question], nature: Nature) -> float:
    """Share of right answers of one model, asked once."""
    return _right([answered(skill, question, nature) for question in asks], asks)


def self_consistency(skill: Skill, asks: Sequence[Question], nature: Nature, calls: int) -> float:
    """The same model asked so many times, and the answer that came most often."""
    return _right([_most([answered(skill, each, nature, turn) for turn in range(calls)]) for each in asks], asks)


def vote(skills: Sequence[Skill], asks: Sequence[Question], nature: Nature, calls: int) -> float:
    """A plain majority of so many calls, going round the models; of equals what came first."""
    return _right([_most([_turn(skills, each, nature, turn) for turn in range(calls)]) for each in asks], asks)


def _turn(skills: Sequence[Skill], question: Question, nature: Nature, turn: int) -> str:
    return answered(skills[turn % len(skills)], question, nature, turn // len(skills))


def _most(letters: Sequence[str]) -> str:
    return Counter(letters).most_common(1)[0][0]


def _right(letters: Sequence[str], asks: Sequence[Question]) -> float:
    return sum(letter == question.right for letter, question in zip(letters, asks, strict=True)) / len(asks)
