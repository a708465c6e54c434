"""SelfOrg played: votes where answers can be compared, the middle where not, and always an existing answer."""

import json

from policies.ensemble.member import Past, Record
from policies.ensemble.self_organising import self_organising
from proxy.exchange import Completion
from proxy.policy import Call, Failure
from tests.policies.ensemble.table import Table, chat, last, said, sitting

FIVE = "one two three four five"
POEMS = {
    "one": "The sea is deep and blue, the waves roll on.",
    "two": "The sea is blue and deep, and the waves roll on and on.",
    "three": "Blue and deep is the sea, where waves roll.",
    "four": "Quarterly revenue rose by nine percent.",
    "five": "The deep blue sea, its waves roll on the shore.",
}
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {}}}]


def call(arguments: str) -> dict[str, object]:
    function = {"name": "look", "arguments": arguments}
    return {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]}


def test_a_vote_where_answers_can_be_compared() -> None:
    """Three of five say B, in their own words: a reply of one of them is given, byte for byte, and it is said how."""
    texts = {"one": "The answer is C.", "two": "Answer: B", "three": "(B)", "four": r"So \boxed{B}", "five": "**A**"}
    table = Table(texts)
    ended = table.play(self_organising(sitting(names=FIVE, team="selforg", rounds=0)))
    assert isinstance(ended, Completion)
    assert ended.body in [said(name, texts[name]).body for name in ("two", "three", "four")]
    assert table.purposes == ["node"] * 5
    assert "vote of 3" in table.says[-1].reason


def test_known_accuracy_outweighs_numbers() -> None:
    """Two that are known to be right beat three that are known to guess."""
    past = Past({name: Record(100, 90 if name in ("one", "two") else 12) for name in FIVE.split()})
    texts = {name: f"The answer is {'B' if name in ('one', 'two') else 'C'}." for name in FIVE.split()}
    ended = Table(texts).play(self_organising(sitting(names=FIVE, past=past, rounds=0)))
    assert isinstance(ended, Completion)
    assert ended.model in ("one", "two")


def test_the_middle_of_open_text() -> None:
    """No vote: the poem most like the others, never the odd one out."""
    table = Table(POEMS)
    ended = table.play(self_organising(sitting(chat("Write of the sea."), FIVE, rounds=0)))
    assert isinstance(ended, Completion)
    assert ended.model != "four"
    assert "nearest the middle" in table.says[-1].reason


def test_a_round_is_read_down_the_edges() -> None:
    """Members that somebody leads answer again with their leaders' words; the leader of all does not."""
    table = Table(POEMS)
    table.play(self_organising(sitting(chat("Write of the sea."), FIVE, rounds=1)))
    assert table.purposes[:5] == ["node"] * 5
    again = table.asked("refine")
    assert 0 < len(again) < 5
    shown = [last(request) for _, purpose, request in table.heard if purpose == "refine"]
    assert all("Another answer, of high relevance" in words for words in shown)


def test_no_round_where_the_vote_is_clear() -> None:
    """Four of five agree: nobody is asked again."""
    texts = {name: f"The answer is {'A' if name == 'five' else 'B'}." for name in FIVE.split()}
    table = Table(texts)
    table.play(self_organising(sitting(names=FIVE, rounds=2)))
    assert table.purposes == ["node"] * 5


def test_tool_calls_are_voted_on() -> None:
    """By name and canonical arguments: spacing and order do not divide; the calls go to the client."""
    texts = {
        "one": call('{"q": "sea", "n": 1}'),
        "two": call('{"n":1,"q":"sea"}'),
        "three": call('{"q": "land", "n": 1}'),
    }
    table = Table(texts)
    ended = table.play(self_organising(sitting(chat("Look up the sea", tools=TOOLS), rounds=0)))
    assert isinstance(ended, Completion)
    assert ended.model in ("one", "two")
    assert ended.turns[0].calls[0].name == "look"
    assert all(json.loads(request.body)["tools"] == TOOLS for _, _, request in table.heard)


def test_failures_are_gone_around() -> None:
    """Two of five fail: the others vote. All fail: the best single model."""
    table = Table({"one": Failure("status 500"), "two": "", "three": "The answer is B", "four": "B", "five": "C"})
    ended = table.play(self_organising(sitting(names=FIVE, rounds=0)))
    assert isinstance(ended, Completion)
    assert ended.model in ("three", "four")
    assert "failed: one status 500, two empty reply" in table.says[-1].reason
    assert isinstance(Table(lambda *_: Failure("x")).play(self_organising(sitting())), Call)


def test_the_budget_bounds_the_team() -> None:
    """With three calls three are asked, the best first."""
    table = Table(lambda *_: "The answer is B")
    table.play(self_organising(sitting(names=FIVE, calls=3)))
    assert table.asked("node") == ["one", "two", "three"]


def test_the_bill_is_the_others() -> None:
    """The reply tells its own usage; the bill has the rest."""
    table = Table(lambda *_: "The answer is B")
    table.play(self_organising(sitting()))
    assert table.says[-1].facts["bill"][:3] == [3, 20, 6]
    assert table.says[-1].facts["spent"][:3] == [3, 30, 9]


def test_a_reply_without_one_of_the_choices_is_no_answer() -> None:
    """Three that talk around it do not make a middle beside the one that answers."""
    rambling = {name: f"Cities of France are fine, says {name}." for name in ("one", "three", "four")}
    ended = Table({**rambling, "two": "The answer is B."}).play(self_organising(sitting(names="one two three four")))
    assert isinstance(ended, Completion)
    assert ended.model == "two"
    ended = Table({**rambling, "two": "It depends."}).play(self_organising(sitting(names="one two three four")))
    assert isinstance(ended, Completion)
