"""Trajectories are joined to sessions that a client could have had.

They must not know a wire form but Chat Completions.
"""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.consolidate.sessions import Message, Session, chained, join, paired
from tests.benchmarks.consolidate.recorded import SYSTEM, assistant, result, user

SAID = st.one_of(
    st.builds(user, st.text(max_size=5)),
    st.builds(assistant, st.none() | st.text(max_size=5)),
    st.builds(
        lambda ids: assistant(None, *((each, "{}") for each in ids)), st.lists(st.sampled_from("abc"), max_size=3)
    ),
    st.builds(result, st.sampled_from("abc"), st.text(max_size=5)),
)


def write(path: Path, *trajectories: list[Message]) -> Path:
    """A file of trajectories."""
    lines = [json.dumps({"domain": "shop", "messages": messages}) for messages in trajectories]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def tale(number: int) -> list[Message]:
    """A trajectory of its own."""
    return [SYSTEM, user(f"Question {number}"), assistant(f"Answer {number}")]


def test_consecutive_trajectories_become_one_session(tmp_path: Path) -> None:
    """Two sessions of two: the system message once in each, and the fifth trajectory is left out."""
    sessions = chained(write(tmp_path / "shop.jsonl.gz", *map(tale, range(5))), 2)
    assert [each.name for each in sessions] == ["shop/2/0", "shop/2/1"]
    assert [message["content"] for message in sessions[1].messages] == [
        "Be brief.",
        "Question 2",
        "Answer 2",
        "Question 3",
        "Answer 3",
    ]


def test_a_short_file_is_one_session(tmp_path: Path) -> None:
    """Fewer trajectories than wanted are joined all the same."""
    sessions = chained(write(tmp_path / "shop.jsonl.gz", tale(0), tale(1)), 16)
    assert [(each.name, len(each.messages)) for each in sessions] == [("shop/2/0", 5)]


def test_tools_stand_beside_the_file(tmp_path: Path) -> None:
    """`<domain>-tools.json` is declared as a client would: what only the benchmark's data says is left out."""
    tool = {"type": "function", "function": {"name": "look"}, "read_only": True}
    (tmp_path / "shop-tools.json").write_text(json.dumps([tool]))
    found = chained(write(tmp_path / "any.jsonl.gz", tale(0)), 1)[0].tools
    assert found == ({"type": "function", "function": {"name": "look"}},)


def test_a_file_of_something_else_says_so(tmp_path: Path) -> None:
    """Neither an empty file nor other lines are taken for sessions."""
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "other.jsonl").write_text('{"messages": []}\n{"question": 1}\n')
    with pytest.raises(ValueError, match="holds no trajectory"):
        chained(tmp_path / "empty.jsonl", 1)
    with pytest.raises(ValueError, match="line 2"):
        chained(tmp_path / "other.jsonl", 1)


def test_each_reply_is_a_request() -> None:
    """A request stands before each message of the assistant, but not before the first message of all."""
    messages = [assistant("Hi."), user("Hello."), assistant("Well?"), assistant("Still there?")]
    assert Session("tale", tuple(messages)).asked == (2, 3)


def test_repeated_ids_get_numbers() -> None:
    """A trajectory that reuses an id keeps its pairs."""
    group = [assistant(None, ("a", "{}")), result("a", "one")]
    joined = join([[SYSTEM, *group], [SYSTEM, *group]])
    assert [each.get("tool_call_id") for each in joined[2::2]] == ["a", "a_2"]
    assert [each["tool_calls"][0]["id"] for each in joined[1::2]] == ["a", "a_2"]


def test_a_call_cut_off_is_left_out() -> None:
    """What no provider would take is not played: a call without a result, a result without a call."""
    messages = [
        user("Go."),
        assistant("I look.", ("a", "{}")),
        user("And?"),
        result("b", "?"),
        assistant(None, ("c", "{}")),
    ]
    assert paired(messages) == [user("Go."), {"role": "assistant", "content": "I look."}, user("And?")]


@given(st.lists(SAID, max_size=12))
def test_whatever_was_recorded_each_call_has_its_result(messages: list[Message]) -> None:
    """Every call is followed by its result, no id is used twice, and all that a user said is still there."""
    whole = paired(messages)
    calls = [call["id"] for each in whole for call in each.get("tool_calls") or ()]
    assert calls == [each["tool_call_id"] for each in whole if each["role"] == "tool"]
    assert len(set(calls)) == len(calls)
    assert [each for each in whole if each["role"] == "user"] == [each for each in messages if each["role"] == "user"]
