"""Answers found in replies: choices, numbers, calls, documents, a few words; none in open text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.ensemble.extraction import answer, options, refusal
from proxy.conversation import ToolCall, Turn

CHOICES = "Which one?\nA. red\nB. green\nC. blue\nD. none of these"


def found(text: str, question: str = "") -> tuple[str, str] | None:
    return answer((Turn("assistant", text),), question)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("(B)", "B"),
        ("**B.**", "B"),
        ("B. green", "B"),
        ("The answer is B.", "B"),
        ("The answer is (B).", "B"),
        ("the correct answer is: **B**", "B"),
        ("Answer: B) green, because it is not red", "B"),
        (r"Therefore \boxed{B}.", "B"),
        (r"The final answer is $\boxed{\text{(B)}}$", "B"),
        ("First I thought the answer is A. But no, the answer is B", "B"),
        ("Let me think. Green it is, so option B", "B"),
    ],
)
def test_choices(text: str, letter: str) -> None:
    """However a letter is dressed; of several the last."""
    assert found(text, CHOICES) == ("choice", letter)


@pytest.mark.parametrize("text", ["I like all of them.", "The answer is a matter of taste.", "The answer is Z", ""])
def test_no_choice(text: str) -> None:
    """Words that begin with a letter are no choice, and what is not offered is none."""
    assert found(text, CHOICES) is None


def test_options() -> None:
    """Lines with letters in order, two or more."""
    assert options(CHOICES) == "ABCD"
    assert options("(A) one\n(B) two") == "AB"
    assert options("I. Introduction\nX. End") == ""
    assert options("A. only one") == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("42", "42"),
        ("$1,234.50", "1234.5"),
        ("So 6 times 7 makes it.\n#### 42", "42"),
        (r"\boxed{42}", "42"),
        ("The answer is 42.", "42"),
        ("The answer is: $42", "42"),
        ("The result is -0.5", "-0.5"),
        ("1e3", "1000"),
        ("42.0", "42"),
    ],
)
def test_numbers(text: str, number: str) -> None:
    """In one spelling."""
    assert found(text) == ("number", number)


def test_documents_calls_and_words() -> None:
    """JSON by its value, calls by name and canonical arguments, short words without case and stops."""
    assert found('{"b": 1, "a": [2]}') == found('```json\n{"a": [2], "b": 1}\n```') == ("document", '{"a":[2],"b":1}')
    calls = (ToolCall("1", "look", '{"b": 1, "a": 2}'), ToolCall("2", "go", ""))
    assert answer((Turn("assistant", "", calls),)) == ("call", 'go({});look({"a":2,"b":1})')
    assert found("Yes.") == found("yes") == ("words", "yes")
    assert found("It was a bright cold day in April, and the clocks were striking.") is None


def test_refusals() -> None:
    """Short and plain ones; an answer that speaks of them is none."""
    assert refusal("I'm sorry, but I can't help with that.")
    assert refusal("I cannot provide that information.")
    assert not refusal("You can't help with that" + " because of this and that" * 30)
    assert not refusal("The answer is B.")


@given(st.text(), st.sampled_from(["", CHOICES]))
def test_never_raises(text: str, question: str) -> None:
    """Whatever a model says."""
    assert found(text, question) is None or found(text, question)
