"""Who sits, as a judge reads the cards."""

from policies.ensemble.graph_of_agents import graph_of_agents
from policies.ensemble.member import Member
from policies.ensemble.sitting import Sitting
from tests.policies.ensemble.table import Table, chat, last, sitting

OPEN = "Write a poem about the sea."


def five(judge: str = "judge") -> Sitting:
    """Five members, three seats."""
    made = sitting(chat(OPEN), "one two three four five", seats=3)
    made.pool = [*made.pool[:4], Member("five", card="Knows the sea.")]
    made.judge = judge
    return made


def test_the_judge_says_who_sits() -> None:
    """It is shown question and cards, and those it names are asked, whatever the words of the cards say."""
    said = Table(lambda model, purpose, _: "four, one and two." if purpose == "seat" else f"{model} was here")
    said.play(graph_of_agents(five()))
    assert sorted(said.asked("node")) == ["four", "one", "two"]
    model, purpose, request = said.heard[0]
    assert (model, purpose) == ("judge", "seat")
    assert "five: Knows the sea." in last(request)
    assert OPEN in last(request)


def test_a_judge_that_names_nobody_is_counted() -> None:
    """The cards are read without it then; without one nobody is asked for that."""
    said = Table(lambda model, purpose, _: "It depends." if purpose == "seat" else f"{model} was here")
    said.play(graph_of_agents(five()))
    assert said.says[-1].facts["malformed"] >= 1
    assert "five" in said.asked("node")
    quiet = Table(lambda model, _purpose, _words: f"{model} was here")
    quiet.play(graph_of_agents(five(judge="")))
    assert "seat" not in quiet.purposes
