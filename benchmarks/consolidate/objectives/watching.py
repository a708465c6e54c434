"""The upstream of the benchmark: notes each request as it was received, and has the model answer it.

It must not know arms or scores. A turn whose reply is written beforehand is answered with that reply; the model reads
it all the same where that is wished.
"""

import json
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, NamedTuple

import httpx
import orjson

from benchmarks.consolidate.items import Read, read
from benchmarks.consolidate.meter import continues
from benchmarks.consolidate.objectives.task import Message
from proxy.testing import Heard, Line, Script

JSON = (("Content-Type", "application/json"),)
WAIT_S = 1800.0
"""For a long prompt on a slow machine."""


class Received(NamedTuple):
    """One request as it reached the upstream."""

    tokens: int
    """Of the conversation, without the client's system text and tools (o200k)."""
    text: str
    """What the model reads of the conversation."""
    event: bool
    """It does not begin with the request before it."""
    status: int
    """What was answered; 400 where the prompt is longer than the model's window."""
    model_tokens: int
    """Length of the prompt by the model's own count, system text and tools included; 0 where it did not say."""
    seconds: float
    """Until the model had answered."""


class Watch:
    """A server between the proxy and the model at `model_url` (without `/v1`). Use with `async with`."""

    def __init__(self, model_url: str, count: Callable[[str], int], *, reads: bool) -> None:
        self.reply: Message | None = None
        """What the next request is answered with; None: by the model."""
        self.received: list[Received] = []
        self._count, self._reads = count, reads
        self._before: Read | None = None
        self._client = httpx.AsyncClient(base_url=model_url, timeout=WAIT_S)
        self._script = Script(handler=self._answer)

    @property
    def url(self) -> str:
        """Of this server, with `/v1`."""
        return f"{self._script.url}/v1"

    async def __aenter__(self) -> "Watch":
        await self._script.__aenter__()
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self._client.aclose()
        await self._script.__aexit__(*fault)

    def begin(self) -> None:
        """A new session."""
        self.received.clear()
        self._before = None

    async def _answer(self, heard: Heard) -> Line:
        self._script.heard.clear()
        got, began = read("chat", heard.body), perf_counter()
        reply, status, told = self.reply, 200, b""
        if reply is None or self._reads:
            status, told = await self._asked(heard.body, most=None if reply is None else 1)
        if reply is not None and status == 200:
            self._note(got, status, told, perf_counter() - began)
            return Line(headers=JSON, body=completion(reply))
        self._note(got, status, told, perf_counter() - began)
        return Line(status=status, headers=JSON, body=told)

    async def _asked(self, body: bytes, most: int | None) -> tuple[int, bytes]:
        """The model's answer, of at most so many tokens."""
        shown = body if most is None else orjson.dumps({**orjson.loads(body), "max_tokens": most})
        got = await self._client.post("/v1/chat/completions", content=shown, headers=dict(JSON))
        return got.status_code, got.content

    def _note(self, got: Read, status: int, told: bytes, seconds: float) -> None:
        said = [item for item in got.items if item.kind != "system"]
        text = "\n".join(f"{item.name} {item.text}" if item.name else item.text for item in said)
        before, self._before = self._before, got
        event = before is not None and not continues(before.stretch, got.stretch)
        tokens = sum(self._count(part) for item in said for part in (item.text, item.name) if part)
        self.received.append(Received(tokens, text, event, status, _prompt_tokens(told), seconds))


def completion(reply: Message) -> bytes:
    """A reply as a provider sends it."""
    why = "tool_calls" if reply.get("tool_calls") else "stop"
    choice = {"index": 0, "message": dict(reply), "finish_reason": why}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    told: Mapping[str, Any] = {
        "id": "chatcmpl-written",
        "object": "chat.completion",
        "created": 0,
        "model": "written",
        "choices": [choice],
        "usage": usage,
    }
    return orjson.dumps(told)


def _prompt_tokens(told: bytes) -> int:
    try:
        usage = json.loads(told).get("usage") or {}
    except (ValueError, AttributeError):
        return 0
    found = usage.get("prompt_tokens", 0)
    return found if isinstance(found, int) else 0
