"""What looking at aggregations costs the clients: waits through a proxy with the policy in shadow, and through one
without.

It must not know what is looked for. Both proxies are processes of their own, asked by turns.
"""

import asyncio
import os
import socket
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import cycle
from random import Random
from time import perf_counter

import httpx
import numpy as np

from proxy.testing import Heard, Line, Script

WORKERS, WORDS = 5, 500
TEAMS, ROUNDS = 4, 30
"""Teams at the same time, and times that each does its work."""
TEXTS = 499
"""Different replies."""
MODEL_S = 0.05
"""Until a reply begins: a fast model."""
MODES = ("off", "shadow")
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "wa", "ze")


def measured(seed: int) -> dict[str, float]:
    """Milliseconds from request to the end of the reply, of all requests and of those that put outputs together."""
    return asyncio.run(_measured(seed))


async def _measured(seed: int) -> dict[str, float]:
    took: defaultdict[str, list[float]] = defaultdict(list)
    async with (
        Script(handler=_replies(Random(seed))) as upstream,
        _proxy(upstream.url, MODES[0]) as off,
        _proxy(upstream.url, MODES[1]) as shadow,
    ):
        urls = dict(zip(MODES, (off, shadow), strict=True))
        for number in range(ROUNDS + 1):
            for mode, url in urls.items():
                waits = await asyncio.gather(*(_team(url, f"{number}-{team}") for team in range(TEAMS)))
                if number:  # the first round only warms up
                    took[mode] += [each for wait in waits for each in wait]
                    took[f"{mode} editor"] += [wait[-1] for wait in waits]
            upstream.heard.clear()
    told = {
        f"{mode.replace(' ', '_')}_p{share}_ms": round(float(np.percentile(each, share)), 2)
        for mode, each in took.items()
        for share in (50, 99)
    }
    return {**told, "p99_ratio": round(told["shadow_p99_ms"] / told["off_p99_ms"], 3)}


async def _team(url: str, name: str) -> list[float]:
    """Workers at once, then the editor; the waits of each, the editor's last."""
    headers = {"authorization": "Bearer sk-team"}
    async with httpx.AsyncClient(base_url=url, timeout=30, headers=headers, verify=False) as client:
        asked = (_asked(client, f"You are worker {n} of {name}.", "Go on.") for n in range(WORKERS))
        replies = await asyncio.gather(*asked)
        told = "\n\n".join(text for text, _ in replies)
        _, wait = await _asked(client, f"You are the editor of {name}.", f"Put together:\n{told}")
    return [*(each for _, each in replies), wait]


async def _asked(client: httpx.AsyncClient, system: str, words: str) -> tuple[str, float]:
    body = {"model": "m", "messages": [{"role": "system", "content": system}, {"role": "user", "content": words}]}
    began = perf_counter()
    got = await client.post("/v1/chat/completions", json=body)
    wait = (perf_counter() - began) * 1e3
    return got.json()["choices"][0]["message"]["content"], wait


def _replies(chance: Random) -> Callable[[Heard], Line]:
    texts = cycle([_written(chance) for _ in range(TEXTS)])

    def reply(_heard: Heard) -> Line:
        text = next(texts)
        message = {"role": "assistant", "content": text}
        usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        document = {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
        line = Script.json(document)
        return Line(headers=line.headers, body=line.body, wait_s=MODEL_S)

    return reply


def _written(chance: Random) -> str:
    """Sentences of made-up words, some with a number."""
    words = ["".join(chance.choice(SYLLABLES) for _ in range(chance.randint(1, 4))) for _ in range(WORDS)]
    for place in range(0, WORDS, 25):
        words[place] = str(chance.randint(2, 9_000))
    lines = [" ".join(words[place : place + 14]).capitalize() + "." for place in range(0, WORDS, 14)]
    return " ".join(lines)


@asynccontextmanager
async def _proxy(upstream: str, mode: str) -> AsyncIterator[str]:
    """A proxy in a process of its own; gives its URL."""
    own = {
        "OUTRIDER_UPSTREAM": f"{upstream}/v1",
        "OUTRIDER_NOISE": mode,
        "OUTRIDER_LOG": "off",
        "OUTRIDER_RECORD": "off",
    }
    port = _free_port()
    environment = {**os.environ, **own, "OUTRIDER_PORT": str(port), "OUTRIDER_ENV_FILE": os.devnull}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "proxy", "serve", env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        await _ready(url)
        yield url
    finally:
        process.terminate()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def _ready(url: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        while True:
            try:
                await client.get(f"{url}/healthz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return
