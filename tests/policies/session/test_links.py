"""Sessions are found again by what was said in them: dialogues over the real forms and the real store."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.session.links import unique
from tests.policies.session.desk import Desk, chat, result, says, system, user

PROMPT = system("You are the booking agent of a small airline.")
TASK = "Please find me the cheapest flight from Lisbon to Oslo on the second of May."
MORE = "And now the way back, a week later, on whatever day is the cheapest of all."
CALL = "call_oIHazX6yQrB8hUwl4cRilFKj"
RETRY = {"x-stainless-retry-count": "1"}

pytestmark = pytest.mark.anyio


async def test_a_conversation_that_goes_on_is_one_session() -> None:
    """Across plain answers and tool calls, whatever spelling the client gives the arguments."""
    desk = Desk()
    asked = says(None, (CALL, "search", {"to": "OSL", "from": "LIS"}))
    first = await desk.ask(chat(PROMPT, user(TASK)), asked)
    respelt = says(None, (CALL, "search", {"from": "LIS", "to": "OSL"}))
    assert respelt != asked
    body = chat(PROMPT, user(TASK), respelt, result(CALL, "TP 123"))
    second = await desk.ask(body, says("Flight TP 123."))
    third = await desk.ask(chat(*body["messages"], says("Flight TP 123."), user("Take it.")), says("Done."))
    assert first.session.id == second.session.id == third.session.id
    assert (first.session.source, second.session.source, third.session.source) == ("new", "chain", "chain")


async def test_identical_openings_are_sessions_of_their_own() -> None:
    """Even when the first has been answered already, and the answers are the same."""
    desk = Desk()
    one = await desk.ask(chat(PROMPT, user(TASK)), says("Which class?"))
    other = await desk.ask(chat(PROMPT, user(TASK)), says("Which class?"))
    assert one.session.id != other.session.id
    body = chat(PROMPT, user(TASK), says("Which class?"), user("Economy."))
    going_on = {(await desk.arrive(body)).session.id, (await desk.arrive(body)).session.id}
    assert going_on == {one.session.id, other.session.id}


async def test_a_scripted_greeting_or_example_joins_nobody() -> None:
    """Assistant turns that no reply of ours put there lead nowhere, even when every session has them."""
    desk = Desk()
    greeting = [PROMPT, says("Hi! How can I help you today?")]
    examples = [user(TASK), says("TP 123"), user(MORE), says("TP 321")]
    for opening in (greeting, [PROMPT, *examples], examples):
        ids = set()
        for question in ("one", "two", "two"):
            exchange = await desk.ask(chat(*opening, user(question)), says("Yes."))
            ids.add(exchange.session.id)
            await desk.ask(chat(*opening, user(question), says("Yes."), user("Go on.")), says("Done."))
        assert len(ids) == 3


async def test_another_callers_sessions_are_out_of_reach() -> None:
    """Whatever the words, ids and names are: the store keeps callers apart."""
    desk = Desk()
    first = await desk.ask(chat(PROMPT, user(TASK)), says(None, (CALL, "search", {})))
    body = chat(PROMPT, user(TASK), says(None, (CALL, "search", {})), result(CALL, "TP 123"))
    stranger = await desk.arrive(body, caller="bob")
    assert (stranger.session.id, stranger.session.source) != (first.session.id, "chain")
    assert stranger.session.source == "new"
    assert (await desk.arrive(body)).session.id == first.session.id


async def test_a_changing_system_prompt_and_changed_ids_do_not_split_a_session() -> None:
    """The words and calls alone are followed where system text or ids differ."""
    desk = Desk()
    first = await desk.ask(chat(system("It is nine."), user(TASK)), says(None, (CALL, "search", {"to": "OSL"})))
    body = chat(system("It is ten."), user(TASK), says(None, ("x1", "search", {"to": "OSL"})), result("x1", "TP 123"))
    second = await desk.arrive(body)
    assert (second.session.id, second.session.source) == (first.session.id, "loose_chain")


async def test_a_handoff_to_another_agent_stays_in_the_session() -> None:
    """Another system prompt and other tools over the same conversation: another agent, the same session."""
    desk = Desk()
    first = await desk.ask(chat(system("You are the Triage Agent."), user(TASK)), says("Passing you on."))
    body = chat(system("You are the Refund Agent."), user(TASK), says("Passing you on."), user("Thanks."))
    second = await desk.arrive(body)
    assert second.session.id == first.session.id
    assert (first.session.agent, second.session.agent) == ("Triage Agent", "Refund Agent")


async def test_a_trimmed_history_is_found_by_its_tool_calls() -> None:
    """The oldest messages are gone; a unique tool-call id is left."""
    desk = Desk()
    asked = says(None, (CALL, "search", {"to": "OSL"}))
    first = await desk.ask(chat(PROMPT, user(TASK)), asked)
    second = await desk.arrive(chat(PROMPT, asked, result(CALL, "TP 123")))
    assert (second.session.id, second.session.source) == (first.session.id, "tool_call")


async def test_a_tool_call_id_that_two_sessions_own_proves_nothing() -> None:
    desk = Desk()
    asked = says(None, (CALL, "search", {"to": "OSL"}))
    for question in ("one", "two"):
        await desk.ask(chat(PROMPT, user(question)), asked)
    assert (await desk.arrive(chat(PROMPT, asked, result(CALL, "TP 123")))).session.source == "new"


async def test_a_compacted_history_is_found_by_what_the_user_said() -> None:
    """The answers have been summarised; an earlier question is left as it was."""
    desk = Desk()
    first = await desk.ask(chat(PROMPT, user(TASK)), says("TP 123 at nine."))
    body = chat(PROMPT, user(TASK), says("[The assistant found a flight.]"), user("Book it."))
    second = await desk.arrive(body)
    assert (second.session.id, second.session.source) == (first.session.id, "user_text")
    other_agent = chat(system("You are the Complaints Agent."), *body["messages"][1:])
    assert (await desk.arrive(other_agent)).session.source == "new"


async def test_the_newest_question_alone_never_joins() -> None:
    """Two sessions may ask the same thing after different beginnings."""
    desk = Desk()
    await desk.ask(chat(PROMPT, user(TASK)), says("TP 123."))
    exchange = await desk.arrive(chat(PROMPT, user("hi"), says("hello"), user(TASK)))
    assert exchange.session.source == "new"


async def test_looks_alone_are_believed_only_where_nothing_better_was_at_hand() -> None:
    """Short words leave the fingerprint; a long question that nobody asked us speaks against it."""
    desk = Desk()
    first = await desk.ask(chat(PROMPT, user("hi")), says("hello"))
    await desk.ask(chat(PROMPT, user("hi"), says("hello"), user("you?")), says("fine"))
    worn = [PROMPT, user("ho"), says("hullo"), user("you?"), says("well")]
    second = await desk.arrive(chat(*worn, user("good")))
    assert (second.session.id, second.session.source) == (first.session.id, "fingerprint")
    third = await desk.arrive(chat(PROMPT, user(TASK), says("hullo"), user("you?"), says("well"), user("good")))
    assert third.session.source == "new"


async def test_a_trace_joins_what_the_same_agent_said_in_it() -> None:
    headers = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
    desk = Desk()
    first = await desk.ask(chat(PROMPT, user(TASK)), says("TP 123."), headers=headers)
    assert (await desk.arrive(chat(PROMPT, user(TASK)), headers)).session.source == "new"
    worn = chat(PROMPT, user("a"), says("b"), user("c"), says("d"), user("e"))
    second = await desk.arrive(worn, headers)
    assert (second.session.id, second.session.source) == (first.session.id, "trace")
    other = chat(system("You are the Critic."), *worn["messages"][1:])
    assert (await desk.arrive(other, headers)).session.source == "new"


async def test_a_retry_of_an_opening_joins_the_one_that_failed() -> None:
    """Where the client says that it tries again; an identical opening later is a session of its own."""
    desk = Desk()
    failed = await desk.arrive(chat(PROMPT, user(TASK)))
    await desk.leave(failed, {"error": {"message": "slow down"}}, status=429)
    assert (await desk.arrive(chat(PROMPT, user(TASK)))).session.source == "new"
    again = await desk.arrive(chat(PROMPT, user(TASK)), RETRY)
    assert (again.session.id, again.session.source) == (failed.session.id, "retry")


async def test_a_retry_with_an_idempotency_key_joins_the_one_that_failed() -> None:
    desk = Desk()
    failed = await desk.arrive(chat(user(TASK)), {"idempotency-key": "k1"})
    await desk.leave(failed, None)
    again = await desk.arrive(chat(user(TASK)), {"idempotency-key": "k1"})
    assert again.session.id == failed.session.id


async def test_after_a_failure_the_session_waits_where_it_waited_before() -> None:
    """Of two sessions that are the same so far, the one that failed is still to be had, and only once."""
    desk = Desk()
    opened = [await desk.ask(chat(PROMPT, user(TASK)), says("Which class?")) for _ in range(2)]
    body = chat(PROMPT, user(TASK), says("Which class?"), user("Economy."))
    failed = await desk.arrive(body)
    await desk.leave(failed, None, status=500)
    found = [(await desk.arrive(body)).session.id for _ in range(2)]
    assert sorted(found) == sorted(exchange.session.id for exchange in opened)


async def test_a_cut_reply_that_the_client_keeps_leads_on() -> None:
    """The stream broke off; the client goes on with the half answer it has."""
    desk = Desk()
    cut = await desk.arrive(chat(PROMPT, user(TASK)))
    await desk.leave(cut, {"choices": [{"index": 0, "message": says("TP 1")}]}, whole=False)
    going_on = await desk.arrive(chat(PROMPT, user(TASK), says("TP 1"), user("You were cut off.")))
    assert (going_on.session.id, going_on.session.source) == (cut.session.id, "chain")


def answer(id_: str, *output: dict[str, Any]) -> dict[str, Any]:
    """A Responses reply."""
    return {"id": id_, "object": "response", "status": "completed", "output": list(output)}


def message(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


REASONING = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2VjcmV0"}


async def test_a_previous_response_id_leads_to_its_session() -> None:
    """In the body, and in the path of a request about that response."""
    desk = Desk()
    first = await desk.arrive({"input": TASK}, path="/v1/responses")
    await desk.leave(first, answer("resp_1", message("TP 123.")))
    second = await desk.arrive({"input": "Book it.", "previous_response_id": "resp_1"}, path="/v1/responses")
    assert (second.session.id, second.session.source) == (first.session.id, "response_id")
    about = await desk.arrive(None, path="/v1/responses/resp_1/input_items")
    assert (about.session.id, about.session.source) == (first.session.id, "response_id")
    unknown = await desk.arrive({"input": "Book it.", "previous_response_id": "resp_9"}, path="/v1/responses")
    assert unknown.session.source == "new"


@pytest.mark.parametrize("named", ["conv_1", {"id": "conv_1"}])
async def test_a_conversation_object_leads_to_its_session(named: object) -> None:
    desk = Desk()
    first = await desk.arrive({"input": TASK, "conversation": named}, path="/v1/responses")
    await desk.leave(first, answer("resp_1", message("TP 123.")))
    second = await desk.arrive({"input": "Book it.", "conversation": named}, path="/v1/responses")
    assert (second.session.id, second.session.source) == (first.session.id, "conversation")


@pytest.mark.parametrize("kept", [[REASONING], []], ids=["kept", "dropped"])
async def test_a_responses_history_is_followed_with_and_without_its_reasoning(kept: list[dict[str, Any]]) -> None:
    desk = Desk()
    call = {"type": "function_call", "call_id": "c1", "name": "search", "arguments": "{}"}
    first = await desk.arrive({"input": [user(TASK)], "store": False}, path="/v1/responses")
    await desk.leave(first, answer("resp_1", REASONING, call))
    output = {"type": "function_call_output", "call_id": "c1", "output": "TP 123"}
    body = {"input": [user(TASK), *kept, call, output], "store": False}
    second = await desk.arrive(body, path="/v1/responses")
    assert (second.session.id, second.session.source) == (first.session.id, "chain")


async def test_requests_without_a_conversation_are_grouped_by_client_and_form() -> None:
    """Embeddings of one program are one session; those of another, and listings of models, are not in it."""
    desk = Desk()
    program = {"user-agent": "indexer/1"}
    first = await desk.ask({"model": "e", "input": ["a"]}, None, headers=program, path="/v1/embeddings")
    second = await desk.arrive({"model": "e", "input": ["b"]}, program, path="/v1/embeddings")
    assert (second.session.id, second.session.source) == (first.session.id, "fingerprint")
    assert (await desk.arrive({"model": "e", "input": ["b"]}, path="/v1/embeddings")).session.source == "new"
    assert (await desk.arrive(None, program, path="/v1/models")).session.source == "new"


@pytest.mark.parametrize("arguments", [{"task": TASK}, {"jobs": ["short", TASK]}])
async def test_a_sub_agent_knows_the_session_that_started_it(arguments: dict[str, Any]) -> None:
    """Its first message is what a tool call of another session was given."""
    desk = Desk()
    parent = await desk.ask(chat(PROMPT, user("plan my trip")), says(None, (CALL, "delegate", arguments)))
    child = await desk.ask(chat(system("You are the Searcher."), user(TASK)), says("TP 123."))
    assert (child.session.parent, child.session.source) == (parent.session.id, "new")
    other = await desk.arrive(chat(system("You are the Searcher."), user(MORE)))
    assert other.session.parent == ""


async def test_what_is_asked_for_does_not_grow_with_the_history() -> None:
    desk = Desk()
    turns = [turn for place in range(100) for turn in (user(f"{MORE} {place}"), says(f"{TASK} {place}"))]
    claim = desk.claim(chat(PROMPT, *turns, user("go on")))
    assert len(claim.links) <= 16
    assert [link.source for link in claim.links[:2]] == ["chain", "loose_chain"]


@pytest.mark.parametrize(
    ("id_", "is_unique"),
    [
        (CALL, True),
        ("toolu_01PnZGa7AyCW7W5zATLdqkYE", True),
        ("chatcmpl-tool-3f9c2a51d07e4b6c8f1e9d2a7b5c4e60", True),
        ("01a20534-2126-7a92-b1e4-e18aeeb39c4f", True),
        ("call_0", False),
        ("functions.search_flights_by_city:0", False),
        ("call_get_current_weather_12", False),
        ("chatcmpl-tool-0", False),
        ("000000000000000000000001", False),
        ("", False),
    ],
)
def test_only_ids_that_look_like_no_other_are_linked(id_: str, is_unique: bool) -> None:
    assert unique(id_) is is_unique


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)
fields = st.dictionaries(
    st.sampled_from(["input", "messages", "include", "store", "conversation", "previous_response_id", "metadata"]),
    anything,
)


@given(fields, anything, st.sampled_from(["chat/completions", "responses", "messages", "embeddings", "files"]))
async def test_nothing_that_is_said_can_make_it_raise(body: dict[str, Any], reply: object, path: str) -> None:
    """Whatever the request and its reply hold, the exchange is learned from, with bounded links."""
    desk = Desk()
    exchange = await desk.arrive(body, path=f"/v1/{path}")
    called = {"id": "c", "function": {"name": "f", "arguments": json.dumps(reply)}}
    message = {"content": reply, "tool_calls": [called]}
    await desk.leave(exchange, {"id": reply, "choices": [{"message": message}], "output": [reply], "content": [reply]})
    assert (await desk.summary(exchange.session.id))["requests"] == 1


@given(st.text())
def test_any_text_may_stand_for_an_id(id_: str) -> None:
    assert unique(id_) in (True, False)
