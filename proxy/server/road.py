"""The road's ASGI app: everything under `/v1/`, from the client's bytes to the client's bytes.

It must not know FastAPI, nor any single policy: plain ASGI, so that nothing is parsed or buffered twice.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from urllib.parse import quote

from proxy.engine import Answered, Engine
from proxy.exchange import Exchange, Headers, Indexed, Request, header
from proxy.reader import FormTable
from proxy.relay import EVENTS, Broken, close
from proxy.server.address import split
from proxy.server.gate import Gate, caller
from proxy.server.heartbeat import COMMENT, beating, drop, within
from proxy.server.intake import Gone, Receive, Scope, Send, TooLarge, Watch, take_in
from proxy.server.protocol import WRITING, Writer
from proxy.services import Services, Traffic
from proxy.upstreams import Take, UpstreamError
from proxy.wire import Form, Malformed

log = logging.getLogger("outrider.road")

JSON = (b"content-type", b"application/json")
STREAM = (b"content-type", b"text/event-stream; charset=utf-8")
STREAM_HEADERS = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))
MOST_DECISIONS = 2048
VIRTUAL_BEAT_S = 15.0
"""A team may be silent for minutes before its last call: its streams get comments without being asked."""


class Refusal(Exception):
    """An answer of our own instead of the upstream's."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Road:
    """Answers the API's paths."""

    def __init__(
        self,
        engine: Engine,
        services: Services,
        forms: FormTable,
        gate: Gate,
        *,
        most: int,
        heartbeat_s: float = 0.0,
        traffic: Traffic | None = None,
    ) -> None:
        """`most`: bytes a request body may have. `heartbeat_s`: silence until a stream gets a comment; 0: none."""
        self._loop = asyncio.get_running_loop()
        self._engine = engine
        self._services = services
        self._forms = forms
        self._gate = gate
        self._most = most
        self._heartbeat_s = heartbeat_s
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        address = split(scope["raw_path"].decode("latin-1"))
        form = self._forms.of(scope["method"], address[0] if address else "")
        try:
            request = await self._take(scope, receive, address)
        except Gone:
            return
        except Refusal as refusal:
            await refuse(send, form, refusal)
            return
        await self._guarded(request, form, scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, address: tuple[str, dict[str, str]] | None) -> Request:
        headers: Headers = Indexed.of(scope["headers"])
        if address is None:
            raise Refusal(404, "not_found", f"no such path: {scope['path'][:200]}. API paths begin with /v1/")
        if not self._gate.admits(headers):
            raise Refusal(401, "invalid_api_key", "this proxy does not accept that API key (OUTRIDER_KEYS)")
        try:
            body = await take_in(receive, header(headers, b"content-length"), self._most)
        except TooLarge:
            limit = f"{self._most / 1e6:g} MB (OUTRIDER_MAX_BODY_MB)"
            raise Refusal(413, "request_too_large", f"the request body is larger than {limit}") from None
        request = Request(
            scope["method"],
            address[0],
            self._gate.onward(headers),
            body,
            scope["query_string"].decode("latin-1"),
            caller=caller(headers),
            tags=address[1],
        )
        try:
            return self._services.read(request)
        except Malformed as fault:
            raise Refusal(400, "invalid_json", str(fault)) from fault

    async def _guarded(self, request: Request, form: Form, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, unless the client leaves first: then what is under way is cancelled, and that is all."""
        task = asyncio.current_task(self._loop)
        assert task is not None
        watch = Watch(scope, receive, task)
        if self._traffic:
            self._traffic.enter()
        try:
            await self._answer(request, form, scope, send)
        except asyncio.CancelledError:
            if not watch.gone:
                raise
            task.uncancel()
        finally:
            watch.end()
            if self._traffic:
                self._traffic.leave()

    async def _answer(self, request: Request, form: Form, scope: Scope, send: Send) -> None:
        beat_s = self._heartbeat_s or (VIRTUAL_BEAT_S if self._engine.is_virtual(request.model) else 0.0)
        if beat_s and request.stream:
            await self._answer_beating(request, form, send, beat_s)
            return
        try:
            answered = await self._run(request)
        except UpstreamError as fault:
            await refuse(send, form, Refusal(fault.status, fault.code, str(fault)))
            return
        await self._hand_on(answered, answered.reply.chunks, send, scope)

    async def _hand_on(
        self, answered: Answered, chunks: AsyncIterator[bytes], send: Send, scope: Scope | None = None
    ) -> None:
        """With a `scope`, the server's own writer is used where it has one: the head is written without a step of
        this task, and so are all pieces that come while it waits."""
        reply, headers, writer = answered.reply, told(answered), writer_of(scope)
        length = header(reply.headers, b"content-length")
        left, more = int(length) if length.isdigit() else -1, True
        try:
            if not (writer and writer.begin(reply.status, headers)):
                await send({"type": "http.response.start", "status": reply.status, "headers": list(headers)})
            async for chunk in chunks:
                left -= len(chunk)
                more = left != 0
                await send({"type": "http.response.body", "body": chunk, "more_body": more})
                if more and writer:
                    let_pass(chunks, writer.take)
                    writer = None
            if more:
                await send({"type": "http.response.body"})
        except Broken as fault:
            log.warning("upstream %s broke off: %s", reply.upstream, fault)
        finally:
            await close(chunks)
            if chunks is not reply.chunks:
                await close(reply.chunks)

    async def _answer_beating(self, request: Request, form: Form, send: Send, beat_s: float) -> None:
        """A stream with comments in its silences. Opened before the upstream has answered, its errors come in band."""
        running = asyncio.ensure_future(self._run(request))
        try:
            if await within(running, beat_s):
                await self._finished(running, form, send, beat_s)
                return
            await send({"type": "http.response.start", "status": 200, "headers": [STREAM, *STREAM_HEADERS]})
            await send({"type": "http.response.body", "body": COMMENT, "more_body": True})
            while not await within(running, beat_s):
                await send({"type": "http.response.body", "body": COMMENT, "more_body": True})
            async for chunk in self._in_band(running, form, beat_s):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body"})
        finally:
            await drop(running)

    async def _finished(self, running: "asyncio.Future[Answered]", form: Form, send: Send, beat_s: float) -> None:
        try:
            answered = running.result()
        except UpstreamError as fault:
            await refuse(send, form, Refusal(fault.status, fault.code, str(fault)))
            return
        events = header(answered.reply.headers, b"content-type").startswith(EVENTS)
        chunks = answered.reply.chunks
        await self._hand_on(answered, beating(chunks, beat_s) if events else chunks, send)

    async def _in_band(self, running: "asyncio.Future[Answered]", form: Form, beat_s: float) -> AsyncGenerator[bytes]:
        """What remains of a stream that is already open: the upstream's events, or its error as an event."""
        try:
            reply = running.result().reply
        except UpstreamError as fault:
            yield form.stream_failure(str(fault), code=fault.code)
            return
        try:
            if header(reply.headers, b"content-type").startswith(EVENTS):
                async for chunk in beating(reply.chunks, beat_s):
                    yield chunk
                return
            body = b"".join([chunk async for chunk in reply.chunks])
            yield b"data: " + body.replace(b"\n", b"").replace(b"\r", b"") + b"\n\n"
        finally:
            await close(reply.chunks)

    async def _run(self, request: Request) -> Answered:
        """The engine's answer; should the engine itself be broken, the upstream's."""
        try:
            return await self._engine.run(request, self._services.tick())
        except UpstreamError:
            raise
        except Exception:
            log.exception("the road failed; the request goes to the upstream as it came")
            reply = await self._services.pool.send(request)
            return Answered(None, reply, 0.0)


def told(answered: Answered) -> Headers:
    """The upstream's headers, and what Outrider has to say about the exchange."""
    reply, exchange = answered.reply, answered.exchange
    headers = reply.headers
    if header(headers, b"content-type").startswith(EVENTS):
        headers += tuple(pair for pair in STREAM_HEADERS if not header(headers, pair[0]))
    if exchange is None:
        return (*headers, (b"x-outrider-decisions", b"road:failed"))
    timing = b"outrider;dur=%.3f" % (answered.overhead_s * 1e3)
    headers += (
        (b"x-outrider-session", plain(exchange.session.id)),
        (b"x-outrider-agent", plain(exchange.session.agent)),
        (b"server-timing", timing),
    )
    return (*headers, (b"x-outrider-decisions", decisions(exchange))) if exchange.notes else headers


def plain(text: str) -> bytes:
    """A header value: as it is when printable ASCII, else percent-encoded."""
    if text.isascii() and text.isprintable():
        return text.encode()
    return quote(text, safe=" /:;,=+-_.@").encode()


def decisions(exchange: Exchange) -> bytes:
    """`policy: reason; …` of what was decided or went wrong so far."""
    said = "; ".join(f"{note.by}: {note.reason}" for note in exchange.notes)
    return plain(said[:MOST_DECISIONS])


def writer_of(scope: Scope | None) -> Writer | None:
    """The server's own way to write the answer, where it has one."""
    extension = scope and scope.get("extensions", {}).get(WRITING)
    writer: Writer | None = extension["writer"](scope) if extension else None
    return writer


def let_pass(chunks: AsyncIterator[bytes], take: Take) -> None:
    """Opens the way past the task where the chunks have one."""
    bypass = getattr(chunks, "bypass", None)
    if bypass is not None:
        bypass(take)


async def refuse(send: Send, form: Form, refusal: Refusal) -> None:
    """An error of our own, in the API's shape and marked as ours."""
    body = form.failure(str(refusal), code=refusal.code, status=refusal.status)
    headers = [JSON, (b"content-length", b"%d" % len(body)), (b"x-outrider-error", refusal.code.encode())]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
