"""Graph-of-Agents played: judged, read both ways, and the last call the client's; what fails is gone around."""

import json

import pytest

from policies.ensemble.graph_of_agents import graph_of_agents
from proxy.exchange import Completion
from proxy.policy import Call, Failure
from tests.policies.ensemble.table import Table, chat, last, said, sitting

TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
OPEN = "Write a poem about the sea."


def differing(model: str, purpose: str, words: str) -> object:
    """Members that differ; all judges like what `two` says."""
    if purpose == "judge":
        return "[0.9, 0.1]" if "two was here" in words.split("Answer 2")[0] else "[0.2, 0.8]"
    return f"{model} was here" + (" again" if purpose == "refine" else "")


def test_the_best_judged_has_the_last_word() -> None:
    """3 answers, 3 judges, 2 that read their betters; the last call is the top member's, with what the others made."""
    table = Table(differing)
    ended = table.play(graph_of_agents(sitting(chat(OPEN, stream=True))))
    assert isinstance(ended, Call)
    assert table.purposes == ["node"] * 3 + ["judge"] * 3 + ["refine"] * 2
    assert ended.request.model == "two"
    assert ended.request.stream
    words = last(ended.request)
    assert "one was here again" in words
    assert "three was here again" in words
    assert [call.model for call in ended.instead] == ["one", "three"]


def test_targets_read_their_betters_alone() -> None:
    """The second reads the top; the last reads both; nobody sees a refined text in that step."""
    table = Table(differing)
    table.play(graph_of_agents(sitting(chat(OPEN))))
    shown = {model: last(request) for model, purpose, request in table.heard if purpose == "refine"}
    assert "two was here" in shown["one"]
    assert "two was here" in shown["three"]
    assert "again" not in shown["one"] + shown["three"]
    assert "two" not in shown


def test_the_mean_is_pooled_by_the_most_able() -> None:
    """Every source reads what is below it, and the most able member writes one answer out of all."""
    table = Table(differing)
    ended = table.play(graph_of_agents(sitting(chat(OPEN)), mean=True))
    assert isinstance(ended, Call)
    assert table.purposes == ["node"] * 3 + ["judge"] * 3 + ["refine"] * 4
    assert ended.request.model == "one"
    assert last(ended.request).count("relevance") == 3


def test_who_agrees_need_not_judge() -> None:
    """Three times the same choice: the top member's own reply, byte for byte, after three calls."""
    table = Table(lambda model, _purpose, _words: f"I am {model}. The answer is B.")
    ended = table.play(graph_of_agents(sitting()))
    assert isinstance(ended, Completion)
    assert ended.body == said("one", "I am one. The answer is B.").body
    assert table.purposes == ["node"] * 3
    assert "3 of 3 agree" in table.says[-1].reason


def test_tools_go_to_the_last_step_only() -> None:
    """Members are asked without tools and with calls told in words; the last call has the client's tools."""
    request = chat(OPEN, tools=TOOLS, tool_choice="auto", response_format={"type": "json_object"})
    table = Table(differing)
    ended = table.play(graph_of_agents(sitting(request)))
    assert isinstance(ended, Call)
    for _, _, asked in table.heard:
        assert not {"tools", "tool_choice", "response_format"} & json.loads(asked.body).keys()
    assert json.loads(ended.request.body)["tools"] == TOOLS


def test_agreement_with_tools_on_offer_is_asked_once_more() -> None:
    """The reply to a question without tools is not the client's: the last call may call them."""
    ended = Table(lambda *_: "The answer is B").play(graph_of_agents(sitting(chat(tools=TOOLS))))
    assert isinstance(ended, Call)
    assert json.loads(ended.request.body)["tools"] == TOOLS


