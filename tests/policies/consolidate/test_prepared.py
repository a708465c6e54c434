"""A checkpoint made ahead: which history it is for, and until when it is worth using."""

from policies.consolidate.ledger import Branch, Checkpoint
from policies.consolidate.prepared import LATEST_S, Ahead, ahead, base_of, prepared, used
from tests.policies.consolidate.talk import asked, said, user

ITEMS = [user("a" * 400), said("b" * 400), user("c" * 400), said("d" * 400), user("e" * 400), said("f"), user("g" * 40)]
CONVERSATION = asked("responses", ITEMS).conversation
assert CONVERSATION is not None
TURNS = CONVERSATION.turns
MADE = Checkpoint(4, TURNS[3].strict.hex(), (0,), "state", {"now": 4}, 100, 10)


def count(text: str) -> int:
    return -(-len(text) // 4)


BRANCH = Branch(length=7, last=TURNS[6].strict.hex(), sizes=(100, 100, 100, 100, 100, 1, 10), whole=511)
READY = Ahead("", "e3", 5.0, done=True, checkpoint=MADE)


def test_it_is_there_again_after_the_store() -> None:
    """Whatever else is in its place counts as nothing."""
    assert ahead(READY.json()) == READY
    assert ahead(Ahead("b", "e1", 1.0).json()) == Ahead("b", "e1", 1.0)
    assert ahead({}) == ahead(None) == ahead({"by": 1, "strange": 2}) == Ahead()


def test_it_is_used_for_its_own_history_only() -> None:
    """Its cut has to lie there, and the checkpoint before it has to be the one it was made from."""
    assert READY.usable(BRANCH, TURNS) == MADE
    assert READY.usable(BRANCH, TURNS[:4]) is None
    assert READY.usable(BRANCH._replace(fork=".1234"), TURNS) is None
    other = asked("responses", [user("z"), *ITEMS[1:]]).conversation
    assert other is not None
    assert READY.usable(BRANCH, other.turns) is None
    assert READY.usable(BRANCH.condensed(MADE._replace(made="e2")), TURNS) is None
    assert Ahead("", "e3", 5.0).usable(BRANCH, TURNS) is None


def test_the_event_that_uses_it_leaves_what_came_since() -> None:
    """While that is little enough."""
    ready = prepared(READY, BRANCH, TURNS, 300, count)
    assert ready is not None
    event, made = ready
    assert (event.kept, event.tail, event.fresh, event.budget) == (100, 111, 10, 10)
    assert prepared(READY, BRANCH, TURNS, 200, count) is None
    point = used(made, BRANCH, event, "e9")
    assert (point.made, point.whole, point.kept_tokens, point.since) == ("e9", 400, 100, 0)
    assert BRANCH.condensed(point).tokens == 100 + 10 + 111


def test_none_is_asked_beside_another_nor_twice_for_an_event() -> None:
    """The base is the checkpoint that the branch stands on."""
    waits = Ahead("", "e3", 5.0)
    later = BRANCH.condensed(MADE._replace(made="e9"))
    assert base_of(later) == "e9"
    assert waits.busy(BRANCH, 6.0)
    assert waits.busy(later, 6.0)
    assert not waits.busy(later, 6.0 + LATEST_S)
    assert READY.busy(BRANCH, 6.0)
    assert not READY.busy(later, 6.0)
    assert not Ahead().busy(BRANCH, 6.0)
