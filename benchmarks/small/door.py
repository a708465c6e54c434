"""The upstream of the benchmark: real models behind one door, each call counted as it comes in.

It must not know what is asked, nor how answers are judged.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from time import perf_counter
from typing import NamedTuple

import httpx
import orjson

from benchmarks.consolidate.objectives.serving import Serving, served
from proxy.testing import Heard, Line, Script

JSON = (("Content-Type", "application/json"),)
WAIT_S = 900.0
MOST_ANSWER = 96
"""Tokens of a reply where the request names no limit: small models do not come to an end by themselves."""


class Passed(NamedTuple):
    """A call as it reached the models."""

    model: str
    prompt: int
    completion: int
    seconds: float


class Door:
    """A server before models, by name. Use with `async with`."""

    def __init__(self, models: Mapping[str, Serving]) -> None:
        self.passed: list[Passed] = []
        self._models = models
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._stack = AsyncExitStack()
        self._script = Script(handler=self._answer)

    @property
    def url(self) -> str:
        """Of this server, with `/v1`."""
        return f"{self._script.url}/v1"

    async def __aenter__(self) -> "Door":
        """Starts the models. Raises `Unserved`."""
        for name, serving in self._models.items():
            url = await self._stack.enter_async_context(served(serving))
            client = httpx.AsyncClient(base_url=url, timeout=WAIT_S)
            self._clients[name] = await self._stack.enter_async_context(client)
        await self._stack.enter_async_context(self._script)
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self._stack.aclose()

    async def _answer(self, heard: Heard) -> Line:
        self._script.heard.clear()
        asked, began = orjson.loads(heard.body), perf_counter()
        model = asked["model"]
        asked = {"max_tokens": MOST_ANSWER, "temperature": 0, **asked, "stream": False}
        got = await self._clients[model].post("/v1/chat/completions", content=orjson.dumps(asked), headers=dict(JSON))
        usage = got.json().get("usage", {}) if got.status_code == 200 else {}
        counted = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
        self.passed.append(Passed(model, *counted, perf_counter() - began))
        return Line(status=got.status_code, headers=JSON, body=got.content)
