"""What the scripted agents of the framework runs write, what is true of it, and how a proxy's findings are judged."""

import json
from typing import Any

from benchmarks.frameworks.judging import judged
from benchmarks.frameworks.prose import SHAPES, finding, mark_of
from benchmarks.frameworks.script import Agents, Said, instructions
from proxy.testing import Heard


def asked(agents: Agents, agent: str, *told: Any, **fields: Any) -> str:
    """The reply of an agent to these words."""
    messages = [{"role": "system", "content": instructions(agent, "r1")}, *told]
    body = json.dumps({"messages": messages, **fields}).encode()
    line = agents.answer(Heard(b"POST /v1/chat/completions HTTP/1.1", body, 0.0, 0))
    text: str = json.loads(line.pieces[0].data)["choices"][0]["message"]["content"]
    return text


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def test_texts_are_known_by_their_marks() -> None:
    """Whatever their shape; the same seed writes the same."""
    texts = [finding("s", "oats", words=60, shape=shape) for shape in SHAPES]
    assert texts == [finding("s", "oats", words=60, shape=shape) for shape in SHAPES]
    assert len({mark_of(text) for text in texts}) == 1
    assert len({mark_of(finding(str(number), "oats", words=9, shape="list")) for number in range(9)}) == 9
    assert mark_of("nothing of the kind") == ""


def test_what_was_handed_over_is_true() -> None:
    """Two replies in one request are put together; one alone is not, nor what stands before the last reply."""
    agents = Agents(1)
    one, two = asked(agents, "one", user("The topic is oats.")), asked(agents, "two", user("The topic is oats."))
    report = asked(agents, "editor", user(f"Put together:\n{one}\n\n{two}"))
    asked(agents, "critic", user(f"Judge:\n{report}"))
    asked(agents, "editor", user(f"{one}{two}"), {"role": "assistant", "content": report}, user("Again."))
    assert [each.puts_together for each in agents.said] == [False, False, True, False, False]
    assert agents.said[2].held == {mark_of(one), mark_of(two)}


def test_findings_are_judged() -> None:
    """A missed one costs recall, an invented one precision, a wrong worker what is attributed."""
    said = [
        Said("editor", "r", "e", frozenset("ab")),
        Said("boss", "r", "b", frozenset("cd")),
        Said("one", "r", "a", frozenset()),
    ]
    figures = judged(said, {"e": frozenset("ax"), "a": frozenset("cd")})
    assert (figures["precision"], figures["recall"], figures["attributed"]) == (0.5, 0.5, round(1 / 3, 4))
    assert judged([], {})["precision"] == 1.0
