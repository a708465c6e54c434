"""Plays recorded sessions through a proxy with the official OpenAI client and keeps what came back.

It must not know what the proxy is made of: all it learns stands in replies and their headers.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

from httpx import AsyncClient, Headers, HTTPError, Response
from openai import AsyncOpenAI, OpenAIError
from openai.types import CompletionUsage

from proxy.cli.heard import Heard, overhead_ms
from proxy.cli.sessions import CHAT, Recorded, Step
from proxy.cli.tally import Account, Accounts
from proxy.wire.forms import Forms

PATIENCE_S = 600.0
ADMIN_PATIENCE_S = 10.0


async def play(
    url: str,
    key: str,
    sessions: Sequence[Recorded],
    concurrency: int,
    stream: bool | None,
    heard: Callable[[Heard], None],
) -> None:
    """Plays all sessions, `concurrency` of them at a time, each one's steps in order.

    `stream` None: every second session streams. `heard` is told of every answer as it comes, failures too.
    """
    waiting = iter(enumerate(sessions))

    async def work(client: AsyncOpenAI) -> None:
        for number, session in waiting:
            streams = number % 2 == 1 if stream is None else stream
            for step in session.steps:
                heard(await hear(client, session.id, step, stream=streams))

    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=PATIENCE_S) as client:
        await asyncio.gather(*(work(client) for _ in range(concurrency)))


async def ask_accounts(url: str, admin_key: str) -> Accounts:
    """What the agents have cost so far, and what policies counted for them, as the proxy remembers it.

    Nothing where its admin pages are closed to us.
    """
    headers = {"authorization": f"Bearer {admin_key}"} if admin_key else {}
    async with AsyncClient(timeout=ADMIN_PATIENCE_S, headers=headers) as client:
        try:
            reply = await client.get(f"{url}/outrider/agents")
            reply.raise_for_status()
        except HTTPError:
            return {}
    return {
        agent["agent"]: Account(agent["cost"], agent["cost_known"], agent.get("figures", {}))
        for agent in reply.json()["agents"]
    }


async def hear(client: AsyncOpenAI, recorded: str, step: Step, *, stream: bool) -> Heard:
    """Sends one step and reads the whole answer."""
    try:
        if step.path != CHAT:
            return await _hear_plain(client, recorded, step)
        return await _hear_chat(client, recorded, {**step.body, "stream": stream}, step)
    except OpenAIError as error:
        return Heard(recorded, step, error=f"{type(error).__name__}: {error}")


async def _hear_chat(client: AsyncOpenAI, recorded: str, body: dict[str, Any], step: Step) -> Heard:
    if not body["stream"]:
        answer = await client.chat.completions.with_raw_response.create(**body)
        return _heard(recorded, step, answer.headers, _counts(answer.parse().usage))
    body["stream_options"] = {"include_usage": True}
    answer = await client.chat.completions.with_raw_response.create(**body)
    usage: CompletionUsage | None = None
    async for chunk in answer.parse():
        usage = chunk.usage or usage
    return _heard(recorded, step, answer.headers, _counts(usage))


async def _hear_plain(client: AsyncOpenAI, recorded: str, step: Step) -> Heard:
    """Any other form is sent as it was recorded and read as it is relayed."""
    answer = await client.post(step.path.removeprefix("/v1"), body=dict(step.body), cast_to=Response)
    events = answer.headers.get("content-type", "").startswith("text/event-stream")
    outcome = Forms().of("POST", step.path).fold(answer.content, events=events)
    usage = outcome.usage
    return _heard(recorded, step, answer.headers, (usage.prompt, usage.completion, usage.cached) if usage else None)


def _counts(usage: CompletionUsage | None) -> tuple[int, int, int] | None:
    if usage is None:
        return None
    details = usage.prompt_tokens_details
    return usage.prompt_tokens, usage.completion_tokens, (details.cached_tokens or 0) if details else 0


def _heard(recorded: str, step: Step, headers: Headers, counts: tuple[int, int, int] | None) -> Heard:
    prompt, completion, cached = counts or (0, 0, 0)
    return Heard(
        recorded,
        step,
        session=unquote(headers.get("x-outrider-session", "")),
        agent=unquote(headers.get("x-outrider-agent", "")),
        prompt=prompt,
        completion=completion,
        cached=cached,
        overhead_ms=overhead_ms(headers.get("server-timing", "")),
    )
