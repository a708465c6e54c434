"""Which replies are listened to, for whom, and which calls are started while they still stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.conversation import Conversation, ToolCall
from proxy.exchange import Exchange, Note, Reply, Request, Session
from proxy.tools import Owner, Prefetched
from proxy.tools.catalogue import Catalogue, Listing
from proxy.tools.emitted import Emitted
from proxy.tools.lookout import Lookout
from proxy.wire.forms import Forms
from tests.live.caller import until
from tests.live.replies import chat, delta, tool_call
from tests.proxy.tools.house import KEY, ME, Ride, client, riding, served, text
from tests.proxy.tools.shop import Shop

pytestmark = pytest.mark.anyio
FORMS = Forms()
NOTHING: tuple[bytes, ...] = ()
STREAM = ((b"content-type", b"text/event-stream; charset=utf-8"),)
DOCUMENT = ((b"content-type", b"application/json"),)


async def nothing() -> AsyncIterator[bytes]:
    for each in NOTHING:
        yield each


def exchange(*tools: str) -> Exchange:
    request = Request("POST", "/v1/chat/completions", form="chat", caller=ME, conversation=Conversation(tools=tools))
    return Exchange("x", request, Session("s1"))


def looking() -> tuple[Lookout, Emitted]:
    catalogue = Catalogue({"shop": Listing(({"name": "read"},))})
    emitted = Emitted(lambda: catalogue, lambda: 0.0)
    return Lookout(emitted, FORMS.named), emitted


def unheard(_: Note) -> None:
    """Nobody is told."""


def piece(index: int, name: str, arguments: str) -> bytes:
    """An event that holds a whole call."""
    call = tool_call(index, arguments, f"c{index}", name)
    return f"data: {json.dumps(delta(tool_calls=[call]))}\n\n".encode()


async def test_calls_of_the_servers_tools_are_noted_for_the_session() -> None:
    """The client's own are not."""
    lookout, emitted = looking()
    feed = lookout(exchange("read", "bash"), Reply(200, STREAM, nothing()), unheard)
    assert feed is not None
    for index, name in enumerate(("bash", "read")):
        feed(piece(index, name, '{"key": "a"}'))
    assert [(held.owner, held.id) for held in emitted.waiting(Owner(ME, "s1"))] == [(Owner(ME, "s1"), "c1")]


@pytest.mark.parametrize(
    ("asked", "status"),
    [(exchange(), 200), (exchange("read"), 429), (Exchange("x", Request("GET", "/"), Session("s")), 200)],
)
async def test_replies_without_tool_calls_cost_nothing(asked: Exchange, status: int) -> None:
    """No tools on offer, an error, a request that was not read."""
    lookout, _ = looking()
    assert lookout(asked, Reply(status, STREAM, nothing()), unheard) is None


async def test_the_same_call_is_noted_once() -> None:
    """However often it is told."""
    _, emitted = looking()
    for _ in range(2):
        emitted.hear(Owner(ME, "s1"), ToolCall("c1", "read", "{}"))
    assert len(emitted) == 1


def stream(ride: Ride, *pieces: bytes, headers: tuple[tuple[bytes, bytes], ...] = STREAM) -> list[Note]:
    """A reply passes; what is said of it."""
    said: list[Note] = []
    feed = ride.side.lookout(exchange("read", "write", "search"), Reply(200, headers, nothing()), said.append)
    assert feed is not None
    for each in pieces:
        feed(each)
    return said


async def test_a_call_that_stands_whole_is_started_before_the_reply_ends(tmp_path: Path) -> None:
    """With its last byte, and once; the agent's own call finds it."""
    shop = Shop()
    async with served(shop) as web, riding(tmp_path, {"shop": {"url": web}}) as ride:
        whole = piece(0, "read", '{"key": "a"}')
        assert stream(ride, whole.replace(b'\\"a\\"}', b'\\"a')) == []
        said = stream(ride, whole, whole)
        assert [(note.by, note.moment, note.reason) for note in said] == [("tools", "stream", "shop/read called ahead")]
        await until(lambda: shop.names() == ["read"])
        async with client(f"{ride.url}/mcp", headers={"authorization": KEY}) as c:
            assert json.loads(text(await c.call_tool("read", {"key": "a"})))["key"] == "a"
        assert (ride.answers(), shop.names(), ride.uses()) == (["shelf"], ["read"], ["used"])
        assert [each.window for each in ride.told if isinstance(each, Prefetched)] == ["stream"]


async def test_only_what_the_rules_allow_is_started(tmp_path: Path) -> None:
    """No write, nothing after a write of the same reply, nothing that is not on the list or reaches beyond."""
    shop = Shop()
    async with served(shop) as web, riding(tmp_path, {"shop": {"url": web}}) as ride:
        search, write = piece(0, "search", '{"words": "a"}'), piece(1, "write", '{"key": "a", "value": "1"}')
        broken = piece(3, "read", '{"key": }')
        assert stream(ride, search, broken, piece(4, "read", "[1]"), write, piece(2, "read", '{"key": "a"}')) == []
        assert len(ride.side.prefetch.shelf) == 0


async def test_a_guess_makes_room_for_a_call_that_is_certain(tmp_path: Path) -> None:
    """The newest guess of the session, which is the least likely; calls that are certain do not displace each other."""
    shop = Shop()
    shop.delay_s = 5.0
    async with served(shop) as web, riding(tmp_path, {"shop": {"url": web}}) as ride:
        guesses = [ride.ahead("read", key=key) for key in "abc"]
        assert ride.why_not("read", key="d") == "the session has enough under way"
        assert len(stream(ride, piece(0, "read", '{"key": "e"}'))) == 1
        assert [guess.over for guess in guesses] == [False, False, True]
        for number, key in enumerate("fg", 1):
            await asyncio.sleep(0.05)
            assert len(stream(ride, piece(number, "read", json.dumps({"key": key})))) == 1
        assert [guess.over for guess in guesses] == [True, True, True]
        await asyncio.sleep(0.05)
        assert stream(ride, piece(3, "read", '{"key": "h"}')) == []


async def test_a_reply_that_is_no_stream_starts_nothing(tmp_path: Path) -> None:
    """Its client has the calls at the same moment. They are noted all the same."""
    async with served(Shop()) as web, riding(tmp_path, {"shop": {"url": web}}) as ride:
        call = {"id": "c1", "type": "function", "function": {"name": "read", "arguments": '{"key":"a"}'}}
        assert stream(ride, json.dumps(chat(None, tool_calls=[call])).encode(), headers=DOCUMENT) == []
        assert len(list(ride.side.prefetch.emitted.waiting(Owner(ME, "s1")))) == 1


@pytest.mark.parametrize("given", [{"prefetch": "off"}, {"prefetch": "shadow"}, {"prefetch_windows": ("thinking",)}])
async def test_it_can_be_switched_off(tmp_path: Path, given: dict[str, str]) -> None:
    """With everything, or alone. In shadow it is counted what would be started."""
    async with served(Shop()) as web, riding(tmp_path, {"shop": {"url": web}}, **given) as ride:
        assert stream(ride, piece(0, "read", '{"key": "a"}')) == []
        assert ride.uses() == (["shadow"] if given.get("prefetch") == "shadow" else [])
