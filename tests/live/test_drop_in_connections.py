"""Drop-in, connections: nobody works for a client who left, and no connection is lost or kept for nothing.

It must not know how the road does it; each test is a dialogue over sockets, told by its line of the list.
"""

import asyncio
import gc
import json
from collections import Counter

import pytest

from proxy.compose import server_config
from proxy.engine import Answered
from proxy.exchange import Exchange
from proxy.passage import Passage
from proxy.settings import Settings
from proxy.testing import Heard, Line, Script
from proxy.upstreams.connection import Answer
from tests.live.caller import ask, calling, post, until
from tests.live.conftest import Figure, Ride
from tests.live.replies import CHAT, MESSAGES, QUESTIONS, RESPONSES, STREAMS, chat, chat_stream

pytestmark = pytest.mark.anyio
FORMS = (CHAT, RESPONSES, MESSAGES)
WINDOWS = ("before the first byte", "in mid-stream", "while a whole body is awaited")


def question(path: str = CHAT, *, stream: bool = True) -> bytes:
    return json.dumps(QUESTIONS[path] | ({"stream": True} if stream else {})).encode()


def silence(path: str, window: str) -> Line:
    """What the upstream says up to the moment at which the client leaves."""
    if window == "in mid-stream":
        return Script.sse(*STREAMS[path][:2], named=path != CHAT, ending="stay")
    return Line(silent=True, ending="stay")


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("window", WINDOWS)
async def test_a_hang_up_reaches_the_upstream(script: Script, url: str, path: str, window: str, figure: Figure) -> None:
    """Line 24: a client that leaves, in each of the three windows, ends the upstream's work."""
    script.say(silence(path, window))
    async with calling(url) as caller:
        await caller.send("POST", path, question(path, stream=window != WINDOWS[2]))
        if window == "in mid-stream":
            await caller.head()
            await caller.chunk()
        await until(lambda: script.heard)
        left = asyncio.get_running_loop().time()
        caller.leave()
        ended = await script.hangup(5.0)
    figure("hang-up", (ended - left) * 1e3)
    await until(lambda: script.open == 0)


async def test_a_quiet_goodbye_counts_too(script: Script, url: str, figure: Figure) -> None:
    """Line 24: closing as browsers and SDKs do, with FIN and not with a reset, is a hang-up as well."""
    script.say(silence(CHAT, WINDOWS[1]))
    reader, writer = await asyncio.open_connection(*url.removeprefix("http://").split(":"))
    body = question()
    writer.write(b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (CHAT.encode(), len(body), body))
    await reader.readuntil(b"\r\n\r\n")
    left = asyncio.get_running_loop().time()
    writer.close()
    figure("hang-up", (await script.hangup(5.0) - left) * 1e3)


async def test_a_hang_up_during_heartbeats_reaches_the_upstream(script: Script, ride: Ride) -> None:
    """Line 24: the comments of a heartbeat do not hide that the client has left."""
    url = await ride(sse_keepalive_s=0.05)
    script.say(silence(CHAT, WINDOWS[0]))
    async with calling(url) as caller:
        await caller.send("POST", CHAT, question())
        await caller.head()
        assert await caller.chunk() == b": keep-alive\n\n"
        caller.leave()
        await script.hangup(5.0)


async def test_a_hang_up_is_seen_while_nothing_is_written(script: Script, url: str) -> None:
    """Line 25: a silent stream's client is seen leaving though there is no chunk to fail on, many at a time."""
    script.handler = lambda _: silence(CHAT, WINDOWS[1])

    async def come_and_go() -> None:
        async with calling(url) as caller:
            await caller.send("POST", CHAT, question())
            await caller.head()
            await caller.chunk()

    await asyncio.gather(*(come_and_go() for _ in range(30)))
    await until(lambda: script.open == 0)
    assert len(script.heard) == 30


async def test_half_a_request_goes_nowhere(script: Script, url: str) -> None:
    """Line 25: a client that leaves before its body is complete has asked nothing."""
    async with calling(url) as caller:
        await caller.send("POST", CHAT, question()[:20], [("content-length", "2000")])
        await asyncio.sleep(0.05)
    assert (await ask(url, "GET", "/v1/models")).status == 200
    assert [heard.target for heard in script.heard] == ["/v1/models"]


