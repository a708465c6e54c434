"""Measures teams beside what the same number of calls buys otherwise.

It must not know how figures are shown.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from statistics import mean
from typing import NamedTuple

from benchmarks.teams.play import Plan, Played, members, play
from benchmarks.teams.rivals import best_single, self_consistency, single, vote
from benchmarks.teams.scenes import Change, Scene, changes
from benchmarks.teams.world import Nature, Question, Skill, questions
from policies.ensemble import Condition, Limits
from policies.ensemble.cascade import cascade
from policies.ensemble.graph_of_agents import graph_of_agents
from policies.ensemble.self_organising import self_organising
from policies.ensemble.sitting import Ending, Sitting

TEAMS: dict[str, Plan] = {
    "goa": graph_of_agents,
    "goa-mean": partial(graph_of_agents, mean=True),
    "selforg": self_organising,
    "cascade": cascade,
}


class Row(NamedTuple):
    """One way to answer, in one scene: means over the seeds."""

    way: str
    right: float
    """Share of right answers."""
    calls: float
    """Model calls for a question."""
    single: float = 0.0
    """The best single model, one call."""
    consistent: float = 0.0
    """The best single model asked as many times."""
    voted: float = 0.0
    """A plain vote of as many calls, going round the pool from its best model on."""


def right(found: Sequence[Played], asks: Sequence[Question]) -> float:
    """Share of right answers."""
    return sum(played.letter == question.right for played, question in zip(found, asks, strict=True)) / len(asks)


def scene_rows(scene: Scene, count: int, seeds: Sequence[int], nature: Nature, *, known: bool = False) -> list[Row]:
    """Every team in a scene, and the vote of all."""
    rows = [_vote_of_all(scene, count, seeds, nature)]
    for way, plan in TEAMS.items():
        limits = Limits(seats=scene.seats, calls=32)
        runs = [_one(scene.skills, plan, limits, count, seed, nature, known=known) for seed in seeds]
        rows.append(Row(way, *(mean(column) for column in zip(*runs, strict=True))))
    return rows


class Shift(NamedTuple):
    """What a changed condition does to a team, its graph following or standing still: means over the seeds."""

    change: str
    follows: float
    """Right answers that are lost by the change, as a share of all, the graph following."""
    stands: float
    """The same with the graph as it was."""
    spent_follows: float
    spent_stands: float
    """Prices of the models asked, for a question."""
    unanswered: int
    """Questions without an answer, the graph following."""


def shifts(count: int, seeds: Sequence[int], nature: Nature) -> list[Shift]:
    """Every change, played with goa."""
    found = []
    for change in changes():
        runs = [_shift(change, questions(count, seed), nature) for seed in seeds]
        *means, unanswered = [list(column) for column in zip(*runs, strict=True)]
        follows, stands, spent_follows, spent_stands = map(mean, means)
        found.append(Shift(change.name, follows, stands, spent_follows, spent_stands, int(sum(unanswered))))
    return found


def _shift(change: Change, asks: Sequence[Question], nature: Nature) -> tuple[float, ...]:
    before, after = members(change.before, known=True), members(change.after, known=True)
    ill = [replace(each, condition=Condition(change.failing)) if each.name in change.down else each for each in after]
    limits = Limits(calls=32)
    runs = [
        play(graph_of_agents, before, change.before, nature, asks, limits=limits),
        play(graph_of_agents, ill, change.after, nature, asks, limits=limits, down=change.down),
        play(_still, before, change.before, nature, asks, limits=limits, learns=False),
        play(_still, before, change.after, nature, asks, limits=limits, down=change.down, learns=False),
    ]
    was, follows, stood, stands = [right(run, asks) for run in runs]
    spent = [mean(played.spent for played in runs[place]) for place in (1, 3)]
    return (was - follows, stood - stands, *spent, sum(not played.letter for played in runs[1]))


def _still(sitting: Sitting) -> Ending:
    """The team that was right for the question before, with nobody to take the place of one that fails."""
    sitting.pool = sitting.topology(sitting.account.limits.seats).members
    return graph_of_agents(sitting)


def _one(
    skills: Sequence[Skill], plan: Plan, limits: Limits, count: int, seed: int, nature: Nature, *, known: bool
) -> tuple[float, ...]:
    asks = questions(count, seed)
    found = play(plan, members(skills, known=known), skills, nature, asks, limits=limits)
    calls = mean(played.calls for played in found)
    best, as_many = best_single(skills), max(1, round(calls))
    ranked = sorted(skills, key=lambda skill: -skill.mean)
    return (
        right(found, asks),
        calls,
        single(best, asks, nature),
        self_consistency(best, asks, nature, as_many),
        vote(ranked, asks, nature, as_many),
    )


def _vote_of_all(scene: Scene, count: int, seeds: Sequence[int], nature: Nature) -> Row:
    skills, number = scene.skills, len(scene.skills)
    best = best_single(skills)
    runs = []
    for seed in seeds:
        asks = questions(count, seed)
        voted = vote(skills, asks, nature, number)
        runs.append((voted, number, single(best, asks, nature), self_consistency(best, asks, nature, number), voted))
    return Row("vote of all", *(mean(column) for column in zip(*runs, strict=True)))
