"""Outputs in reverse order, with their labels and ids, and nothing else moved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.noise.permuting import reversed_order
from tests.policies.noise.asking import items, request, result, user

A = "Apples are red in autumn and green before"
B = "Bears sleep in winter and wake in spring"
C = "Cows graze all summer long on the alp"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (f"Join:\n{A}.\n{B}.\n{C}.", f"Join:\n{C}.\n{B}.\n{A}."),
        (f"Join:\n\n## Ann\n{A}.\n\n## Ben\n{B}.\n\n## Cid\n{C}.\n\nEnd.",
         f"Join:\n\n## Cid\n{C}.\n\n## Ben\n{B}.\n\n## Ann\n{A}.\n\nEnd."),
        (f"Join. Ann says: {A}. Ben says: {B}! Cid says: {C}", f"Join. Cid says: {C}. Ben says: {B}! Ann says: {A}"),
        (f"1. {A}\n2. {B}\n3. {C}\n", f"3. {C}\n2. {B}\n1. {A}\n"),
    ],
)  # fmt: skip
def test_within_a_text(told: str, found: str) -> None:
    """Each with the label before it."""
    asked = reversed_order(request(told, "responses"), [A, B, C])
    assert asked is not None
    assert items(asked) == found


@pytest.mark.parametrize("form", ["chat", "responses"])
def test_as_items(form: str) -> None:
    """Results move with the ids of their calls; what stands between stays."""
    told = [user("Join."), result("1", A, form), user("and"), result("2", [{"type": "input_text", "text": B}], form)]
    asked = reversed_order(request(told, form), [A, B])
    assert asked is not None
    assert items(asked) == [told[0], told[3], told[2], told[1]]


def test_as_parts_of_an_item() -> None:
    """In Messages, results are parts."""
    parts: list[Any] = [result("1", A, "messages"), result("2", [{"type": "text", "text": B}], "messages"), user("go")]
    parts[2] = {"type": "text", "text": "go"}
    asked = reversed_order(request([user(parts)], "messages"), [A, B])
    assert asked is not None
    assert items(asked) == [user([parts[1], parts[0], parts[2]])]


@pytest.mark.parametrize(
    "told",
    [
        [user(A)],
        [user(f"{A}\n{A}\n{B}")],
        [user(f"{A}\n{B}"), user(C)],
        [user("Join.")],
        [user([{"type": "text", "text": f"{A} {B}"}, {"type": "text", "text": C}])],
    ],
)
def test_what_cannot_be_moved(told: Any) -> None:
    """One, one that stands there twice, some in one item and some in another, none at all."""
    assert reversed_order(request(told), [A, B, C]) is None


@given(st.permutations([A, B, C]), st.text(max_size=30), st.text(max_size=30))
def test_nothing_is_lost(told: list[str], before: str, between: str) -> None:
    """Whatever stands around: as many characters, the outputs the other way round."""
    text = before + between.join(told)
    if any(text.count(each) > 1 for each in told):
        return
    asked = reversed_order(request(text, "responses"), told)
    assert asked is not None
    found = items(asked)
    assert sorted(found) == sorted(text)
    assert sorted(told, key=found.index) == [*reversed(told)]
