"""Recorded sessions, replayed without one identifying header and all mixed up, are put back together exactly."""

import gzip
import json
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from proxy.exchange import Exchange
from tests.policies.session.desk import Desk, chat

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "proxy" / "data" / "sessions.jsonl.gz"
TRACES = Path(os.environ.get("OUTRIDER_TRACES") or ROOT.parent / "shared" / "data" / "traces")
"""All recordings the shipped ones were taken from; optional."""
IN_FLIGHT = 16
IDS = re.compile(r'"(?:id|tool_call_id)": "[^"]*"')

Messages = list[dict[str, Any]]
Step = str
"""A request and its reply, as a digest."""


def recordings() -> list[Any]:
    """The shipped recordings by themselves, and all of the traces together where they are at hand."""
    traces = sorted(TRACES.glob("*.jsonl.gz")) if TRACES.is_dir() else []
    every = [pytest.param(traces, id="all", marks=pytest.mark.slow)] if traces else []
    return [pytest.param([SHIPPED], id="shipped"), *every]


def sessions(paths: list[Path]) -> list[Messages]:
    """The messages of every recorded session."""
    lines = (line for path in paths for line in gzip.decompress(path.read_bytes()).splitlines())
    return [json.loads(line)["messages"] for line in lines]


def steps(messages: Messages) -> Iterator[tuple[Messages, dict[str, Any]]]:
    """What was asked and what was answered: an assistant's message is the reply to all before it, save one that
    opens the session, for nobody asked for that."""
    for place, message in enumerate(messages):
        if message["role"] == "assistant" and any(earlier["role"] == "user" for earlier in messages[:place]):
            yield messages[:place], message


def digest(asked: Messages, answered: dict[str, Any], *, ids: bool = True) -> Step:
    """Of a request and its reply, with or without the ids of tool calls."""
    text = json.dumps([asked, answered], sort_keys=True)
    return sha256((text if ids else IDS.sub("", text)).encode()).hexdigest()


@dataclass(slots=True)
class Replay:
    """Sends recorded sessions, 16 in flight, requests and replies interleaved at random."""

    desk: Desk
    dice: random.Random
    failing: float = 0.0
    """Share of requests that get no answer, and are sent again as the official client does."""
    worn: bool = False
    """Whether the client writes the time into its system prompt and ids of its own into its tool calls."""
    found: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))
    """What was asked and answered, by the session the policy found for it."""

    async def run(self, recorded: list[Messages]) -> None:
        waiting = [self._session(messages) for messages in self.dice.sample(recorded, len(recorded))]
        flying = [waiting.pop() for _ in range(min(IN_FLIGHT, len(waiting)))]
        while flying:
            session = self.dice.choice(flying)
            try:
                await anext(session)
            except StopAsyncIteration:
                flying.remove(session)
                flying += [waiting.pop()] if waiting else []

    async def _session(self, messages: Messages) -> AsyncIterator[None]:
        """One session; it pauses with every request and with every reply."""
        for asked, answered in steps(messages):
            tries = 0
            while self.dice.random() < self.failing:
                exchange = await self._send(asked, tries)
                yield
                await self.desk.leave(exchange, None, status=self.dice.choice((0, 429, 500)))
                yield
                tries += 1
            exchange = await self._send(asked, tries)
            yield
            await self.desk.leave(exchange, {"choices": [{"index": 0, "message": answered}]})
            self.found[exchange.session.id].append(digest(asked, answered, ids=not self.worn))
            yield

    async def _send(self, asked: Messages, tries: int) -> Exchange:
        messages = [self._wear(message) for message in asked] if self.worn else asked
        return await self.desk.arrive(chat(*messages), {"x-stainless-retry-count": str(tries)})

    def _wear(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["role"] == "system":
            return {**message, "content": f"{message['content']}\nIt is {self.dice.random()} past noon."}
        if message["role"] == "tool":
            return {**message, "tool_call_id": self.dice.randbytes(4).hex()}
        calls = [{**call, "id": self.dice.randbytes(4).hex()} for call in message.get("tool_calls") or ()]
        return {**message, "tool_calls": calls} if calls else message


async def recovered(paths: list[Path], dice: random.Random, **how: Any) -> None:
    """Asserts that the sequences of exchanges found are the sequences recorded, each as often as it was recorded:
    sessions that are the same so far are exchangeable."""
    recorded = sessions(paths)
    replay = Replay(Desk(), dice, **how)
    await replay.run(recorded)
    expected = Counter(tuple(digest(*step, ids=not replay.worn) for step in steps(messages)) for messages in recorded)
    expected.pop((), None)
    assert Counter(map(tuple, replay.found.values())) == expected


every_recording = pytest.mark.parametrize("paths", recordings())


@pytest.mark.anyio
@every_recording
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_recorded_session_is_recovered_and_none_is_merged_or_split(paths: list[Path], seed: int) -> None:
    """Without one identifying header, mixed up at random."""
    await recovered(paths, random.Random(seed))


@pytest.mark.anyio
@every_recording
async def test_requests_that_failed_and_are_tried_again_stay_in_their_session(paths: list[Path]) -> None:
    """The same, when one request in ten gets no answer and the client says that it tries again."""
    await recovered(paths, random.Random(4), failing=0.1)


@pytest.mark.anyio
@every_recording
async def test_sessions_are_recovered_by_their_words_alone(paths: list[Path]) -> None:
    """The same, when the client writes the time into its system prompt and changes the ids of tool calls."""
    await recovered(paths, random.Random(5), worn=True)
