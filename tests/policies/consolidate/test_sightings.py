"""Sightings: who has said what, when."""

import orjson

from policies.consolidate.sightings import NEVER, Sightings, recalled
from policies.consolidate.view import talk
from tests.policies.consolidate.talk import asked, call, said, user

RESULT = '{"user": {"dob": "1990-04-05", "cards": [{"id": "card_77", "amount": 250}]}}'


def seen() -> Sightings:
    items = [
        user("Hi, I am mia_li_3668."),
        *call("chat", "c1", "get_user", {"user_id": "mia_li_3668"}, RESULT),
        said("You have card_77."),
    ]
    sightings = Sightings()
    for number, turn in enumerate(talk(asked("chat", items)).turns[1:]):
        sightings.take(number, turn)
    return sightings


def test_each_literal_knows_who_named_it() -> None:
    """The user, an argument, a result, the assistant."""
    values = seen().values
    assert (values["mia_li_3668"].by_user, values["mia_li_3668"].as_argument) == (0, 1)
    assert values["mia_li_3668"].parameter == "user_id"
    assert values["1990-04-05"].in_result == 2
    assert values["1990-04-05"].by_user == NEVER
    assert (values["card_77"].in_result, values["card_77"].by_assistant) == (2, 3)


def test_calls_and_words_are_kept_for_their_lines() -> None:
    """Under the number of the message they stood in."""
    sightings = seen()
    assert sightings.said["0"].text == "Hi, I am mia_li_3668."
    assert sightings.called["2"].name == "get_user"
    assert sightings.now == 4


def test_it_survives_the_store() -> None:
    """As strict a JSON as the store's; and goes on where it was."""
    first = seen()
    again = recalled(orjson.loads(orjson.dumps(first.memory())))
    assert again.memory() == recalled(orjson.loads(orjson.dumps(again.memory()))).memory()
    assert again.values == first.values
    assert again.called == first.called
    assert recalled({}).values == {}
