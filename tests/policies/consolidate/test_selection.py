"""Selection: what is told in the room there is."""

from policies.consolidate.selection import Sight, chosen, offered
from policies.consolidate.sightings import Sightings
from policies.consolidate.view import talk
from tests.policies.consolidate.talk import asked, call, user

ITEMS = (
    user("Never book a night train. I need a seat to Lyon."),
    *call("messages", "c1", "find", {"to": "Lyon"}, '{"train": "TGV_6601", "price": 45, "class": "second"}'),
)


def sightings() -> Sightings:
    taken = Sightings()
    for number, turn in enumerate(talk(asked("messages", ITEMS)).turns):
        taken.take(number, turn)
    return taken


def test_the_likeliest_comes_first_and_the_visible_not_at_all() -> None:
    """What stands in the request anyway takes no room."""
    taken = sightings()
    worth = dict.fromkeys(taken.values, 0.1) | {"TGV_6601": 0.9}
    assert offered(taken, worth, Sight("", set())).literals[0] == "TGV_6601"
    assert "TGV_6601" not in offered(taken, worth, Sight("TGV_6601", {"TGV_6601"})).literals


def test_more_room_tells_more() -> None:
    """Nothing in none; everything in plenty, the user's rule before all."""
    taken = sightings()
    offer = offered(taken, dict.fromkeys(taken.values, 0.3), Sight("", set()))
    assert not chosen(offer, 10).literals
    much = chosen(offer, 4000)
    assert {"TGV_6601", "45"} <= set(much.literals)
    assert any("Never" in sentence.text for sentence in much.sentences)
    assert len(chosen(offer, 45).literals) <= len(much.literals)