async def test_leaving_at_the_head_leaks_nothing(script: Script, url: str) -> None:
    """Line 26: a client that leaves the moment the head is there, before any body, leaves no connection behind."""
    head = Script.sse("[DONE]").headers
    script.handler = lambda heard: (
        Line(headers=head, body=(), framing="chunked", ending="stay") if heard.method == "POST" else Line()
    )
    for _ in range(20):
        async with calling(url) as caller:
            await caller.send("POST", CHAT, question())
            await until(lambda: script.open)
            await caller.head()
            caller.leave()
        await until(lambda: script.open == 0)
    assert (await ask(url, "GET", "/v1/models")).status == 200


async def test_a_connection_serves_many_requests(script: Script, url: str) -> None:
    """Line 27: client and proxy, proxy and upstream each keep one connection for a whole session."""
    script.handler = lambda _: Script.json(chat())
    async with calling(url) as caller:
        for _ in range(20):
            await caller.send("POST", CHAT, question(stream=False))
            assert (await caller.answer()).status == 200
    assert script.connections == 1


async def test_idle_clients_are_kept_longer_than_their_pools_keep_us(ride: Ride) -> None:
    """Line 27: idle client connections stay open for 620 s, longer than load balancers (600 s) and pools (90 s) do;
    the setting is honoured."""
    assert server_config(Settings(_env_file=None), "127.0.0.1", 0).timeout_keep_alive == 620
    url = await ride(keepalive_s=1)
    async with calling(url) as caller:
        await caller.send("GET", "/healthz")
        await caller.answer()
        assert await caller.closed(5.0)


@pytest.mark.slow
async def test_an_idle_client_is_not_sent_away(script: Script, url: str) -> None:
    """Line 27: after 6 s of silence, past the 5 s at which servers usually close, a client may go on."""
    async with calling(url) as caller:
        for pause in (6, 0):
            await caller.send("POST", CHAT, question())
            assert (await caller.answer()).status == 200
            await asyncio.sleep(pause)
    assert script.connections == 2, "our own idle connection was closed before the upstream closes it"


async def test_an_upstream_that_closed_its_idle_connection_is_not_noticed(script: Script, url: str) -> None:
    """Line 27: kept connections that the upstream has closed cost the client nothing, and no request goes twice."""
    script.handler = lambda _: Script.json(chat(), keep_alive=len(script.heard) % 2 == 0)
    for _ in range(20):
        assert (await post(url, CHAT, question(stream=False))).status == 200
        script.drop_idle()
    assert len(script.heard) == 20


async def test_hundreds_stream_at_once(script: Script, url: str) -> None:
    """Line 28: 300 streams are open upstream at the same time; none waits for another to end."""
    go = asyncio.Event()

    async def together(_: Heard) -> Line:
        if len(script.heard) == 300:
            go.set()
        await go.wait()
        return Script.sse(*chat_stream("Ahead."))

    script.handler = together
    got = await asyncio.gather(*(post(url, CHAT, question()) for _ in range(300)))
    assert {each.events[-1] for each in got} == {"[DONE]"}


async def test_nothing_is_left_after_many_streams(script: Script, url: str) -> None:
    """Line 35: after 200 concurrent streams, half of them left in the middle, no task, no upstream connection in use
    and no object of an exchange remains."""
    await post(url, CHAT, question())
    before = {task.get_coro() for task in asyncio.all_tasks()}
    script.handler = lambda _: Script.sse(*chat_stream(*"Ahead!"), after_s=0.01)

    async def ride_along(place: int) -> None:
        async with calling(url) as caller:
            await caller.send("POST", CHAT, question())
            await caller.head()
            while await caller.chunk() and place % 2:
                pass

    await asyncio.gather(*map(ride_along, range(200)))
    await until(lambda: {task.get_coro() for task in asyncio.all_tasks()} <= before)
    script.drop_idle()
    await until(lambda: script.open == 0)
    await until(lambda: not remains(Exchange, Passage, Answered, Answer))


def remains(*kinds: type) -> Counter[str]:
    """Objects of these kinds that something still holds, beyond two: those of the last exchange may be at hand."""
    gc.collect()
    found = Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, kinds))
    return Counter({name: count for name, count in found.items() if count > 2})
