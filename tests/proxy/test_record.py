"""Records: marks of bodies, and bodies that say what they repeat.

It must not know how a record is written down.
"""

from hypothesis import given
from hypothesis import strategies as st

from proxy.record import Like, Mark

PART = st.binary(max_size=8)


@given(PART, PART, PART, PART)
def test_a_rest_goes_back_between_what_it_repeats(first: bytes, last: bytes, rest: bytes, old: bytes) -> None:
    """The earlier body gives its beginning and its end, whatever stood between them."""
    like = Like("e", len(first), len(last))
    assert like.around(rest, first + old + last) == first + rest + last


@given(PART, st.integers(-20, 20), st.integers(-20, 20))
def test_what_does_not_fit_is_none(earlier: bytes, first: int, last: int) -> None:
    """A beginning and an end that overlap, or are not there, make no body."""
    fits = first >= 0 and last >= 0 and first + last <= len(earlier)
    assert (Like("e", first, last).around(b"", earlier) is not None) == fits


def test_a_mark_tells_bodies_apart() -> None:
    """Size and hash; an empty body has neither."""
    assert Mark.of(b"") == Mark()
    assert Mark.of(b"a") != Mark.of(b"b")
    assert (Mark.of(b"ab").size, len(Mark.of(b"ab").hash)) == (2, 32)
