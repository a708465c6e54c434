"""The ledger: which history a request goes on with, and what was sent in its place."""

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.ledger import MOST_BRANCHES, Branch, Checkpoint, Ledger, mark, recall
from proxy.conversation import Turn, extend


def history(*texts: str) -> tuple[Turn, ...]:
    """Turns that say these texts, user and assistant in turn, with their digests."""
    turns: list[Turn] = []
    chain = strict = b""
    for place, text in enumerate(texts):
        turn = Turn("assistant" if place % 2 else "user", text)
        chain, strict = extend(chain, strict, turn)
        turns.append(turn._replace(chain=chain, strict=strict))
    return tuple(turns)


def cut(turns: Sequence[Turn], start: int) -> Checkpoint:
    return Checkpoint(start, turns[start - 1].strict.hex(), (0,), "so far", {}, 1, 2)


def ten(_place: int) -> int:
    return 10


def test_a_growing_history_is_measured_once() -> None:
    """Each turn when it is new, none again."""
    measured: list[int] = []

    def size(place: int) -> int:
        measured.append(place)
        return 10

    turns = history("a", "b", "c", "d", "e")
    branch = Branch().grown(turns[:3], size).grown(turns, size)
    assert measured == [0, 1, 2, 3, 4]
    assert branch.tokens == 50


def test_after_an_event_only_the_tail_is_measured() -> None:
    """The checkpoint stands for the rest."""
    turns = history("a", "b", "c", "d", "e")
    branch = Branch().grown(turns, ten).condensed(cut(turns, 3))
    assert (branch.sizes, branch.tokens) == ((10, 10), 23)
    assert branch.grown(history("a", "b", "c", "d", "e", "f"), ten).tokens == 33


def test_another_way_behind_the_cut_keeps_the_checkpoint() -> None:
    """And its tail is measured again; the branch it left stays as it was."""
    turns, other = history("a", "b", "c", "d", "e"), history("a", "b", "c", "x", "y")
    branch = Branch().grown(turns, ten).condensed(cut(turns, 3))
    ledger = Ledger().then(None, branch, 1.0)
    found = ledger.branch(other)
    assert found == branch
    assert not branch.goes_on(other)
    forked = branch.grown(other, lambda _: 7)
    assert forked.tokens == 3 + 14
    both = ledger.then(None, forked, 2.0)
    assert both.branch(turns) == branch
    assert both.branch(other) == forked


def test_another_way_before_the_cut_goes_in_full() -> None:
    """Never with a checkpoint of words that were not said."""
    turns = history("a", "b", "c", "d", "e")
    ledger = Ledger().then(None, Branch().grown(turns, ten).condensed(cut(turns, 3)), 1.0)
    assert ledger.branch(history("a", "x", "c", "d", "e")) is None
    assert ledger.branch(turns[:3]) is None


def test_side_questions_push_out_no_more_than_the_oldest() -> None:
    """A few histories are remembered, the newest of them."""
    ledger = Ledger()
    for name in "abcdef":
        ledger = ledger.then(None, Branch().grown(history(name), ten), 1.0)
    assert len(ledger.branches) == MOST_BRANCHES
    assert ledger.branch(history("f")) is not None
    assert ledger.branch(history("a")) is None


@given(st.lists(st.text(max_size=5), min_size=2, max_size=8), st.data())
def test_it_survives_the_store(texts: list[str], data: st.DataObject) -> None:
    """JSON and back is the same ledger."""
    turns = history(*texts)
    start = data.draw(st.integers(1, len(turns) - 1))
    branch = Branch().grown(turns, ten)._replace(small={"1": mark(turns[1])}).condensed(cut(turns, start))
    ledger = Ledger().then(None, branch, 5.0).then(None, Branch().grown(turns[:1], ten), 6.0)
    assert recall(json.loads(json.dumps(ledger.memory()))) == ledger


def test_what_is_not_ours_is_blank() -> None:
    """A memory of another making is as good as none."""
    broken = {"branches": [{"no": "field"}], "at": 1, "rests": False, "purse": {}}
    others: tuple[object, ...] = (None, 3, [], {}, broken)
    for strange in others:
        assert recall(strange) == Ledger()


def test_what_still_stands_where_it_stood() -> None:
    """Up to the first turn that another one stands before now, or that was sent in fewer words."""
    branch = Branch().grown(history("a", "b", "c", "d", "e"), ten)
    assert branch.still((0, 1, 4), 0) == 2
    assert branch.still((1, 2), 1) == 2
    assert branch.still((1, 2), 0) == 0
    assert branch._replace(small={"1": "x"}).still((0, 1), 0) == 1
    later = branch.condensed(cut(history("a", "b", "c", "d", "e"), 3))
    assert later.still((0, 3), 0) == 1
