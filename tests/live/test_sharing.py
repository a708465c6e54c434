"""Several replicas over one Redis are one proxy: any of them serves any turn, and no fault of Redis reaches a client.

It must not know how the store keeps things; it drives real replicas and a real redis-server.
"""

import asyncio
import json
import shutil
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

import pytest

from proxy.testing import Heard, Line, Script
from tests.live.caller import Broke, Got, ask, calling, post, until
from tests.live.conftest import Ride
from tests.live.replica import replica, serving
from tests.live.replies import CHAT, MESSAGES, RESPONSES, STREAMS, chat, message, response
from tests.proxy.store.server import RedisServer

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed"),
]
OPENING: list[Any] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where is it?"}]
LOOK = ("agent", "run", "source", "requests", "errors", "prompt_tokens", "completion_tokens", "models")


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A redis-server for one test, that may be killed and frozen."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


def echo(heard: Heard) -> Line:
    """An answer that depends on nothing but the question: how many items it had, and a tool call now and then."""
    body = json.loads(heard.body)
    if heard.target == RESPONSES:
        return Script.json(
            response(f"resp_{body.get('previous_response_id', '_0')[5:]}x", f"after {body.get('input')}")
        )
    count = len(body["messages"])
    if heard.target == MESSAGES:
        return Script.json(message({"type": "text", "text": f"I heard {count} turns."}))
    if count % 4 == 3:
        call = {"id": f"call_Zx9Kq7Lm{count:04}", "type": "function", "function": {"name": "scout", "arguments": "{}"}}
        return Script.json(chat(None, tool_calls=[call]))
    return Script.json(chat(f"I heard {count} turns."))


def next_chat(messages: list[Any], got: Got) -> list[Any]:
    """The conversation after an answer, with the tool's result or the user's next words."""
    said = got.json["choices"][0]["message"]
    calls = said.get("tool_calls") or []
    results = [{"role": "tool", "tool_call_id": call["id"], "content": "clear"} for call in calls]
    return [*messages, said, *(results or [{"role": "user", "content": "And then?"}])]


async def talk(
    urls: Sequence[str], turns: int = 8, opening: Sequence[Any] = OPENING, pause_s: float = 0.0
) -> list[Got]:
    """A chat of so many turns, each asked at the next proxy in turn, with no header that says whose it is."""
    messages = list(opening)
    got = []
    for url, _ in zip(cycle(urls), range(turns), strict=False):
        got.append(await post(url, CHAT, {"model": "gpt-4o", "messages": messages}))
        messages = next_chat(messages, got[-1])
        await asyncio.sleep(pause_s)
    return got


def session_of(got: Sequence[Got]) -> str:
    """The one session of several answers."""
    sessions = [(each.header("x-outrider-session"), each.header("x-outrider-decisions")) for each in got]
    assert len({session for session, _ in sessions}) == 1, sessions
    return sessions[0][0]


async def remembered(url: str, session: str) -> dict[str, Any]:
    """What a proxy remembers of a session, without ids and times, which are its own."""
    row = (await ask(url, "GET", f"/outrider/sessions/{session}")).json
    return {name: row.get(name) for name in LOOK}


async def test_two_replicas_are_one_proxy(script: Script, ride: Ride, redis: RedisServer) -> None:
    """A conversation whose turns alternate between two replicas is one session with the memory one proxy would have."""
    script.handler = echo
    pair = [await ride(redis_url=redis.url) for _ in range(2)]
    alone = await ride()
    shared, single = session_of(await talk(pair)), session_of(await talk([alone]))
    there = [await remembered(url, shared) for url in pair]
    assert there[0] == there[1] == await remembered(alone, single)
    assert there[0]["requests"] == 8
    lines = (await ask(pair[1], "GET", f"/outrider/sessions/{shared}.jsonl")).body.splitlines()
    assert len(lines) == 8


@pytest.mark.parametrize("path", [RESPONSES, MESSAGES])
async def test_other_forms_alternate_too(script: Script, ride: Ride, redis: RedisServer, path: str) -> None:
    """Responses that refer to each other by id, and Anthropic messages, alternate as well."""
    script.handler = echo
    pair = [await ride(redis_url=redis.url) for _ in range(2)]
    got: list[Got] = []
    turns: list[Any] = [{"role": "user", "content": "Where is it?"}]
    for url in pair * 3:
        if path == RESPONSES:
            follows = {"previous_response_id": got[-1].json["id"]} if got else {}
            got.append(await post(url, path, {"model": "gpt-5", "input": f"turn {len(got)}", **follows}))
            continue
        got.append(await post(url, path, {"model": "claude-next", "max_tokens": 9, "messages": turns}))
        said = {"role": "assistant", "content": got[-1].json["content"]}
        turns = [*turns, said, {"role": "user", "content": "And then?"}]
    assert (await remembered(pair[0], session_of(got)))["requests"] == 6


