"""Search: literals by their spelling, words by how rare they are, the newest first among equals."""

import json

from hypothesis import given
from hypothesis import strategies as st

from policies.consolidate.passages import passages
from policies.consolidate.search import found
from policies.consolidate.view import talk
from proxy.conversation import Turn
from tests.policies.consolidate.talk import asked, call, said, user


def turns_of(*texts: str) -> tuple[Turn, ...]:
    """What a user said, message by message."""
    items = [item for text in texts for item in (user(text), said("Fine."))]
    return talk(asked("messages", items)).turns


def numbers(turns: tuple[Turn, ...], query: str, most: int = 3) -> list[int]:
    """The messages that are found."""
    return [hit.number for hit in found(list(passages(turns, range(len(turns)))), query, most)]


def test_an_id_is_found_by_its_spelling() -> None:
    """Whatever else the query says."""
    turns = turns_of("My order is W-2890441.", "The order of the order was an order.", "Order, please.")
    assert numbers(turns, "what was the order w-2890441 about")[0] == 0


def test_rare_words_count_more() -> None:
    """And words that say nothing do not count at all."""
    turns = turns_of("The flat has a garage.", "The flat is in Lyon.", "The flat is dear.")
    assert numbers(turns, "the flat with the garage")[0] == 0
    assert numbers(turns, "is the in a") == []
    assert numbers(turns, "") == []


def test_names_of_fields_are_words_and_spellings() -> None:
    """`payment_id` finds the field, `payments` the word; `user id` finds `userId`."""
    result = json.dumps({"userId": 7, "payment_id": "gc_1"})
    items = [user("Pay."), *call("chat", "c1", "get", {}, result), said("I took the payment."), user("Who is user 9?")]
    turns = talk(asked("chat", items)).turns
    assert numbers(turns, "payment_id")[0] == 3
    assert set(numbers(turns, "payments")) == {3, 4}
    assert numbers(turns, "user id")[0] == 3


def test_the_newest_of_equals_comes_first_and_repetitions_once() -> None:
    """What was said last holds."""
    assert numbers(turns_of("The code is 4711.", "Hello.", "The code is 4712."), "code") == [4, 0]
    assert numbers(turns_of("The code is 4711.", "Hello.", "The code is 4711."), "code") == [4]


def test_digits_do_not_run_on() -> None:
    """`x-12` is not `x-123`; it is in `x-12-b`."""
    assert numbers(turns_of("Order x-123."), "x-12") == []
    assert numbers(turns_of("Order x-12-b."), "x-12") == [0]


def test_a_message_counts_by_all_that_it_holds() -> None:
    """Its best passage first, then what the others add."""
    filler = "Nothing of that kind was told to anybody in town. " * 9
    words = ["garage", "code", "lighthouse"]
    turns = turns_of(" ".join(f"The {word}. {filler}" for word in words), *(f"A {word}." for word in words), "Rain.")
    assert numbers(turns, "code of the garage in the lighthouse")[0] == 0


def test_a_record_is_read_with_its_neighbours() -> None:
    """The one behind it, the one before it, then others that were found."""
    records = {f"v{number}": {"size": number, "note": f"kind {number} " + "long " * 60} for number in range(8)}
    items = [user("Which?"), *call("chat", "c1", "list", {}, json.dumps(records)), said("Well.")]
    turns = talk(asked("chat", items)).turns
    [hit] = found(list(passages(turns, [3])), "kind 4", 1)
    assert [passage.piece.path for passage in hit.passages[:3]] == ["v4", "v5", "v3"]
    assert len(hit.passages) == 8


@given(st.lists(st.text("abcx17_-# ", max_size=40), min_size=1, max_size=6), st.text("abcx17_-#", max_size=20))
def test_the_same_question_has_the_same_answer(texts: list[str], query: str) -> None:
    """And never more than was asked for, best first."""
    turns = turns_of(*texts)
    here = list(passages(turns, range(len(turns))))
    hits = found(here, query, 2)
    assert hits == found(here, query, 2)
    assert len(hits) <= 2
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
