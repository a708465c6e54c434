"""What small models are asked, and how their answers are read."""

import pytest

from benchmarks.small.__main__ import parser
from benchmarks.small.lookup import drawn as lookups
from benchmarks.small.questions import LETTERS, drawn
from benchmarks.small.teams import letter


def test_questions_have_one_right_choice() -> None:
    """Four choices, all different, in an order of chance; the same seed asks the same."""
    questions = drawn(50, 1)
    assert questions == drawn(50, 1) != drawn(50, 2)
    for question in questions:
        choices = [line[3:] for line in question.text.splitlines() if line[1:3] == ". "]
        assert len(set(choices)) == 4
    assert {question.right for question in questions} == set(LETTERS)


def test_sums_are_right() -> None:
    """The letter stands before the sum."""
    question = drawn(1, 3)[0]
    one, two = (int(word.strip("?")) for word in question.text.splitlines()[0].split() if word.strip("?").isdigit())
    assert f"{question.right}. {one + two}" in question.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("So the answer is (C).", "C"),
        ("The answer is: **b**", "B"),
        ("D. 12", "D"),
        ("A or B? The answer is A", "A"),
        ("?", ""),
    ],
)
def test_answers_are_read(text: str, said: str) -> None:
    """The last choice that is named as the answer."""
    assert letter(text) == said


def test_lookups() -> None:
    """About as long as asked; the value stands in the text, once behind its key."""
    for lookup in lookups(1_000, 3, 1):
        assert 2_000 < len(lookup.text) < 4_000
        key = lookup.ask.removeprefix("What is the code of ").partition("?")[0]
        assert f"The code of {key} is {lookup.value}." in lookup.text.splitlines()


def test_what_can_be_asked_for() -> None:
    """Two parts; the rest has a default."""
    assert parser().parse_args(["teams"]).questions == 20
    with pytest.raises(SystemExit):
        parser().parse_args(["nothing"])