async def test_many_conversations_do_not_mix(script: Script, ride: Ride, redis: RedisServer) -> None:
    """Twenty conversations with the same first words, at once over two replicas, are twenty sessions."""
    script.handler = echo
    pair = [await ride(redis_url=redis.url, store_budget_ms=2000) for _ in range(2)]

    async def agent(number: int) -> list[Got]:
        messages: list[Any] = [{"role": "user", "content": "Where is it?"}]
        got = []
        for turn in range(4):
            got.append(await post(pair[(number + turn) % 2], CHAT, {"model": "gpt-4o", "messages": messages}))
            messages = next_chat(messages, got[-1])
            messages[-1] = messages[-1] | {"content": f"I am {number}, turn {turn}."}
        return got

    agents = await asyncio.gather(*map(agent, range(20)))
    # Before an agent has said who it is, any of the sessions that wait at the common beginning may be its own.
    assert len({session_of(got[1:]) for got in agents}) == 20
    assert len({session for got in agents for session in (each.header("x-outrider-session") for each in got)}) == 20


async def test_no_client_notices_a_restart_of_redis(script: Script, ride: Ride, redis: RedisServer) -> None:
    """Redis is killed, stays away, comes back empty and is frozen, all under load: every answer is the upstream's;
    afterwards sessions are remembered again."""
    script.handler = echo
    pair = [await ride(redis_url=redis.url) for _ in range(2)]
    faults: list[Got] = []
    over = asyncio.Event()

    async def load(url: str) -> int:
        count = 0
        while not over.is_set():
            count += 1
            faults.extend(got for got in await talk([url], 3) if got.status != 200)
        return count

    loads = [asyncio.ensure_future(load(url)) for url in pair * 3]
    for step in (redis.kill, redis.start, redis.freeze, redis.thaw):
        await asyncio.sleep(0.4)
        await asyncio.to_thread(step)
    await asyncio.sleep(0.4)
    over.set()
    assert all(await asyncio.gather(*loads))
    assert not faults
    await _until_ready(pair)
    got = await talk(pair, 4)
    assert (await remembered(pair[0], session_of(got)))["requests"] == 4


async def _until_ready(urls: Sequence[str]) -> None:
    """Waits until every replica has its store again."""
    for _ in range(100):
        ready = [(await ask(url, "GET", "/readyz")).json["status"] == "ok" for url in urls]
        if all(ready):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("the store does not come back")


async def test_a_replica_that_is_killed_is_not_missed(script: Script, redis: RedisServer) -> None:
    """`kill -9` of one replica in mid-stream: its client sees a break, the others carry on every session."""
    places = {"upstream": f"{script.url}/v1", "redis_url": redis.url}
    async with replica(**places) as (first, one), replica(**places) as (_, two):
        script.handler = echo
        got = await talk([one, two], 4, pause_s=0.1)
        script.say(Script.sse(*STREAMS[CHAT][:2], ending="stay"))
        async with calling(one) as caller:
            body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "Hello?"}]}
            await caller.send("POST", CHAT, json.dumps(body).encode())
            await caller.head()
            assert await caller.chunk()
            first.kill()
            with pytest.raises(Broke):
                _ = [await caller.chunk() for _ in range(9)]
        await script.hangup()
        messages = OPENING
        for each in got:
            messages = next_chat(messages, each)
        got.append(await post(two, CHAT, {"model": "gpt-4o", "messages": messages}))
        await _until_counted(two, session_of(got), 5)


@pytest.mark.parametrize("pause_s", [0.05, 0.0])
async def test_workers_share_their_sessions(script: Script, redis: RedisServer, pause_s: float) -> None:
    """`outrider serve --workers 2` with Redis: turns on either worker are one session, at a tool's pace or at once."""
    script.handler = echo
    async with replica("--workers", "2", upstream=f"{script.url}/v1", redis_url=redis.url) as (_, url):
        for number in range(20):
            opening = [{"role": "user", "content": f"I am {number}, and this is the first you hear of me."}]
            session = session_of(await talk([url], 4, opening, pause_s))
            await _until_counted(url, session, 4)
        assert b"outrider_" in (await ask(url, "GET", "/metrics")).body


async def _until_counted(url: str, session: str, requests: int) -> None:
    """Waits until the memory of a session has so many requests: the last one is written after its answer."""
    for _ in range(100):
        counted = (await remembered(url, session))["requests"]
        if counted == requests:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"{counted} requests are remembered, not {requests}")


async def test_workers_without_redis_are_refused() -> None:
    """More than one worker without Redis does not start; it says which setting is missing, and nothing is served."""
    with serving("--workers", "2", "--port", "0") as process:
        await until(lambda: process.poll() is not None, within_s=20)
        assert process.returncode == 2
        assert process.stderr is not None
        assert "OUTRIDER_REDIS_URL" in process.stderr.read()
