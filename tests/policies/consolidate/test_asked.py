"""What users asked for by name: a record and a field of it in one sentence."""

import json

import pytest

from policies.consolidate.asked import Asked, asked
from policies.consolidate.sightings import Sightings
from policies.consolidate.state import extract
from policies.consolidate.view import talk
from proxy.conversation import Turn
from tests.policies.consolidate.talk import asked as request
from tests.policies.consolidate.talk import call, said, user

SHIPMENTS = {
    "query": "Mara Ilves",
    "matches": [
        {"recipient": "Jonas Brandt", "tracking": "TRK-111111", "arrives": "2031-01-02", "fee_eur": "12.50"},
        {"recipient": "Mara Ilves", "tracking": "TRK-222222", "arrives": "2032-03-04", "fee_eur": "99.95"},
    ],
}
FOUND = call("chat", "c1", "track_shipment", {"recipient": "Mara Ilves"}, json.dumps(SHIPMENTS))


def turns(*items: dict[str, object]) -> list[tuple[int, Turn]]:
    return list(enumerate(talk(request("chat", items)).turns))


def sightings(*items: dict[str, object]) -> Sightings:
    found = Sightings()
    for place, turn in turns(*items):
        found.take(place, turn)
    return found


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Find the arrival date of Mara Ilves's shipment. I shall ask for it later.", "2032-03-04"),
        ("Thanks! And what is the fee that Mara Ilves paid?", "99.95"),
        ("I need the tracking number for Mara Ilves", "TRK-222222"),
    ],
)
def test_a_sentence_asks_for_a_field_of_the_record_that_it_names(words: str, value: str) -> None:
    """No other field, and the neighbour's record is known as such."""
    found = asked(sightings(user(words), *FOUND), ())
    assert found.named == {value}
    assert found.beside == {"Jonas Brandt", "TRK-111111", "2031-01-02", "12.50"}


def test_a_sentence_that_names_no_record_or_no_field_asks_for_nothing() -> None:
    """Neither a field of any record nor any field of a record."""
    assert asked(sightings(user("When does it arrive?"), *FOUND, user("Mara Ilves is my sister.")), ()) == Asked()


def test_what_stays_in_sight_asks_too() -> None:
    """The first task is not condensed, and lists what is wanted."""
    found = sightings(user("Go on."), *FOUND)
    assert asked(found, ["1. the city of Ada Soto's booking\n2. the fee of Mara Ilves's shipment"]).named == {"99.95"}


def test_a_small_state_tells_it_with_its_call() -> None:
    """Where there is no room for all that the tools returned."""
    wanted = user("Find the fee of Mara Ilves's shipment. I shall ask for it later.")
    others = [
        item
        for place in range(2, 30)
        for item in call("chat", f"c{place}", "look", {"id": f"AB{place}"}, json.dumps({"id": f"AB{place}", "n": "5"}))
    ]
    dropped = turns(wanted, *FOUND, *others, said("Done."))
    _, text = extract({}, dropped, "", budget=90, count=lambda text: len(text) // 4)
    line = next(line for line in text.splitlines() if "99.95" in line)
    assert "track_shipment(Mara Ilves)" in line
