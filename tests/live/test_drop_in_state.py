"""Drop-in, state and policy: state stays where it is, answers are nobody else's, faults cost nothing.

It must not know how the road does it; each test is a dialogue over sockets, told by its line of the list.
"""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from proxy.exchange import Exchange, Request
from proxy.policy import Call, Decision, Plan, Policy
from proxy.policy import ask as wish
from proxy.testing import Line, Script
from tests.live.caller import Got, ask, post
from tests.live.conftest import Ride
from tests.live.house import guests
from tests.live.replies import CHAT, MESSAGES, QUESTIONS, RESPONSES, STREAMS, chat, chat_stream, response, tool_stream

pytestmark = pytest.mark.anyio


async def two(ride: Ride, script: Script) -> str:
    """A proxy whose first upstream is not there; only a request that is sent to `second` gets an answer."""
    return await ride(upstreams={"first": "http://127.0.0.1:9/v1", "second": f"{script.url}/v1"})


SEALED = {"type": "reasoning", "id": "rs_7", "summary": [], "encrypted_content": "gAAAAA=="}
BEGUN = response(output=[SEALED, *response()["output"]])
FIRST = {"role": "user", "content": "Where is the carriage?"}
FOLLOWING: list[dict[str, Any]] = [
    {"previous_response_id": "resp_7", "input": "And then?"},
    {"input": [FIRST, *BEGUN["output"], {"role": "user", "content": "And then?"}]},
]


@pytest.mark.parametrize("following", FOLLOWING)
async def test_state_stays_with_its_upstream(script: Script, ride: Ride, following: dict[str, Any]) -> None:
    """Line 36: a conversation that began at one upstream goes on there, though nothing in the request says so."""
    url = await two(ride, script)
    script.say(Script.json(BEGUN), Script.json(response("resp_8")))
    await post(url, RESPONSES, QUESTIONS[RESPONSES], [("x-outrider-upstream", "second")])
    assert (await post(url, RESPONSES, {"model": "gpt-5", **following})).status == 200
    assert (await post(url, RESPONSES, {"model": "gpt-5", "input": "Something else."})).status == 502


async def test_stored_objects_are_asked_for_where_they_are(script: Script, ride: Ride) -> None:
    """Line 36: reading, cancelling and deleting a response go to the upstream that made it."""
    url = await two(ride, script)
    script.say(Script.json(response()))
    await post(url, RESPONSES, QUESTIONS[RESPONSES], [("x-outrider-upstream", "second")])
    query = "?stream=true&starting_after=3"
    for method, rest in (("GET", query), ("POST", "/cancel"), ("GET", "/input_items"), ("DELETE", "")):
        assert (await ask(url, method, f"{RESPONSES}/resp_7{rest}")).status == 200
    assert script.heard[1].target == f"{RESPONSES}/resp_7{query}"


ASKED = QUESTIONS[CHAT] | {"temperature": 0, "seed": 1}


@pytest.mark.parametrize("path", STREAMS)
async def test_everybody_gets_an_answer_of_their_own(script: Script, url: str, path: str) -> None:
    """Line 37: identical requests, of one caller or of two, each reach the upstream and get its answer to them."""
    script.handler = lambda _: Line(body=b'{"number": %d}' % len(script.heard))
    keys = ["sk-ann", "sk-ann", "sk-bob", ""]
    got = [await post(url, path, QUESTIONS[path], [("authorization", f"Bearer {key}")]) for key in keys]
    assert [each.json["number"] for each in got] == [1, 2, 3, 4]


async def test_callers_share_no_session(script: Script, url: str) -> None:
    """Line 37: the same words under two keys are two sessions, and an id of one finds nothing for the other."""
    script.handler = lambda _: Script.json(response())
    ann, bob = ([("authorization", f"Bearer {key}")] for key in ("sk-ann", "sk-bob"))
    first = await post(url, RESPONSES, QUESTIONS[RESPONSES], ann)
    follow = {"model": "gpt-5", "previous_response_id": "resp_7", "input": "On."}
    stolen, own = await post(url, RESPONSES, follow, bob), await post(url, RESPONSES, follow, ann)
    assert own.header("x-outrider-session") == first.header("x-outrider-session")
    assert stolen.header("x-outrider-session") != first.header("x-outrider-session")


async def test_likeness_is_no_answer(script: Script, url: str) -> None:
    """Line 38: questions that end with the same words, tool turns and streams are each asked, and streams are the
    provider's own events."""
    line = Script.sse(*chat_stream("Ahead."))
    script.handler = lambda _: line
    tool = {"role": "tool", "tool_call_id": "call_A1b2C3d4", "content": "clear"}
    for before in ([], [{"role": "system", "content": "Lie."}], [tool]):
        got = await post(url, CHAT, ASKED | {"messages": [*before, *ASKED["messages"]], "stream": True})
        assert got.body == b"".join(piece.data for piece in line.pieces)
    assert len(script.heard) == 3


TOOLS = [
    {"type": "function", "function": {"parameters": {"type": "object", "properties": {"z": {}, "a": {}}}, "name": name}}
    for name in ("zulu", "alpha", "mike")
]