@pytest.mark.parametrize(
    "failure",
    [Failure("status 500"), Failure("not waited for"), "", "I'm sorry, but I can't help with that."],
    ids=["500", "late", "empty", "declined"],
)
def test_a_member_that_fails_is_replaced_before_anybody_judges(failure: object) -> None:
    """The fourth of the pool sits down; it is said who failed, and why."""
    table = Table(lambda model, purpose, words: failure if model == "two" else differing(model, purpose, words))
    ended = table.play(graph_of_agents(sitting(chat(OPEN), "one two three four")))
    assert isinstance(ended, Call)
    assert table.asked("node") == ["one", "two", "three", "four"]
    assert sorted(table.asked("judge")) == ["four", "one", "three"]
    assert "failed: two" in table.says[-1].reason


def test_all_fail() -> None:
    """Then the best single model is asked with the client's own request, and the others after it."""
    table = Table(lambda *_: Failure("status 503"))
    request = chat(OPEN)
    ended = table.play(graph_of_agents(sitting(request)))
    assert isinstance(ended, Call)
    assert json.loads(ended.request.body) == {**json.loads(request.body), "model": "one"}
    assert [each.model for each in ended.instead] == ["two", "three"]
    assert "no member answered" in table.says[-1].reason


def test_one_answer_is_the_answer() -> None:
    """Without tools it is given as it is; nobody judges alone."""
    table = Table(lambda model, *_: "A poem" + " of the sea" * 9 if model == "two" else Failure("status 500"))
    ended = table.play(graph_of_agents(sitting(chat(OPEN))))
    assert isinstance(ended, Completion)
    assert ended.model == "two"


def test_judges_that_write_essays_are_counted_and_left_out() -> None:
    """Two judges of three say nothing that is a score: the third decides. If none does, the most able pools."""
    table = Table(
        lambda model, purpose, words: (
            "All are good." if purpose == "judge" and model != "one" else differing(model, purpose, words)
        )
    )
    ended = table.play(graph_of_agents(sitting(chat(OPEN))))
    assert isinstance(ended, Call)
    assert ended.request.model == "two"
    assert table.says[-1].facts["malformed"] == 2
    essays = Table(
        lambda model, purpose, words: "All are good." if purpose == "judge" else differing(model, purpose, words)
    )
    ended = essays.play(graph_of_agents(sitting(chat(OPEN))))
    assert isinstance(ended, Call)
    assert "pooled" in essays.says[-1].reason


def test_a_budget_ends_the_steps_and_not_the_answer() -> None:
    """With three calls nobody judges; with few tokens neither. The last call is made all the same."""
    for limits in ({"calls": 3}, {"tokens": 20}, {"usd": 0.02}, {"seconds": 0.4}):
        table = Table(differing)
        ended = table.play(graph_of_agents(sitting(chat(OPEN), **limits)))
        assert isinstance(ended, Call)
        assert table.purposes == ["node"] * 3


def test_a_failed_refinement_leaves_the_first_answer() -> None:
    """What a member said first stands for it."""
    table = Table(
        lambda model, purpose, words: Failure("late") if purpose == "refine" else differing(model, purpose, words)
    )
    ended = table.play(graph_of_agents(sitting(chat(OPEN))))
    assert isinstance(ended, Call)
    assert "one was here" in last(ended.request)


def test_what_is_said_of_it() -> None:
    """Members, scores, edges and calls in the reason; usage of all calls in the facts; no word of the answers."""
    table = Table(differing)
    table.play(graph_of_agents(sitting(chat(OPEN))))
    say = table.says[-1]
    assert "goa: one 0.60, two 0.59, three 0.58 | 3 edges | judged two" in say.reason
    assert "9 calls" in say.reason
    assert say.facts["bill"][:3] == [8, 80, 24]
    assert "was here" not in json.dumps(say.facts) + say.reason


def test_a_reply_without_one_of_the_choices_is_no_answer() -> None:
    """Nobody judges it; where one answers, that is the answer."""
    table = Table({"one": "It is a fine city.", "two": "The answer is B.", "three": "Cities are fine."})
    ended = table.play(graph_of_agents(sitting()))
    assert isinstance(ended, Completion)
    assert ended.model == "two"
    assert "judge" not in table.purposes
