"""Whether the checks can say anything."""

from policies.noise.applicable import doubts
from tests.policies.noise.team import AGGREGATE, FINANCE, WORKERS


def test_prose_in_english_can_be_checked() -> None:
    """Also where it names people with other letters."""
    assert doubts(WORKERS, AGGREGATE) == {}
    assert (
        doubts([*WORKERS, "Söderström, Łukasz and Μαρία agreed with what was said about the price."], AGGREGATE) == {}
    )


def test_fields_need_no_small_words() -> None:
    """Prose without them is of another language."""
    rows = " ".join(f"status{chr(97 + number)} approved" for number in range(20))
    assert doubts([rows, rows + " x"], rows, fielded=True) == {}
    assert "all" in doubts([rows, rows + " x"], rows)


def test_doubts_are_told_by_check() -> None:
    """What can still be checked is."""
    assert set(doubts(WORKERS, "Yes, 17.")) == {"coverage", "support"}
    assert set(doubts([FINANCE, FINANCE + "\n"], AGGREGATE)) == {"coverage"}
    assert set(doubts([], AGGREGATE)) == {"all"}
