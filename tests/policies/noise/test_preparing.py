"""Requests made ready: repetitions told once, contradictions marked, nothing lost."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.noise.conflicts import contradictions
from policies.noise.preparing import HEAD, SAME, noted, prepared
from tests.policies.noise.asking import items, request, result, user
from tests.policies.noise.team import FINANCE, LEGAL, MARKET, PEOPLE, PRODUCT, WORKERS

ONE = "The hearing in the case of Norvell Systems against the company is scheduled for 14 September 2023 at noon."
OTHER = "The hearing in the case of Norvell Systems against the company is scheduled for 21 September 2023 at noon."


TEXT = {"type": "text", "text": PEOPLE}


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("chat", [user(f"Join.\n{FINANCE}\n{PEOPLE}\n{FINANCE}")]),
        ("chat", [user("Join."), result("1", FINANCE), result("2", PEOPLE), result("3", FINANCE)]),
        ("responses", f"Join. {FINANCE}\n\n{PEOPLE}\n\n{FINANCE}"),
        ("responses", [result("1", FINANCE, "responses"), result("2", FINANCE, "responses"), user(PEOPLE)]),
        ("messages", [user([result("1", FINANCE, "messages"), result("2", FINANCE, "messages"), TEXT])]),
    ],
)
def test_a_repetition_is_told_once(form: str, told: Any) -> None:
    """Wherever it stands: the first stays, the others become a mark; every item keeps its place and ids."""
    ready = prepared(request(told, form), [FINANCE, PEOPLE, FINANCE])
    assert ready is not None
    assert (ready.repeated, ready.conflicts) == (1, 0)
    before, after, output = (json.dumps(each) for each in (told, items(ready.request), FINANCE))
    first, *rest = before.split(output[1:-1])
    assert after == first + output[1:-1] + SAME.join(rest)


def test_what_is_short_or_stands_within_another_is_not_told_less() -> None:
    """Two short answers that are the same, and an output that another one quotes."""
    assert prepared(request([user("Yes, it is.\nYes, it is.")]), ["Yes, it is.", "Yes, it is."]) is None
    quoting = f"As was said: {FINANCE} And I agree with every word of that."
    assert prepared(request([user(f"{FINANCE}\n{quoting}")]), [FINANCE, quoting]) is None


def test_contradictions_are_marked_behind() -> None:
    """With both values and their sentences; what stands before is untouched."""
    told = [user(f"{ONE}\n{OTHER}\n{PEOPLE}")]
    ready = prepared(request(told), [ONE, OTHER, PEOPLE])
    assert ready is not None
    *before, note = items(ready.request)
    assert before == told
    assert note["role"] == "user"
    assert note["content"].startswith(HEAD)
    assert "14 September 2023 (1 output: 'The hearing" in note["content"]
    assert "21 September 2023 (1 output: 'The hearing" in note["content"]


def test_votes_are_told() -> None:
    """How many say what, the most first."""
    found = contradictions([OTHER, f"{ONE} So it is.", ONE])
    assert "14 September 2023 (2 outputs" in noted(found, [OTHER, f"{ONE} So it is.", ONE]).partition(" against ")[0]


def test_fields_of_json() -> None:
    """The same field with other values."""
    told = ['{"status": "approved", "by": "ann"}', '{"status": "approved", "by": "ben"}', '{"status": "denied"}']
    ready = prepared(request([user("\n".join(told))]), told)
    assert ready is not None
    assert "approved (2 outputs" in items(ready.request)[-1]["content"]


def test_nothing_to_do() -> None:
    """Different outputs that agree."""
    assert prepared(request([user("\n".join(WORKERS))]), WORKERS) is None


@given(st.lists(st.sampled_from([FINANCE, PEOPLE, PRODUCT, LEGAL, MARKET]), min_size=1, max_size=9))
def test_no_output_is_ever_lost(told: list[str]) -> None:
    """Each stands there once, in the order of its first coming."""
    asked = request([user("\n\n".join(told))])
    ready = prepared(asked, told)
    text = items(ready.request if ready else asked)[0]["content"]
    kept = [*dict.fromkeys(told)]
    assert [text.count(each) for each in kept] == [1] * len(kept)
    assert all(text.index(one) < text.index(other) for one, other in pairwise(kept))
    assert text.count(SAME) == len(told) - len(kept)
