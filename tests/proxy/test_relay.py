"""The relay: bytes as they came, a copy kept in bounds, an end that is seen, a break that is shown."""

import time
import zlib
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange import Headers, Reply
from proxy.guard import Guard
from proxy.relay import Broken, Chain, Tap, flow, inflate, read
from proxy.upstreams import UpstreamError
from proxy.wire.forms import Forms

pytestmark = pytest.mark.anyio

CHAT = Forms().named("chat")
EVENTS: Headers = ((b"content-type", b"text/event-stream; charset=utf-8"),)
HELLO = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"hello"},"finish_reason":null}]}\n\n'
STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


class Body:
    """Chunks that come, and perhaps break off; remembers whether it was closed."""

    def __init__(self, chunks: Sequence[bytes], fault: UpstreamError | None = None) -> None:
        self.chunks = list(chunks)
        self.fault = fault
        self.closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self.chunks:
            return self.chunks.pop(0)
        if self.fault:
            raise self.fault
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True


class Settled:
    """Notes why a reply ended, and how much the client had by then."""

    def __init__(self) -> None:
        self.why: list[str] = []
        self.after = -1
        self.got: list[bytes] = []

    async def __call__(self, why: str) -> None:
        if not self.why:
            self.why.append(why)
            self.after = len(self.got)


async def relay(body: Body, headers: Headers = EVENTS, limit: int = 1 << 20) -> tuple[Settled, Tap]:
    reply = Reply(200, headers, body)
    tap = Tap(reply, CHAT, time.perf_counter, limit=limit)
    settled = Settled()
    chain = Chain(Guard(time.perf_counter))
    async for chunk in flow(reply, tap, tap, chain, settled):
        settled.got.append(chunk)
    return settled, tap


async def test_chunks_pass_as_they_came() -> None:
    """Not joined, not cut, not decoded; closed at the end; what was said can be read from the copy."""
    body = Body([HELLO[:9], HELLO[9:], STOP + DONE])
    settled, tap = await relay(body)
    assert settled.got == [HELLO[:9], HELLO[9:], STOP + DONE]
    assert settled.why == [""]
    assert body.closed
    outcome = read(tap, tap.body(), "")
    assert (outcome.turns[0].text, outcome.finish, outcome.whole) == ("hello", "stop", True)


async def test_settled_before_the_upstream_has_closed() -> None:
    """What the session will be found by is in place as soon as the promised end has been handed on."""

    class Slow(Body):
        async def __anext__(self) -> bytes:
            if not self.chunks:
                assert settled_early.why == [""]
            return await super().__anext__()

    settled_early = Settled()
    reply = Reply(200, EVENTS, Slow([HELLO, STOP, DONE]))
    tap = Tap(reply, CHAT, time.perf_counter, limit=1 << 20)
    async for chunk in flow(reply, tap, tap, Chain(Guard(time.perf_counter)), settled_early):
        settled_early.got.append(chunk)
    assert settled_early.why == [""]


async def test_a_break_between_events_is_told_in_band() -> None:
    """The stream ends with an error event, and never with a made-up `[DONE]` (drop-in, line 20)."""
    fault = UpstreamError("upstream default broke off", code="closed", status=502)
    settled, tap = await relay(Body([HELLO], fault))
    assert settled.got[0] == HELLO
    assert b'"error"' in settled.got[1]
    assert DONE not in settled.got[1]
    assert "broke off" in settled.why[0]
    assert not tap.ended


async def test_a_break_inside_an_event_breaks_the_connection() -> None:
    """Half an event cannot be ended well: the client must see its connection break."""
    fault = UpstreamError("upstream default broke off", code="closed", status=502)
    with pytest.raises(Broken):
        await relay(Body([HELLO[:20]], fault))


async def test_a_break_in_a_body_breaks_the_connection() -> None:
    """A JSON body that stops short is never ended as if it were whole."""
    fault = UpstreamError("upstream default broke off", code="closed", status=502)
    headers = ((b"content-type", b"application/json"), (b"content-length", b"100"))
    body = Body([b'{"id":'], fault)
    with pytest.raises(Broken):
        await relay(body, headers)
    assert body.closed


async def test_a_break_after_the_end_is_nobodys_concern() -> None:
    """After `[DONE]` the client has everything."""
    fault = UpstreamError("reset", code="closed", status=502)
    settled, _ = await relay(Body([HELLO, STOP, DONE], fault))
    assert settled.got == [HELLO, STOP, DONE]
    assert settled.why == [""]


async def test_long_bodies_are_not_kept() -> None:
    """Over its limit the copy is dropped whole, the bytes still pass, and nothing is read from half a body."""
    settled, tap = await relay(Body([HELLO] * 50 + [DONE]), limit=500)
    assert b"".join(settled.got) == HELLO * 50 + DONE
    assert tap.body() == b""
    assert read(tap, tap.body(), "").turns == ()
    assert tap.ended


async def test_end_is_seen_across_chunks() -> None:
    """The end may be cut anywhere."""
    for cut in range(1, len(DONE)):
        _, tap = await relay(Body([HELLO, DONE[:cut], DONE[cut:]]))
        assert tap.ended


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "deflate", "raw"]))
def test_compressed_bodies_are_read(body: bytes, how: str) -> None:
    """gzip, zlib and raw deflate are undone for reading; the copy that passes stays as it came."""
    window = {"gzip": 31, "deflate": 15, "raw": -15}[how]
    machine = zlib.compressobj(wbits=window)
    packed = machine.compress(body) + machine.flush()
    assert inflate(packed, "gzip" if how == "gzip" else "deflate") == body


def test_a_bomb_is_not_unpacked() -> None:
    """What grows over the limit reads as nothing; so does what is no gzip, and what nobody knows."""
    machine = zlib.compressobj(wbits=31)
    bomb = machine.compress(b"\0" * 1_000_000) + machine.flush()
    assert inflate(bomb, "gzip", limit=1000) == b""
    assert inflate(b"not gzip at all", "gzip") == b""
    assert inflate(b"x", "br") == b""
