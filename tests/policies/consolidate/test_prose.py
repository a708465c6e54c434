"""Prose: what stands out in running text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.prose import standing_out


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("Please write to Amelia Ahmed, not to Omar.", ["Amelia Ahmed", "Omar"]),
        ("Hello there. Today I fly.", []),
        ("call f(a_1, b-2) on 2024-05-20!", ["a_1", "b-2", "2024-05-20"]),
        ("From SEA to JFK with iPhone", ["SEA", "JFK", "iPhone"]),
        ("Order #W123 is “on its way”", ["#W123", "on its way"]),
        ("", []),
    ],
)
def test_what_stands_out(text: str, out: list[str]) -> None:
    """Names within a sentence, words that are more than letters, quotations; no words at a sentence's beginning."""
    assert standing_out(text) == out


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Nothing comes out that did not stand there."""
    flat = " ".join(text.split())
    assert all(part in text or part in flat for part in standing_out(text))
