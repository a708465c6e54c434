"""The long text of a request, and what is asked of it."""

from typing import Any

import pytest

from policies.divide.passage import framed, longest, replaced

LONG = "The carriage stands before the gate.\n\n" * 200
ASK = "How often does the carriage stand before the gate?"


def held(body: Any, form: str = "chat") -> tuple[str, str]:
    """The text, and what is asked."""
    passage = longest(body, form)
    assert passage is not None
    return passage.text, passage.asked


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("chat", {"messages": [{"role": "user", "content": LONG}, {"role": "user", "content": ASK}]}),
        ("chat", {"messages": [{"role": "user", "content": [{"type": "text", "text": LONG}, {"text": ASK}]}]}),
        ("chat", {"messages": [{"role": "user", "content": ASK}, {"role": "tool", "content": LONG}]}),
        ("responses", {"input": [{"role": "user", "content": [{"type": "input_text", "text": LONG}, {"text": ASK}]}]}),
        ("responses", {"input": [{"role": "user", "content": ASK}, {"type": "function_call_output", "output": LONG}]}),
        (
            "messages",
            {
                "messages": [
                    {"role": "user", "content": ASK},
                    {"role": "user", "content": [{"type": "tool_result", "content": [{"text": LONG}]}]},
                ]
            },
        ),
    ],
)
def test_the_longest_text_that_was_given(form: str, body: Any) -> None:
    """A document of the user's or a tool's result, in every form; what users say beside it is the question."""
    assert held(body, form) == (LONG, ASK)


def test_a_question_around_the_text() -> None:
    """The first and the last paragraph, where nothing is asked elsewhere; the string is all three together."""
    text = f"Count the carriages.\n\n{LONG}\n\n{ASK}"
    passage = longest({"input": text}, "responses")
    assert passage is not None
    assert passage.before + passage.text + passage.after == text
    assert (passage.before.strip(), passage.after.strip()) == ("Count the carriages.", ASK)
    assert passage.asked == f"Count the carriages.\n\n{ASK}"


def test_long_paragraphs_are_no_questions() -> None:
    """Nor is the only paragraph there is."""
    assert framed("x" * 5000) == ("", "x" * 5000, "")
    wall = "x" * 2000
    assert framed(f"{wall}\n\n{wall}\n\n{wall}")[0] == ""
    before, text, after = framed("short\n\nshorter")
    assert before + text + after == "short\n\nshorter"


def test_what_the_model_said_is_not_divided() -> None:
    """Nor what the system says."""
    told = [
        {"role": "system", "content": LONG},
        {"role": "assistant", "content": LONG},
        {"role": "user", "content": "?"},
    ]
    assert held({"messages": told})[0] == "?"
    assert longest({"messages": []}, "chat") is None
    assert longest({"messages": [7, {"role": "user", "content": None}]}, "chat") is None


def test_only_the_string_is_replaced() -> None:
    """Everything else is the same object; the client's own body is as it was."""
    body = {"tools": [{}], "messages": [{"role": "user", "content": [{"text": ASK}, {"text": LONG, "x": 1}]}]}
    passage = longest(body, "chat")
    assert passage is not None
    found = replaced(body, passage.path, "notes")
    assert found["messages"][0]["content"] == [{"text": ASK}, {"text": "notes", "x": 1}]
    assert found["tools"] is body["tools"]
    assert body["messages"][0]["content"][1]["text"] == LONG  # type: ignore[index]
