"""Values that an argument may have, and what speaks for them."""

import json

from policies.prefetch.offers import MOST_OFFERS, MOST_VALUES, NAMES, Offer, Offers, field, following
from policies.prefetch.provenance import Argument
from policies.prefetch.ranking import START
from policies.prefetch.state import Seen, State
from tests.policies.prefetch.shop import ID, call

DATES = Argument({"calls": 9, "hits": {"get_trip:dates[]": [6, 9], "user:date": [3, 9]}})


def trip(*dates: str) -> State:
    """A session that has seen a trip with these dates."""
    state = State()
    state.began("The current time is 2024-05-15.")
    state.called(call("get_trip", id="T"), read_only=True, id=ID)
    state.answered(ID, json.dumps({"dates": dates}))
    return state


def said_of(offer: Offer) -> dict[str, float]:
    """Its features by name."""
    return dict(zip(NAMES, offer.features, strict=True))


def offers(state: State, argument: Argument = DATES) -> dict[str, Offer]:
    """The offers by value."""
    found = Offers(state, state.sources).of("search.date", argument, START)
    return {json.loads(each.value): each for each in found}


def test_every_feature_has_a_weight() -> None:
    """From the start."""
    assert len(NAMES) == len(START)


def test_a_date_is_named_in_words_too() -> None:
    """The one that the user speaks of comes first."""
    state = trip("2024-05-19", "2024-05-27")
    state.heard_user("The one on May 27, please.")
    found = offers(state)
    assert next(iter(found)) == "2024-05-27"
    assert said_of(found["2024-05-27"])["mentioned"] == 1
    assert said_of(found["2024-05-19"])["mentioned"] == 0


def test_what_a_phrase_stands_for_is_named_by_it() -> None:
    """As long as it was the last message that said so."""
    state, argument = State(), Argument({"calls": 4, "hits": {"alias:A3": [4, 4]}})
    state.heard_user("From Boston.")
    where = {"alias:A3": {'"BOS"': Seen(state.step)}}
    (now,) = Offers(state, where).of("search.origin", argument, START)
    assert (said_of(now)["mentioned"], said_of(now)["heard"]) == (1, 0)
    state.heard_user("Tomorrow.")
    (later,) = Offers(state, where).of("search.origin", argument, START)
    assert (said_of(later)["mentioned"], said_of(later)["heard"]) == (0, 1)


def test_the_next_of_a_list_follows_the_last_one_tried() -> None:
    """Records are counted on."""
    state = State()
    state.called(call("get_trips"), read_only=True, id=ID)
    state.answered(ID, json.dumps([{"no": "T1"}, {"no": "T2"}, {"no": "T3"}]))
    state.called(call("get_trip", no="T1"), read_only=True, id="b")
    argument = Argument({"calls": 3, "hits": {"get_trips:[].no": [3, 3]}})
    found = {each.value: each for each in Offers(state, state.sources).of("get_trip.no", argument, START)}
    assert said_of(found['"T2"'])["follows"] == 1
    assert said_of(found['"T3"'])["follows"] == 0
    assert said_of(found['"T1"'])["tried"] == 1
    assert following("r5.9") == "r5.10"


def test_what_the_surest_source_lacks_is_doubted() -> None:
    """Where a source that nearly always held it does not."""
    state = trip("2024-05-19")
    state.heard_user("2024-05-20")
    sure = Argument({"calls": 9, "hits": {"get_trip:dates[]": [9, 9], "user:date": [1, 9]}})
    found = offers(state, sure)
    assert said_of(found["2024-05-20"])["absent"] < said_of(found["2024-05-19"])["absent"]


def test_few_of_very_many_are_offered() -> None:
    """A turn costs the same, however much there is."""
    state = State()
    state.step = 24
    sources = {f"get:{part}": {f'"v{part}{number}"': Seen(number) for number in range(24)} for part in range(9)}
    argument = Argument({"calls": 9, "hits": {source: [9, 9] for source in sources}})
    made = Offers(state, sources)
    assert len(made.of("use.it", argument, START)) == MOST_OFFERS < MOST_VALUES


def test_the_field_of_a_source() -> None:
    """Its last name, of a result, an argument, or a date that was moved."""
    found = [field(each) for each in ("get_trip:flights[].date", "get_trip:date+1", "search.date()", "get_trip:")]
    assert found == ["date", "date", "date", ""]
