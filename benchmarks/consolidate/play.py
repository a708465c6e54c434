"""Plays sessions through a proxy in this process, over HTTP, to an upstream that answers with what was recorded.

It must not know what is measured: the upstream hands each request it receives to the session's meter.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from benchmarks.consolidate.meter import Meter
from proxy.compose import running
from proxy.settings import Settings
from proxy.testing import Heard, Line, Script

AT_ONCE = 4
"""Sessions at the same time."""
TURN = "x-benchmark-turn"
"""Header by which the upstream knows which reply is asked for; a proxy passes unknown headers on."""
QUIET: Mapping[str, Any] = {
    "upstreams": {},
    "log": "off",
    "record": "off",
    "metrics": True,
    "redis_url": "",
    "state_file": "",
    "keys": (),
}
FAULTS = ("outrider_policy_faults_total", "outrider_store_errors_total")
COUNT = "outrider_requests_total{"
SETTLES, SETTLES_S = 200, 0.05
"""How often the page is read, and the seconds between."""
JSON = (("Content-Type", "application/json"),)
CREDENTIALS = {"authorization": "Bearer none", "x-api-key": "none", "anthropic-version": "2023-06-01"}


class Unplayed(Exception):
    """A request was not answered as recorded, or never reached the upstream."""


Beside = Callable[[Heard], Line | None]
"""Answers what is no request of a session; None for one that is."""


def counted(metrics: str) -> tuple[str, ...]:
    """The faults in a page of metrics: name, labels and number."""
    return tuple(line for line in metrics.splitlines() if line.startswith(FAULTS))


async def play(
    meters: Sequence[Meter],
    settings: Mapping[str, Any],
    pause_s: float = 0.0,
    beside: Beside | None = None,
    told: Callable[[str], tuple[str, ...]] = counted,
) -> tuple[str, ...]:
    """Plays the session of each meter from its first request to its last, several sessions side by side.

    Between an answer and the next request `pause_s` seconds pass, which a tool or a person would take. Gives lines
    of the proxy's page of metrics, by default policies' faults: a policy that fails, or a store that does not take its
    memory.
    Raises `Unplayed`; `ValueError` when the settings are none that the proxy knows.
    """
    script = Script()
    script.handler = lambda heard: (beside(heard) if beside else None) or _answer(script, heard, meters)
    async with script:
        known = Settings.model_validate({**QUIET, **settings, "upstream": f"{script.url}/v1"})
        async with running(known) as url, httpx.AsyncClient(base_url=url, timeout=60) as client:
            await _sessions(client, meters, pause_s)
            return told(await _settled(client, sum(len(meter.spoken.session.asked) for meter in meters)))


async def _settled(client: httpx.AsyncClient, requests: int) -> str:
    """The page of metrics in which so many requests are counted: the last ones are, a moment after their answers."""
    page = ""
    for _ in range(SETTLES):
        page = (await client.get("/metrics")).text
        if sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(COUNT)) >= requests:
            break
        await asyncio.sleep(SETTLES_S)
    return page


def _answer(script: Script, heard: Heard, meters: Sequence[Meter]) -> Line:
    script.heard.clear()
    number, _, place = heard.header(TURN).partition("/")
    if not place:
        return Line(status=400, headers=JSON, body=b'{"error":{"message":"this request is in no recording"}}')
    meter = meters[int(number)]
    tokens = meter.take(int(place), heard.body)
    return Line(headers=JSON, body=meter.spoken.reply(int(place), tokens))


async def _sessions(client: httpx.AsyncClient, meters: Sequence[Meter], pause_s: float) -> None:
    turns = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for number, meter in enumerate(meters):
            group.create_task(_session(client, turns, number, meter, pause_s))


async def _session(
    client: httpx.AsyncClient, turns: asyncio.Semaphore, number: int, meter: Meter, pause_s: float
) -> None:
    """One session, strictly in order."""
    spoken = meter.spoken
    headers = {**CREDENTIALS, "content-type": "application/json", "x-outrider-session": f"session-{number}"}
    async with turns:
        for place in spoken.session.asked:
            await asyncio.sleep(pause_s)
            turn = {TURN: f"{number}/{place}"}
            got = await client.post(spoken.path, content=spoken.body(place), headers={**headers, **turn})
            if got.status_code != 200 or place not in meter.asked:
                raise Unplayed(f"{spoken.session.name}, message {place}: {got.status_code} {got.text[:300]}")
