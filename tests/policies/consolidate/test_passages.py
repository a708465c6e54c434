"""Messages in passages: nothing is lost, nothing is cut inside, each says where it stands."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.passages import LONGEST, passages, pieces
from policies.consolidate.view import talk
from tests.policies.consolidate.talk import asked, call, said, user

LEAVES = st.one_of(st.text('abc é"\\\n', max_size=80), st.integers(), st.booleans(), st.none())
KEYS = st.text("kxy_", min_size=1, max_size=6)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=8) | st.dictionaries(KEYS, inner, max_size=8), max_leaves=60
)


def leaves(node: Any) -> list[str]:
    """Every plain value, as JSON writes it."""
    if isinstance(node, dict):
        return [leaf for value in node.values() for leaf in leaves(value)]
    if isinstance(node, list):
        return [leaf for value in node for leaf in leaves(value)]
    return [json.dumps(node, ensure_ascii=False)]


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=8))
def test_every_value_of_json_stands_in_a_passage(tree: dict[str, Any]) -> None:
    """In its own spelling, wherever it was nested."""
    shown = "\n".join(piece.text for piece in pieces(json.dumps(tree, ensure_ascii=False)))
    assert all(leaf in shown for leaf in leaves(tree))


@given(st.lists(st.text("abc .!?\n", max_size=300), max_size=8).map("".join))
def test_every_word_of_prose_stands_in_a_passage(text: str) -> None:
    """And a passage is short, unless one sentence is long."""
    found = pieces(text)
    assert " ".join(piece.text for piece in found).split() == text.split()


def test_records_are_told_apart() -> None:
    """Each with the keys that lead to it and the names of what it is part of."""
    flights = [{"number": f"HAT{place}", "note": "x" * 200} for place in range(4)]
    trip = {"id": "4WQ150", "owner": "mia_li_3668", "flights": flights}
    found = pieces(json.dumps(trip))
    assert found[0].text == '{"id":"4WQ150","owner":"mia_li_3668"}'
    assert [piece.path for piece in found[1:]] == [f"flights.{place}" for place in range(4)]
    assert all("4WQ150" in piece.around for piece in found[1:])
    assert all(len(piece.text) <= LONGEST for piece in found)


def test_a_passage_tells_its_message() -> None:
    """Its number, who spoke, and of a result the call that it answers."""
    items = [
        user("Where is my bag?"),
        *call("chat", "c1", "get_bag", {"id": "B7"}, '{"place":"Lyon"}'),
        said("In Lyon."),
    ]
    turns = talk(asked("chat", items)).turns
    assert [passage.told() for passage in passages(turns, [1, 2, 3, 4])] == [
        "#1 user: Where is my bag?",
        '#2 call: get_bag({"id":"B7"})',
        '#3 result: get_bag({"id":"B7"}) → {"place":"Lyon"}',
        "#4 assistant: In Lyon.",
    ]
    assert [passage.told(first=False) for passage in passages(turns, [3])] == ['#3 {"place":"Lyon"}']
