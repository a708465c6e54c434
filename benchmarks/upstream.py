"""The fake upstream: an OpenAI-compatible server that is cheap, correct and always says the same.

It must not know who asks. A process of its own: prints its port, then answers until it is ended. The model's name
tells what to answer: `bench` a completion of about 1 kB; `bench-200x10` with `"stream": true` 200 events, 10 ms apart.
Every event carries the time it was sent at (`time.monotonic`, one clock for all processes of a Linux machine).
"""

import asyncio
import re
import time
from itertools import count
from typing import cast

import httptools
import uvloop

from benchmarks.bodies import prose

SHAPE = re.compile(rb'"bench-(\d+)x(\d+)"')
STREAMED = (b'"stream":true', b'"stream": true')

HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_0123456789abcdef\r\n"
    b"openai-processing-ms: 3\r\nopenai-version: 2020-10-01\r\nx-ratelimit-remaining-requests: 9999\r\n"
)
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nx-request-id: req_0123456789abcdef\r\n"
    b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
)
BEFORE = (
    b'{"id":"chatcmpl-%012d","object":"chat.completion","created":1760000000,"model":"bench",'
    b'"choices":[{"index":0,"message":{"role":"assistant","content":"answer %012d: '
)
AFTER = (
    b'","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":200,'
    b'"completion_tokens":150,"total_tokens":350,"prompt_tokens_details":{"cached_tokens":0}},'
    b'"system_fingerprint":"fp_0123456789"}'
)
EVENT = (
    b'data: {"id":"chatcmpl-000000000000","object":"chat.completion.chunk","created":1760000000,"model":"bench",'
    b'"choices":[{"index":0,"delta":{"role":"assistant","content":"t=%017.6f "},"logprobs":null,'
    b'"finish_reason":null}]}\n\n'
)
LAST = (
    b'data: {"id":"chatcmpl-000000000000","object":"chat.completion.chunk","created":1760000000,"model":"bench",'
    b'"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)
SAID = prose(600).encode()
MODELS = b'{"object":"list","data":[{"id":"bench","object":"model","created":1760000000,"owned_by":"bench"}]}'
serial = count()


def completion() -> bytes:
    """A completion of about 1 kB; its words differ from every other's, as a model's would."""
    number = next(serial)
    return BEFORE % (number, number) + SAID + AFTER


def whole(body: bytes) -> bytes:
    """A response with its length."""
    return HEAD + b"content-length: %d\r\n\r\n" % len(body) + body


def framed(data: bytes) -> bytes:
    """One HTTP/1.1 chunk (RFC 9112 §7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class Answering(asyncio.Protocol):
    """One connection from a client."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.parser = httptools.HttpRequestParser(self)
        self.body: list[bytes] = []
        self.url = b""
        self.timer: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class is none of asyncio's

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.timer:
            self.timer.cancel()

    def on_url(self, url: bytes) -> None:
        self.url = url

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        body, self.body = b"".join(self.body), []
        if self.parser.get_method() != b"POST":
            self.transport.write(whole(MODELS))
        elif any(mark in body for mark in STREAMED):
            shape = SHAPE.search(body)
            chunks, gap_ms = (int(shape[1]), int(shape[2])) if shape else (1, 0)
            self.transport.write(STREAM_HEAD)
            self.stream(chunks, gap_ms / 1000)
        else:
            self.transport.write(whole(completion()))

    def stream(self, left: int, gap_s: float) -> None:
        """Writes one event, and comes back for the next."""
        if left == 0:
            self.transport.write(framed(LAST) + b"0\r\n\r\n")
            return
        self.transport.write(framed(EVENT % time.monotonic()))
        if gap_s:
            self.timer = self.loop.call_later(gap_s, self.stream, left - 1, gap_s)
        else:
            self.timer = self.loop.call_soon(self.stream, left - 1, gap_s)


async def main() -> None:
    """Serves on a free port of the loopback device."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
