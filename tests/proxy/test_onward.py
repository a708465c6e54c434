"""A reply carried on: what the engine does when a model calls a tool of a policy's own, well and not so well."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from proxy.exchange import Exchange, Reply, Request
from proxy.onward import ENOUGH, FAILED
from proxy.policy import Decision, OwnTool
from proxy.recording import read
from proxy.upstreams import UpstreamError
from tests.live.replies import chat, error
from tests.proxy.house import JSON, House, Place, guest, request, said

pytestmark = pytest.mark.anyio
EVENTS = (b"content-type", b"text/event-stream")


def calling(text: str | None = None, name: str = "seek") -> bytes:
    """A completion that calls the tool."""
    function = {"name": name, "arguments": '{"q":"x"}'}
    return orjson.dumps(chat(text, tool_calls=[{"id": "c1", "type": "function", "function": function}]))


def streamed(*events: Any) -> bytes:
    """Events as they come from a provider."""
    return b"".join(b"data: " + (orjson.dumps(each) if isinstance(each, dict) else each) + b"\n\n" for each in events)


@dataclass
class Told(Place):
    """An upstream that says these replies in order: bytes, or status and bytes, or a fault; streamed if `events`."""

    replies: list[Any] = field(default_factory=list)
    events: bool = False
    pinned: list[str] = field(default_factory=list)

    async def send(self, request: Request, *, pinned: str = "") -> Reply:
        """The next reply."""
        self.heard.append(request)
        self.pinned.append(pinned)
        said = self.replies.pop(0)
        if isinstance(said, UpstreamError):
            raise said
        status, body = said if isinstance(said, tuple) else (200, said)
        kind = EVENTS if self.events and status == 200 else JSON
        return Reply(status, (kind, (b"content-length", b"%d" % len(body))), self._said(body), "place")

    async def _said(self, body: bytes) -> AsyncIterator[bytes]:
        try:
            for start in range(0, len(body), 40):
                yield body[start : start + 40]
        finally:
            self.closed += 1


def house(*replies: Any, events: bool = False, answer: Callable[[str], str] = lambda _: "found", **more: Any) -> House:
    """A house whose one guest owns the tool `seek`."""
    tool = OwnTool("seek", "Seeks.", {"type": "object"}, answer, 1)
    offering = guest("owner", prepare=lambda _: Decision("offered", tool=tool, quiet=True), **more)
    return House([offering], place=Told(replies=list(replies), events=events))


def told(place: Any) -> list[Any]:
    """The items of the last request that reached the upstream."""
    items: list[Any] = json.loads(place.heard[-1].body)["messages"]
    return items


async def test_a_continuation_is_an_exchange_of_its_own() -> None:
    """Recorded with its parent and charged to it, sent where the first reply came from; the parent tells what the
    client got, and what was said aside."""
    learned: list[Exchange] = []
    here = house(calling("One moment."), said("Ahead."), learn=learned.append)
    answered, body = await here.ask()
    assert json.loads(body)["choices"][0]["message"]["content"] == "One moment.\n\nAhead."
    assert here.place.pinned == ["", "place"]  # type: ignore[attr-defined]
    child, parent = here.told
    assert (child.purpose, child.depth, parent.purpose) == ("seek", 1, "")
    assert parent.completion
    assert (parent.completion.finish, parent.completion.turns[0].text) == ("stop", "One moment.\n\nAhead.")
    assert learned[0].asides[0].results == ("found",)
    assert answered.exchange
    for exchange in (parent, answered.exchange):  # the recording, and what the reply's headers tell
        assert [note.reason for note in exchange.notes] == ["answered a call of seek"]
    lines = [read(line) for line in await here.store.recording("me", answered.exchange.session.id)]
    assert [line.parent for line in lines] == [parent.id, ""]
    assert here.place.closed == 2


async def test_a_tool_that_fails_costs_the_client_nothing() -> None:
    """The model is told so, the policy is blamed."""

    def broken(_: str) -> str:
        raise ValueError("no")

    here = house(calling(), said("Ahead."), answer=broken)
    _, body = await here.ask()
    assert b"Ahead." in body
    assert told(here.place)[-1]["content"] == FAILED
    assert [note.kind for note in here.told[-1].notes] == ["fault"]


async def test_after_its_rounds_the_model_is_asked_to_go_on() -> None:
    """First in words, so that it can still call a tool of the client's; then without tools. One that calls again all
    the same is not listened to."""
    here = house(calling(), calling(), calling(name="book"))
    _, body = await here.ask()
    assert json.loads(body)["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "book"
    assert told(here.place)[-1]["content"] == ENOUGH
    assert "tool_choice" not in json.loads(here.place.heard[-1].body)
    assert [note.reason for note in here.told[-1].notes] == ["answered a call of seek"]
    again = house(calling(), calling(), calling(), said("Ahead."))
    _, body = await again.ask()
    assert b"Ahead." in body
    assert json.loads(again.place.heard[-1].body)["tool_choice"] == "none"
    stubborn = house(calling(), calling(), calling(), calling(), said("As you asked."))
    _, body = await stubborn.ask()
    assert b"As you asked." in body
    assert b"tools" not in stubborn.place.heard[-1].body


async def test_a_continuation_that_is_refused_is_asked_anew() -> None:
    """As the client wrote it; nothing was given yet, and the policy hears that it was refused."""
    for events in (False, True):
        replies = (
            [streamed(*_calls()), (400, orjson.dumps(error("no"))), streamed(*_answer())]
            if events
            else [calling("One moment."), (400, orjson.dumps(error("no"))), said("Ahead.")]
        )
        here = house(*replies, events=events)
        answered, body = await here.ask()
        assert answered.reply.status == 200
        assert b"Ahead." in body
        assert b"One moment" not in body
        assert b"tools" not in here.place.heard[-1].body
        assert any(note.kind == "refused" for note in here.told[-1].notes)
        assert here.told[-1].asides == ()


async def test_an_error_in_the_continuation_is_the_clients_error() -> None:
    """With its own status and body, where nothing was given; a stream that has begun ends with it."""
    busy = orjson.dumps(error("slow down", code="rate_limit_exceeded"))
    answered, body = await (here := house(calling(), (429, busy))).ask()
    assert (answered.reply.status, body) == (429, busy)
    assert here.place.closed == 2
    _, body = await house(streamed(*_calls()), (429, busy), events=True).ask()
    assert b"slow down" in body
    assert b"[DONE]" not in body


async def test_an_upstream_that_is_gone_is_an_upstream_error() -> None:
    """For a whole reply the same as if it had been gone at once; its first half is recorded."""
    gone = UpstreamError("gone", code="connect", status=502)
    here = house(calling(), gone)
    with pytest.raises(UpstreamError, match="gone"):
        await here.ask()
    await here.engine.aclose()
    assert [exchange.purpose for exchange in here.told] == ["seek", ""]
    assert here.told[-1].completion
    assert here.told[-1].completion.usage
    _, body = await house(streamed(*_calls()), gone, events=True).ask()
    assert body.endswith(b'"code":"connect"}}\n\n')


async def test_a_client_that_leaves_ends_the_continuation() -> None:
    """Whatever is under way is closed, and both exchanges are settled."""
    waiting = asyncio.Event()
    here = house(streamed(*_calls()), b"", events=True)
    send = here.place.send

    async def slow(request: Request, *, pinned: str = "") -> Reply:
        if not here.place.heard:
            return await send(request, pinned=pinned)
        waiting.set()
        await asyncio.sleep(60)
        raise AssertionError

    here.place.send = slow  # type: ignore[method-assign]
    answered = await here.engine.run(request(), 0.0)

    async def listen() -> None:
        async for _ in answered.reply.chunks:
            pass

    client = asyncio.ensure_future(listen())
    await waiting.wait()
    client.cancel()
    await asyncio.gather(client, return_exceptions=True)
    await here.engine.aclose()
    assert [exchange.completion.error for exchange in here.told if exchange.completion] == ["client left"] * 2
    assert here.place.closed == 1


def _calls() -> list[Any]:
    piece = {"index": 0, "id": "c1", "function": {"name": "seek", "arguments": "{}"}}
    return [_chunk({"role": "assistant"}), _chunk({"tool_calls": [piece]}), _chunk({}, "tool_calls"), b"[DONE]"]


def _answer() -> list[Any]:
    return [_chunk({"role": "assistant"}), _chunk({"content": "Ahead."}), _chunk({}, "stop"), b"[DONE]"]


def _chunk(delta: Any, finish: str | None = None) -> Any:
    return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
