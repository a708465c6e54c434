"""What teams learn: how members are doing, who agrees in the end, who is better not read."""

from policies.ensemble.lesson import MOST_MEMBERS, fold, of_one_mind, outcome, past_of, present
from policies.ensemble.member import Member, Past, Record
from policies.ensemble.topology import topology
from proxy.roster import Card, Health, Model, Price, Roster

FACTS = {
    "members": {"one": [2, 0, 0.5], "two": [1, 1, 0.0], "three": [1, 0, 0.1]},
    "said": {"one": "abc", "two": "def", "three": "abc", "four": "", "five": "abc"},
    "read": [["one", "two", "abc"], ["one", "three", "def"], ["three", "two", ""]],
}


def test_members_are_held_against_their_peers() -> None:
    """Who says what most others say is of one mind, whatever the team said in the end; one alone, or without a
    comparable answer, tells nothing."""
    assert outcome(FACTS, "def")["agreed"] == {"one": True, "two": False, "three": True, "five": True}
    assert of_one_mind({"one": "abc", "two": "", "three": "abc"}) == {}


def test_where_all_differ_nobody_is_wrong() -> None:
    """The one expert of a team is not to be held against a crowd that does not agree with itself."""
    assert of_one_mind({"one": "abc", "two": "def", "three": "ghi"}) == {}
    assert of_one_mind({"one": "abc", "two": "def", "three": "def"}) == {"one": False}


def test_edges_are_held_against_the_end() -> None:
    """A reading is good where the reader then said what the team did; an open end tells nothing."""
    assert outcome(FACTS, "abc")["edges"] == {"one>two": True, "one>three": False}
    assert outcome(FACTS, "")["edges"] == {}


def test_runs_are_folded() -> None:
    """Failures and latency as moving averages, agreement as counts."""
    lesson = fold(None, [outcome(FACTS, "abc")] * 3)
    assert lesson["calls"]["one"] == [6, 0.0, 0.5]
    assert 0.4 < lesson["calls"]["two"][1] < 0.6
    past = past_of(lesson)
    assert past.members["one"] == Record(3, 3)
    assert past.edges["one>three"] == Record(3, 0)
    assert past_of(fold(lesson, [])) == past
    assert past_of("nonsense") == past_of(None) == Past()


def test_members_in_their_condition() -> None:
    """Learned failures, and an upstream that rests."""
    lesson = fold(None, [outcome(FACTS, "")] * 9)
    roster = Roster({"one": Model("one", "place")}, {"place": Health(open_until=100.0)})
    one, two = present([Member("one"), Member("two")], lesson, roster, now=50.0)
    assert one.condition.resting == "upstream rests"
    assert two.condition.failure_rate > 0.8
    assert present([Member("one")], None, roster, now=150.0)[0].condition.resting == ""


def test_cards_come_from_the_roster() -> None:
    """Text and skills, the price of a million tokens half and half, tools; what a card does not say stays."""
    card = Card("Solves equations.", ("math", "proofs"), tools=False, price=Price(1.0, 3.0))
    roster = Roster({"one": Model("one", "place", card=card), "two": Model("two", "place")})
    one, two, three = present(
        [Member("one", price=9.0), Member("two", "Poems.", price=5.0), Member("three")], None, roster, 0
    )
    assert (one.card, one.price, one.tools) == ("Solves equations. math proofs", 2.0, False)
    assert (two.card, two.price, two.tools) == ("Poems.", 5.0, True)
    assert three == Member("three")
    assert topology("Prove it with math", [one, two], seats=1).members == (one,)


def test_names_that_clients_make_up_do_not_pile_up() -> None:
    """The most used stay."""
    facts = {"members": {f"m{place}": [1, 0, 0.1] for place in range(300)}, "said": {}}
    lesson = fold({"calls": {"old": [99, 0.0, 0.1]}}, [outcome(facts, "")])
    assert len(lesson["calls"]) == MOST_MEMBERS
    assert "old" in lesson["calls"]
