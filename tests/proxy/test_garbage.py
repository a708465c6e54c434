"""Garbage collection: what is remembered is not gone through again, and cycles are freed all the same."""

import gc
import weakref

from proxy.garbage import THOROUGH_S, paced


class Knot:
    """Refers to itself."""

    def __init__(self) -> None:
        self.self = self


def test_survivors_are_left_out_of_later_collections() -> None:
    """What lives through one full collection is not looked at by the next."""
    with paced():
        remembered = [Knot() for _ in range(1000)]
        gc.collect()
        assert not any(knot is each for each in gc.get_objects() for knot in remembered[:1])
    assert remembered


def test_fresh_cycles_are_freed() -> None:
    """A cycle that was never frozen goes with the next collection."""
    with paced():
        seen = weakref.ref(Knot())
        gc.collect()
        assert seen() is None


def test_a_frozen_cycle_waits_for_the_thorough_collection() -> None:
    """A cycle in use at the moment of freezing is freed when its time has come, not before."""
    now = [0.0]
    with paced(lambda: now[0]):
        knot = Knot()
        seen = weakref.ref(knot)
        gc.collect()
        del knot
        gc.collect()
        assert seen() is not None
        now[0] += THOROUGH_S + 1
        gc.collect()
        assert seen() is None


def test_all_is_as_before_afterwards() -> None:
    """The block leaves Python's own pace behind."""
    before = gc.get_threshold(), list(gc.callbacks)
    with paced():
        assert gc.get_threshold() != before[0]
    assert (gc.get_threshold(), list(gc.callbacks)) == before


def test_nothing_stays_frozen_afterwards() -> None:
    """A process that opens and closes many houses gets their memory back."""
    with paced():
        knot = Knot()
        seen = weakref.ref(knot)
        gc.collect()
    del knot
    gc.collect()
    assert seen() is None
