"""Right answers hold the value word for word; intervals are Wilson's."""

import pytest

from benchmarks.consolidate.objectives.scoring import right, wilson


@pytest.mark.parametrize(
    "answer", ["2031-04-17", "It is on 2031-04-17.", '"2031-04-17"', "The day: 2031-04-17, room 4"]
)
def test_the_value_in_any_sentence_is_right(answer: str) -> None:
    """With what stands around it."""
    assert right("2031-04-17", answer)


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("2031-04-17", "17 April 2031"),
        ("12.50", "112.50"),
        ("12.50", "12.505"),
        ("12.50", "12.5"),
        ("INV-204815", "INV-2048155"),
        ("Riga", "Rigatoni"),
        ("Riga", ""),
    ],
)
def test_another_spelling_or_a_part_of_something_is_wrong(value: str, answer: str) -> None:
    """The tool's spelling was asked for."""
    assert not right(value, answer)


def test_case_does_not_matter_and_a_stop_may_follow() -> None:
    """Amounts at the end of a sentence."""
    assert right("K7QZ4T", "k7qz4t")
    assert right("12.50", "The fee is 12.50.")


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)]
)
def test_wilson(hits: int, of: int, low: float, high: float) -> None:
    """Known values."""
    found = wilson(hits, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    assert found.share == hits / of


def test_none_of_none_is_no_share() -> None:
    """Nor more than all."""
    for hits, of in ((0, 0), (3, 2)):
        with pytest.raises(ValueError, match="no share"):
            wilson(hits, of)
