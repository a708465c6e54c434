"""What a team's call costs beside the member's own time: a real proxy, members that answer at once.

It must not know how a team decides. The time of a request to a team, less that of the same number of requests sent to
the upstream itself, for each call that reached the upstream.
"""

import json
import time
from statistics import median
from typing import NamedTuple

import httpx

from proxy.compose import running
from proxy.settings import Settings
from proxy.testing import Heard, Line, Script

ANSWER = {"role": "assistant", "content": "The answer is B."}
USAGE = {"prompt_tokens": 60, "completion_tokens": 5, "total_tokens": 65}
QUESTION = "Which is it?\nA. one\nB. two\nC. three\n" + "Some words before it. " * 40
WARM = 20


class Overhead(NamedTuple):
    """Milliseconds."""

    team: str
    per_call: float
    """Median over the requests: the team's time, less that of its calls sent directly one by one, for each call."""
    calls: float


async def overheads(rounds: int = 100) -> list[Overhead]:
    """Each team's, with three members."""
    async with Script(_member) as upstream:
        settings = Settings(_env_file=None, log="off", upstream=f"{upstream.url}/v1", team=("one", "two", "three"))
        async with running(settings) as url, httpx.AsyncClient() as client:
            direct, _ = await _timed(client, upstream, f"{upstream.url}/v1", "one", rounds)
            found = []
            for team in ("goa", "selforg", "cascade"):
                took, calls = await _timed(client, upstream, f"{url}/v1", team, rounds)
                found.append(Overhead(team, (took - direct * calls) / calls, calls))
            return found


async def _timed(
    client: httpx.AsyncClient, upstream: Script, base: str, model: str, rounds: int
) -> tuple[float, float]:
    """Median milliseconds of a request, and the calls that reached the upstream for each."""
    body = {"model": model, "messages": [{"role": "user", "content": QUESTION}]}
    times = []
    for number in range(WARM + rounds):
        if number == WARM:
            upstream.heard.clear()
        began = time.perf_counter()
        reply = await client.post(f"{base}/chat/completions", json=body)
        times.append((time.perf_counter() - began) * 1e3)
        reply.raise_for_status()
    return median(times[WARM:]), len(upstream.heard) / rounds


def _member(heard: Heard) -> Line:
    model = json.loads(heard.body)["model"]
    choice = {"index": 0, "message": ANSWER, "finish_reason": "stop"}
    return Script.json({"id": "c", "model": model, "choices": [choice], "usage": USAGE})
