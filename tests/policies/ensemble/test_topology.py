"""The same question under changed conditions: another graph, and the reason why."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.ensemble.member import Condition, Member, Past, Record, edge_name
from policies.ensemble.topology import learned, most_able, topology

POOL = [
    Member("general", "A generalist for everyday questions, writing and summaries.", skill=0.6, price=1.0),
    Member("math", "Mathematics: algebra, geometry, integrals, proofs, word problems.", skill=0.55, price=1.0),
    Member("code", "Programming: Python, functions, debugging, algorithms.", skill=0.55, price=1.0),
    Member("law", "Law: contracts, courts, statutes, legal reasoning.", skill=0.55, price=1.0, tools=False),
]
SUM = "Solve the integral of x squared and give the algebraic proof."


def names(pool: list[Member], question: str = SUM, **told: object) -> list[str]:
    return [member.name for member in topology(question, pool, seats=2, **told).members]  # type: ignore[arg-type]


def test_the_question_decides_who_sits() -> None:
    """The card nearest to the question leads."""
    assert names(POOL)[0] == "math"
    assert names(POOL, "Which court hears a breach of contract under this statute?")[0] == "law"
    assert names(POOL, "Debug this Python function.")[0] == "code"


def changed(pool: Sequence[Member], name: str, **fields: Any) -> list[Member]:
    """The pool with one member changed."""
    return [replace(member, **fields) if member.name == name else member for member in pool]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"condition": Condition(resting="rate limited")}, "rate limited"),
        ({"condition": Condition(failure_rate=0.9)}, "fails 90%"),
        ({"price": 64.0, "skill": 0.4}, "dear"),
        ({"card": "Poems and songs in French.", "skill": 0.5}, "is less"),
    ],
)
def test_a_changed_condition_changes_the_graph_and_says_why(change: dict[str, object], why: str) -> None:
    """Resting, failing, made dear, or with another card: the leader is another one."""
    assert names(POOL)[0] == "math"
    found = topology(SUM, changed(POOL, "math", **change), seats=2)
    assert "math" not in [member.name for member in found.members]
    assert why in found.left_out["math"]
    assert why in found.reason


def test_a_slow_member_goes_down() -> None:
    """Slower than the others by far, with a card no better: the last one."""
    pool = [Member(name, condition=Condition(latency_s=1.0)) for name in ("one", "two", "three")]
    slow = changed(pool, "one", condition=Condition(latency_s=30.0))
    assert [member.name for member in topology("hello", slow, seats=3).members] == ["two", "three", "one"]


def test_a_member_that_fails_within_a_run_is_replaced() -> None:
    """What has gone is left out with its reason, and the next best sits down."""
    found = topology(SUM, POOL, seats=2, gone={"math": "timed out"})
    assert len(found.members) == 2
    assert found.left_out["math"] == "timed out"


def test_tools_at_hand() -> None:
    """Where tools are needed, who cannot call them does not sit."""
    found = topology("Which court hears a contract?", POOL, seats=4, tools=True)
    assert found.left_out == {"law": "cannot call tools"}


def test_a_new_card_and_a_routers_word_count() -> None:
    """A model upgraded by its card, or scored by a router, moves up."""
    upgraded = changed(POOL, "general", card="Mathematics: integral calculus, algebra, proofs; solves squares.")
    assert names(upgraded)[0] == "general"
    assert names(changed(POOL, "law", relevance=1.0), SUM)[:2] == ["math", "law"]


def test_everybody_rests() -> None:
    """Then the pool is used as it is."""
    pool = [Member(name, condition=Condition(resting="failing")) for name in "ab"]
    assert [member.name for member in topology("hello", pool, seats=2).members] == ["a", "b"]
    assert topology("hello", [], seats=2).reason == "nobody | 0 edges"


def test_edges_learn_from_outcomes() -> None:
    """An edge that has never helped goes; one that has, stays; both say so by their score."""
    seats = topology(SUM, POOL, seats=2)
    edge = seats.edges[0]
    past = Past(edges={edge_name(edge.source, edge.target): Record(100, 5)})
    assert not topology(SUM, POOL, seats=2, past=past).edges
    good = Past(edges={edge_name(edge.source, edge.target): Record(100, 95)})
    assert topology(SUM, POOL, seats=2, past=good).edges[0].score > edge.score
    assert seats.joins(edge.target, edge.source)


def test_members_learn_from_outcomes() -> None:
    """Who agrees with the team is believed more; old counts fade."""
    past = Past()
    for _ in range(50):
        past = learned(past, {"code": True, "general": False}, {})
    assert most_able(POOL, past) is POOL[2]
    assert most_able(POOL) is POOL[0]
    assert most_able([]) is None
    for _ in range(500):
        past = learned(past, {"code": True}, {})
    assert past.members["code"].used <= 201


@given(st.lists(st.tuples(st.text(max_size=30), st.floats(0, 1), st.floats(0, 1)), max_size=6), st.text(max_size=60))
def test_always_acyclic_and_complete(drawn: list[tuple[str, float, float]], question: str) -> None:
    """Every member sits or has a reason, and edges go down the order."""
    pool = [
        Member(f"m{place}", card, skill, condition=Condition(rate)) for place, (card, skill, rate) in enumerate(drawn)
    ]
    found = topology(question, pool, seats=3)
    order = [member.name for member in found.members]
    assert sorted([*order, *found.left_out]) == sorted(member.name for member in pool)
    assert all(order.index(edge.source) < order.index(edge.target) for edge in found.edges)
