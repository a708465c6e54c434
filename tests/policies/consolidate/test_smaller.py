"""A tool result in fewer tokens: when it is, and when it is left."""

import json

import pytest
from hypothesis import given

from policies.consolidate.expanded import expanded
from policies.consolidate.smaller import MOST_TEXT, smaller
from tests.policies.consolidate.documents import exactly, texts

FLIGHTS = json.dumps(
    [{"flight": f"HAT{at}", "from": "JFK", "seats": {"economy": at, "business": 4}} for at in range(9)]
)


def test_json_becomes_an_outline() -> None:
    """Keys once, values all."""
    made = smaller(FLIGHTS)
    assert made is not None
    assert made.startswith("[9]{flight,from=JFK,seats.economy,seats.business=4}:\n HAT0,0\n HAT1,1\n")
    assert json.loads(expanded(made)) == json.loads(FLIGHTS)


@given(texts)
def test_nothing_is_lost_and_something_is_gained(text: str) -> None:
    """Whatever is given in its place is worth it and holds the same."""
    made = smaller(text)
    if made is not None:
        assert len(text) - len(made) >= min(40, len(text) / 10)
        assert exactly(expanded(made)) == exactly(text)


@pytest.mark.parametrize(
    "text", ["", "300.0", "Transfer successful", '{"a": 1}', "Error: no such user as you gave me, try another"]
)
def test_what_is_short_stays(text: str) -> None:
    """There is nothing to gain."""
    assert smaller(text) is None


def test_what_is_huge_stays() -> None:
    """The client would wait for it."""
    assert smaller(FLIGHTS[:-1] + " " * MOST_TEXT + "]") is None


def test_broken_json_is_text() -> None:
    """A result that was cut in the middle keeps every sign."""
    assert smaller(FLIGHTS[:-20]) is None


def test_colours_of_a_log_go() -> None:
    """Text is cleaned where that pays."""
    assert smaller("\x1b[32mok\x1b[0m\n" * 10) == "ok\n" * 10


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("", False),
        ('{"user": "ann@example.com"}', False),
        ('{"path": "web/package.json"}', True),
        ('{"command": "cat tsconfig.json"}', True),
        ('{"path": "/app/.eslintrc"}', True),
        ('{"path": "composer.lock"}', True),
        ('{"url": "https://api.example.com/v1/flights.json?from=JFK"}', False),
        ('{"text": "' + "a" * 200_000 + '"}', False),
    ],
    ids=lambda asked: str(asked)[:30],
)
def test_a_file_that_may_be_edited_stays(asked: str, left: bool) -> None:
    """An edit quotes the file as it is, so the model must see it as it is."""
    assert (smaller(FLIGHTS, asked) is None) is left
