"""Journals of the embedded store: their bounds in all."""

from proxy.store import Limits
from proxy.store.journals import MOST, MOST_BYTES, Journals


def test_of_too_many_the_one_written_longest_ago_goes() -> None:
    """Not the one that began first."""
    journals = Journals(Limits())
    for number in range(MOST):
        journals.write(str(number), {"p": [b"1"]}, 1.0)
    journals.write("0", {"p": [b"2"]}, 2.0)
    journals.write("new", {"p": [b"3"]}, 3.0)
    assert journals.read("0", "p", 3.0) == [b"1", b"2"]
    assert journals.read("1", "p", 3.0) == []
    assert journals.size == MOST + 1


def test_all_together_are_bounded_and_counted() -> None:
    """What goes is taken off; what has expired goes with the next entry of anyone."""
    journals = Journals(Limits(journal_ttl_s=10.0))
    half = bytes(MOST_BYTES // 2)
    for number in range(3):
        journals.write(str(number), {"p": [half]}, 1.0)
    assert journals.size == 2 * len(half)
    assert journals.read("0", "p", 1.0) == []
    journals.write("late", {"p": [b"1"]}, 20.0)
    assert journals.size == 1
    assert journals.read("2", "p", 5.0) == []


def test_what_has_expired_is_not_gone_on_with() -> None:
    """An old journal begins anew."""
    journals = Journals(Limits(journal_ttl_s=10.0))
    journals.write("us", {"p": [b"1"]}, 1.0)
    journals.write("us", {"p": [b"2"]}, 11.0)
    assert (journals.read("us", "p", 11.0), journals.size) == ([b"2"], 1)
