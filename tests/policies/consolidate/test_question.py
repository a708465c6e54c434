"""The question to a consolidator model: what the provider has in its cache, and the instruction behind it."""

from typing import Any

import orjson
import pytest

from policies.consolidate.question import apart, behind, instruction, repeats, transcript
from proxy.conversation import ToolCall, ToolResult, Turn
from proxy.exchange import Completion, Request, Usage
from tests.policies.consolidate.talk import ITEMS, READ, asked, call, items_of, said, user

FORMS = ["chat", "responses", "messages"]
TOOLS = [{"type": "function", "function": {"name": "search", "parameters": {"type": "object", "minimum": 1.0}}}]
SPOKEN = Completion(200, turns=(Turn("assistant", "There is one."),))
BOUNDS = {"chat": "max_tokens", "responses": "max_output_tokens", "messages": "max_tokens"}


def body_of(request: Request) -> Any:
    return orjson.loads(request.body)


@pytest.mark.parametrize("form", FORMS)
def test_all_that_was_sent_stands_before_it(form: str) -> None:
    """Tools and items as they were; behind them the reply and the instruction; not streamed, bounded."""
    items = [user("Find a flat."), *call(form, "c1", "search", {"page": 1}, "one flat")]
    request = asked(form, items, tools=TOOLS, stream=True, temperature=0.5, n=3)
    request = request.but(headers=((b"idempotency-key", b"k"), (b"authorization", b"Bearer sk")), origin=b"x")
    question = behind(request, SPOKEN, 400, 500)
    body, before = body_of(question), body_of(request)
    assert body["tools"] == TOOLS
    assert body[ITEMS[form]][: len(before[ITEMS[form]])] == before[ITEMS[form]]
    assert body[ITEMS[form]][-2:] == [said("There is one."), user(instruction(400))]
    assert "stream" not in body
    assert body[BOUNDS[form]] == 500
    assert body["temperature"] == 0.5
    assert body["n"] == 1
    assert body.get("tool_choice") == (None if form == "messages" else "none")
    assert body.get("store") == (False if form == "responses" else None)
    assert question.headers == ((b"authorization", b"Bearer sk"),)
    assert (question.stream, question.origin) == (False, b"")
    assert READ(question).conversation is not None


@pytest.mark.parametrize("form", FORMS)
def test_nothing_follows_an_open_call_or_a_signed_thought(form: str) -> None:
    """Providers answer 400 to a call without its result, and to a thought without its signature."""
    request = asked(form, [user("Find a flat.")])
    for turn in (
        Turn("assistant", "Let me see.", calls=(ToolCall("c", "search", "{}"),)),
        Turn("assistant", "Hm.", opaque=True),
        Turn("assistant", ""),
    ):
        question = behind(request, Completion(200, turns=(turn,)), 400, 500)
        assert len(items_of(question)) == len(items_of(request)) + 1


def test_signed_items_of_the_prefix_stay() -> None:
    """As they are; the provider checks them."""
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"}
    question = behind(asked("responses", [user("a"), thought, said("b"), user("c")]), SPOKEN, 400, 500)
    assert items_of(question)[1] == thought


@pytest.mark.parametrize(
    ("form", "fields", "bound"),
    [
        ("chat", {"max_completion_tokens": 9}, ("max_completion_tokens", 500)),
        ("chat", {"model": "gpt-5-mini"}, ("max_completion_tokens", 500)),
        ("chat", {"model": "gpt-5-mini", "reasoning_effort": "low"}, ("max_completion_tokens", 4596)),
        ("responses", {"reasoning": {"effort": "low"}}, ("max_output_tokens", 4596)),
        ("messages", {"thinking": {"type": "enabled", "budget_tokens": 2000}}, ("max_tokens", 2500)),
        ("messages", {"thinking": {"type": "disabled"}}, ("max_tokens", 500)),
    ],
)
def test_thinking_gets_room_of_its_own(form: str, fields: dict[str, Any], bound: tuple[str, int]) -> None:
    """It counts as output, and a bound below it is refused."""
    assert body_of(behind(asked(form, [user("a")], **fields), SPOKEN, 400, 500))[bound[0]] == bound[1]


def test_a_model_that_thought_will_think_again() -> None:
    """Known by its last reply, where the request does not say so."""
    thoughtful = SPOKEN._replace(usage=Usage(10, 10, reasoning=7))
    assert body_of(behind(asked("chat", [user("a")]), thoughtful, 400, 500))["max_tokens"] == 4596


@pytest.mark.parametrize(
    ("form", "fields", "can"),
    [
        ("chat", {}, True),
        ("chat", {"response_format": {"type": "text"}}, True),
        ("chat", {"response_format": {"type": "json_schema", "json_schema": {}}}, False),
        ("chat", {"response_format": {"type": "json_object"}}, False),
        ("responses", {"text": {"format": {"type": "json_schema"}}}, False),
        ("responses", {"text": {"verbosity": "low"}}, True),
        ("chat", {"tool_choice": "required"}, True),
        ("messages", {"tool_choice": {"type": "any"}}, False),
        ("messages", {"tool_choice": {"type": "auto"}}, True),
    ],
)
def test_a_request_that_forces_the_shape_of_its_answer_cannot_carry_it(
    form: str, fields: dict[str, Any], can: bool
) -> None:
    """A change of the format would lose the cache, and without the change no words come."""
    assert repeats(asked(form, [user("a")], **fields)) is can


@pytest.mark.parametrize("form", FORMS)
def test_another_model_is_shown_what_goes(form: str) -> None:
    """By itself: neither the tools nor the fields of the session's own model."""
    gone = [
        (3, Turn("user", "Not on the ground floor.")),
        (4, Turn("assistant", calls=(ToolCall("c", "search", '{"page":2}'),))),
        (5, Turn("tool", results=(ToolResult("c", "x" * 5000),))),
    ]
    told = transcript("Earlier: a flat was sought.", gone)
    request = asked(form, [user("a")], tools=TOOLS, temperature=0.5, store=True)
    body = body_of(apart(request, "small", told, 400, 500))
    assert body.keys() == {"model", ITEMS[form], BOUNDS[form]}
    assert body["model"] == "small"
    [item] = body[ITEMS[form]]
    assert item["content"].startswith(
        "Earlier: a flat was sought.\n#3 user: Not on the ground floor.\n#4 calls search("
    )
    assert item["content"].endswith(instruction(400))
    assert len(item["content"]) < 6500
