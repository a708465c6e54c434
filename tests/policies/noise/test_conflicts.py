"""Workers who contradict each other."""

from policies.noise.conflicts import Conflict, conflicts, contradictions
from policies.noise.values import given, values
from tests.policies.noise.team import AGGREGATE, WORKERS


def found(workers: list[str], aggregate: str) -> list[Conflict]:
    """The conflicts."""
    return conflicts(workers, given(workers), aggregate, values(aggregate))


def test_workers_of_different_parts_do_not_contradict_each_other() -> None:
    """However many numbers they give."""
    assert not found([*WORKERS], AGGREGATE)
    assert not found(["Turku sold 12 engines in May.", "Vaasa sold 17 engines in May."], "Turku 12, Vaasa 17.")


def test_the_side_of_most_workers_comes_first() -> None:
    """With who is on it."""
    workers = [
        "The ferry to Helsinki takes 16 hours from Travemünde.",
        "The ferry to Helsinki takes 29 hours from Travemünde.",
        "The ferry from Travemünde to Helsinki takes 29 hours.",
    ]
    (each,) = found(workers, "The ferry from Travemünde to Helsinki takes 16 hours.")
    assert [(side.text, sorted(side.workers)) for side in each.sides] == [("29", [1, 2]), ("16", [0])]
    assert each.kept == (1,)
    assert each.majority_lost
    (each,) = found(workers, "The ferry from Travemünde to Helsinki takes 29 hours.")
    assert not each.majority_lost
    (each,) = found(workers[:2], "The ferry from Travemünde to Helsinki takes 29 hours.")
    assert not each.majority_lost


def test_fields_contradict_each_other_where_somebody_agrees() -> None:
    """A field that is everybody's own is no attribute of one thing."""
    assert not found(["Author: Ann", "Author: Bob", "Author: Cid"], "Ann, Bob and Cid wrote.")
    (each,) = found(["Verdict: pass", "Verdict: fail", "Verdict: pass"], "The verdict is fail.")
    assert each.about == "verdict"
    assert each.majority_lost


def test_contradictions_need_no_aggregate() -> None:
    """Nor prose: what is written as JSON is compared by its fields."""
    (each,) = contradictions(['{"berths": 12}', '{"berths": 17}', '{"berths": 17}'])
    assert [(side.text, sorted(side.workers)) for side in each.sides] == [("17", [1, 2]), ("12", [0])]
    assert not each.majority_lost
    assert not contradictions(['{"berths": 12}', '{"berths": 12}'])
