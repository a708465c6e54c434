"""Words by what they do."""

from policies.noise.lexicon import EMPTY_WORDS, EXCLUSIVES, GRIM, NEGATORS, OPPOSITES, SELF, TELLING


def test_opposites_go_both_ways() -> None:
    """And no word is its own."""
    assert "fall" in OPPOSITES["rise"]
    for word, others in OPPOSITES.items():
        assert word not in others
        assert all(word in OPPOSITES[other] for other in others)


def test_lists_are_of_words_in_lower_case() -> None:
    """None of them is empty."""
    for each in (EMPTY_WORDS, EXCLUSIVES, GRIM, NEGATORS, SELF, TELLING):
        assert each
        assert all(word == word.lower() and word.strip() == word for word in each)
