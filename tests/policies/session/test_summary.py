"""The memory of a session is the sum of its exchanges, small, JSON-able, without content."""

import json
from typing import Any

import pytest

from policies import Session, default
from policies.session.summary import Summary, recall
from tests.policies.session.desk import Desk, chat, says, system, user

SECRET = "the launch code is forty-two, and nobody else may ever know of it"
CACHED = {"cached_tokens": 60}

pytestmark = pytest.mark.anyio


def reply(text: str, **usage: Any) -> dict[str, Any]:
    return {"id": "c1", "choices": [{"index": 0, "message": says(text)}], "usage": usage}


async def test_tokens_costs_and_errors_add_up() -> None:
    """An unknown price is counted, not guessed; a failure is an error and costs nothing."""
    desk = Desk()
    named = {"x-outrider-session": "s1"}
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": CACHED}
    for cost in (0.25, None, 0.5):
        exchange = await desk.arrive(chat(user(SECRET)), named)
        await desk.leave(exchange, reply("yes", **usage), cost=cost, upstream="openai")
        desk.now += 10.0
    failed = await desk.arrive(chat(user(SECRET), model="m2"), named)
    await desk.leave(failed, None, status=0)
    refused = await desk.arrive(chat(user(SECRET), model="m1"), named)
    await desk.leave(refused, {"error": {"message": "no"}}, status=429)
    summary = await desk.summary("s1")
    assert (summary["requests"], summary["errors"], summary["cost"], summary["unpriced"]) == (5, 2, 0.75, 1)
    assert (summary["prompt_tokens"], summary["completion_tokens"], summary["cached_tokens"]) == (300, 30, 180)
    assert (summary["started"], summary["last"], summary["models"]) == (1_000.0, 1_030.0, ["m2", "m1"])
    assert (summary["source"], summary["confidence"], summary["pin"]) == ("header", 1.0, "")


async def test_no_content_is_remembered() -> None:
    """Neither in the memory nor in the links nor in what is said about the decision."""
    desk = Desk()
    request = desk.request(chat(system(SECRET), user(SECRET), says(SECRET), user("go on")))
    assert SECRET[:20] not in str(desk.policy.identify(request))
    exchange = await desk.arrive(chat(system(SECRET), user(SECRET)))
    await desk.leave(exchange, reply(SECRET))
    memory = json.dumps(dict(await desk.summary(exchange.session.id)))
    assert "launch" not in memory
    assert len(memory) < 600


async def test_the_best_evidence_is_kept_and_blanks_are_filled() -> None:
    """A session found by its words later is still the one its header named."""
    desk = Desk()
    first = await desk.ask(chat(user("hi")), says("hello"), headers={"x-outrider-session": "s1"})
    assert (await desk.summary("s1"))["agent"] == first.session.agent
    body = chat(user("hi"), says("hello"), user("and?"))
    second = await desk.ask(body, says("so"), headers={"x-outrider-run": "r1", "x-outrider-agent": "later"})
    summary = await desk.summary("s1")
    assert (second.session.id, second.session.source) == ("s1", "chain")
    assert (summary["source"], summary["run"], summary["agent"]) == ("header", "r1", first.session.agent)


@pytest.mark.parametrize(
    ("body", "pinned"),
    [
        ({"input": "hi"}, True),
        ({"input": "hi", "store": False}, False),
        ({"input": "hi", "store": False, "include": ["reasoning.encrypted_content"]}, True),
    ],
    ids=["stored", "not stored", "sealed reasoning"],
)
async def test_a_session_is_pinned_to_the_upstream_that_keeps_its_state(body: dict[str, Any], pinned: bool) -> None:
    """A stored response, or reasoning that only its maker can read; nothing else."""
    desk = Desk()
    exchange = await desk.arrive(body, path="/v1/responses")
    text = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "ho"}]}
    sealed = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2VjcmV0"}
    output = [sealed, text] if "include" in body else [text]
    document = {"id": "resp_1", "object": "response", "status": "completed", "output": output}
    await desk.leave(exchange, document, upstream="azure")
    assert (await desk.summary(exchange.session.id))["pin"] == ("azure" if pinned else "")


async def test_a_message_with_signed_thinking_is_pinned() -> None:
    desk = Desk()
    exchange = await desk.arrive({**chat(user("hi")), "max_tokens": 9}, path="/v1/messages")
    content = [{"type": "thinking", "thinking": "hm", "signature": "c2ln"}, {"type": "text", "text": "ho"}]
    reply = {"id": "msg_1", "type": "message", "role": "assistant", "content": content, "stop_reason": "end_turn"}
    await desk.leave(exchange, reply, upstream="anthropic")
    assert (await desk.summary(exchange.session.id))["pin"] == "anthropic"


async def test_a_chat_is_not_pinned() -> None:
    """Its ids refer to nothing, and its reasoning text can be read by any upstream."""
    desk = Desk()
    exchange = await desk.arrive(chat(user("hi")))
    message = {**says("ho"), "reasoning_content": "hm"}
    await desk.leave(exchange, {"id": "c1", "choices": [{"index": 0, "message": message}]}, upstream="deepseek")
    assert (await desk.summary(exchange.session.id))["pin"] == ""


async def test_an_exchange_without_a_completion_teaches_nothing() -> None:
    desk = Desk()
    assert desk.policy.learn(await desk.arrive(chat(user("hi")))) is None


def test_memory_comes_back_as_it_was_and_whatever_else_is_blank() -> None:
    """Through JSON; from an older version, with fields missing and fields too many; from nothing."""
    summary = Summary(agent="a", requests=3, models=("m1", "m2"), cost=0.5)
    assert recall(json.loads(json.dumps(summary.memory()))) == summary
    assert recall({"agent": "a", "gone": 1}) == Summary(agent="a")
    assert recall(None) == Summary()


def test_the_session_policy_is_the_first_of_the_list() -> None:
    """The others file what they remember under what it finds."""
    assert isinstance(default()[0], Session)
    assert len({policy.name for policy in default()}) == len(default())
