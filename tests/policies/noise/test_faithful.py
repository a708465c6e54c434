"""Responses beside their source."""

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.noise.faithful import Source

SOURCE = Source(
    "The city of Bergen opened a new tram line on 3 June 2019. It connects the harbour with the university hospital "
    "and carries 12,000 passengers on a working day. The mayor, Kari Lund, praised the efficient construction. "
    "Tickets became cheaper for students, and the number of cars in the old town decreased. Shop owners supported the "
    "plan because more visitors came. The line will be extended to the airport in four years. Trams run every five "
    "minutes in the morning."
)
RETOLD = (
    "In June 2019 Bergen opened a tram line between the harbour and the university hospital, which carries {} "
    "passengers a day. Mayor {} praised the {} construction, tickets became {} for students, and the number of cars in "
    "the old town {}."
)
TRUE = ("12,000", "Kari Lund", "efficient", "cheaper", "decreased")


def test_a_small_change_counts_in_a_retelling() -> None:
    """A number, a name, an opposite, a word turned around, a denial."""
    true = SOURCE.judged(RETOLD.format(*TRUE)).score
    for place, instead in enumerate(("15,000", "Tor Berg", "inefficient", "more expensive", "never decreased")):
        told = [*TRUE]
        told[place] = instead
        assert SOURCE.judged(RETOLD.format(*told)).score > true, instead


def test_a_reply_of_its_own_has_no_ground() -> None:
    """And one that repeats the source has."""
    own = SOURCE.judged("I love ice cream, do you have a favourite flavour?")
    taken = SOURCE.judged("The new tram line connects the harbour with the university hospital.")
    assert own.score > 0.8 > 0.4 > taken.score


def test_changes_are_counted_by_kind() -> None:
    """So that they can be shown."""
    told = [*TRUE]
    told[0], told[2] = "15,000", "inefficient"
    found = SOURCE.judged(RETOLD.format(*told)).altered
    assert found["changed"] == 1
    assert found["turned"] == 1
    assert found["names"] == 0


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_pair_has_a_score(source: str, response: str) -> None:
    """Between 0 and 1."""
    assert 0 <= Source(source).judged(response).score <= 1