@pytest.mark.parametrize("tools", [TOOLS, [], None])
async def test_no_tool_is_injected(script: Script, url: str, tools: Any) -> None:
    """Line 39: the model sees the client's tools and no other, and its calls reach the client as they stream."""
    line = Script.sse(*tool_stream())
    script.say(line)
    body = QUESTIONS[CHAT] | ({} if tools is None else {"tools": tools}) | {"stream": True}
    got = await post(url, CHAT, body)
    assert json.loads(script.heard[0].body) == body
    assert got.body == b"".join(piece.data for piece in line.pieces)


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_order_is_kept(script: Script, url: str, path: str) -> None:
    """Line 40: neither tools nor keys change their order."""
    question = dict(reversed(QUESTIONS[path].items()))
    body = json.dumps({"tools": TOOLS, **question, "a": {"z": 1, "b": 2}}, indent=1).encode()
    await post(url, path, body)
    assert script.heard[0].body == body


class Broken(Policy):
    """Fails wherever it is asked."""

    name = "broken"

    def identify(self, request: Request) -> Decision | None:
        raise RuntimeError("identify")

    def prepare(self, exchange: Exchange) -> Decision | None:
        raise RuntimeError("prepare")

    def answer(self, exchange: Exchange) -> Decision | None:
        raise RuntimeError("answer")


class Late(Policy):
    """Fails where the answer is under way or over."""

    name = "broken"

    def relay(self, exchange: Exchange) -> Decision | None:
        return Decision("holds back", filter=Fumbling())

    def learn(self, exchange: Exchange) -> Decision | None:
        raise RuntimeError("learn")


class Failing(Policy):
    """Answers with a plan that fails."""

    name = "broken"

    def answer(self, exchange: Exchange) -> Decision | None:
        return Decision("thinks", answer=self._plan())

    def _plan(self) -> Plan:
        yield from wish(Call(Request("POST", "/v1/chat/completions", body=b"{}"), "node"))
        raise RuntimeError("plan")


class Fumbling:
    """A filter that takes two chunks and drops them at the third."""

    def __init__(self) -> None:
        self.held = b""
        self.fed = 0

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        self.fed += 1
        if self.fed > 2:
            raise ValueError("too many")
        self.held += chunk
        return ()

    def end(self) -> Sequence[bytes]:
        return (self.held,)


class Brief(Policy):
    """Adds a field to every request."""

    name = "brief"

    def prepare(self, exchange: Exchange) -> Decision | None:
        body = exchange.request.body.replace(b"{", b'{"verbosity": "low", ', 1)
        return Decision("asked for brevity — once", request=exchange.request.but(body=body))


async def ride_with(script: Script, *policies: Policy) -> Got:
    async with guests(script.url, *policies) as url:
        return await post(url, CHAT, QUESTIONS[CHAT] | {"stream": True})


@pytest.mark.parametrize("policy", [Broken(), Late(), Failing()])
async def test_a_broken_policy_costs_nothing(script: Script, policy: Policy) -> None:
    """Line 41: a policy that fails, at whatever moment, changes no byte up or down; a header names it."""
    line = Script.sse(*chat_stream("A", "head", "."))
    script.say(*[Line(500)] * isinstance(policy, Failing), line)
    got = await ride_with(script, policy)
    assert json.loads(script.heard[-1].body) == QUESTIONS[CHAT] | {"stream": True}
    assert got.body == b"".join(piece.data for piece in line.pieces)
    assert "broken: " in got.header("x-outrider-decisions")


async def test_a_store_that_is_gone_costs_nothing(script: Script, ride: Ride) -> None:
    """Line 41: without the Redis it was given the proxy answers, and says in a header and at /readyz what is amiss."""
    url = await ride(redis_url="redis://127.0.0.1:9/0")
    script.say(Script.json(chat()))
    got = await post(url, CHAT, QUESTIONS[CHAT])
    assert got.json == chat()
    assert "store" in got.header("x-outrider-decisions")
    assert (await ask(url, "GET", "/readyz")).json["status"] == "degraded"


async def test_every_change_is_named(script: Script) -> None:
    """Line 42: a change to the request is named in the reply's headers, by policy and reason; no change, no header."""
    script.say(Script.json(chat()), Script.json(chat()))
    got = await ride_with(script, Brief())
    assert b'"verbosity": "low"' in script.heard[0].body
    assert got.header("x-outrider-decisions").startswith("brief: asked for brevity")
    assert not (await ride_with(script)).header("x-outrider-decisions")


async def test_every_answer_says_whose_it_is(script: Script, url: str) -> None:
    """Line 42: session, agent and our own time stand in the headers of each answer."""
    script.handler = lambda _: Script.json(chat())
    got = await post(url, f"/s/one/a/planner{CHAT}", QUESTIONS[CHAT])
    assert (got.header("x-outrider-session"), got.header("x-outrider-agent")) == ("one", "planner")
    assert got.header("server-timing").startswith("outrider;dur=")
    assert (await post(url, CHAT, QUESTIONS[CHAT])).header("x-outrider-session")
