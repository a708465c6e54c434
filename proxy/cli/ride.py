"""One run of recorded sessions through a proxy: play, watch, fetch the costs, show.

It must not know what is inside the proxy, and meets it over HTTP only.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from proxy import compose
from proxy.cli.heard import Heard
from proxy.cli.sessions import Recorded, Unreadable, read_sessions
from proxy.cli.speak import ERR, OUT, refuse
from proxy.cli.table import as_json, show
from proxy.cli.tally import Costs, Tally, tally
from proxy.settings import Settings

ADMIN_PATIENCE_S = 10.0
Hear = Callable[[Heard], None]
Play = Callable[[str, str, Sequence[Recorded], int, bool | None, Hear], Awaitable[None]]
"""`proxy.cli.player.play`: url, key, sessions, how many in flight, whether they stream, who is told."""


@dataclass(frozen=True, slots=True)
class Ride:
    """What is to be played, and how."""

    files: tuple[Path, ...]
    title: str
    concurrency: int = 8
    stream: bool | None = None
    json: bool = False


def ride_in_process(settings: Settings, ride: Ride) -> None:
    """Plays against a proxy in this process, on a free port of the loopback."""
    sessions = _sessions(ride)

    async def run() -> Tally:
        async with compose.running(settings, port=0) as url:
            return await _ride(url, "none", sessions, ride, settings.admin_key.get_secret_value())

    _finish(asyncio.run(run()), ride)


def ride_against(url: str, key: str, ride: Ride) -> None:
    """Plays against a proxy that is already running."""
    sessions = _sessions(ride)
    _finish(asyncio.run(_ride(url.rstrip("/").removesuffix("/v1"), key, sessions, ride, "")), ride)


def _sessions(ride: Ride) -> tuple[Recorded, ...]:
    if find_spec("openai") is None:
        refuse(["Playing needs the official OpenAI client: pip install 'outrider[demo]'"])
    try:
        sessions = read_sessions(ride.files)
    except (Unreadable, OSError) as error:
        refuse([str(error)])
    if not sessions:
        refuse([f"No session with a reply in {', '.join(map(str, ride.files))}."])
    return sessions


async def _ride(url: str, key: str, sessions: Sequence[Recorded], ride: Ride, admin_key: str) -> Tally:
    # The client is an extra and slow to import: it is fetched when there is something to play.
    play: Play = import_module("proxy.cli.player").play
    heard: list[Heard] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as progress:
        bar = progress.add_task("requests", total=sum(len(session.steps) for session in sessions))

        def hear(answer: Heard) -> None:
            heard.append(answer)
            progress.advance(bar)

        await play(url, key, sessions, ride.concurrency, ride.stream, hear)
    return tally(sessions, heard, await _costs(url, admin_key))


async def _costs(url: str, admin_key: str) -> Costs:
    """US dollars by agent as the proxy knows them; nothing where its admin pages are closed to us."""
    headers = {"authorization": f"Bearer {admin_key}"} if admin_key else {}
    async with httpx.AsyncClient(timeout=ADMIN_PATIENCE_S, headers=headers) as client:
        try:
            reply = await client.get(f"{url}/outrider/agents")
            reply.raise_for_status()
        except httpx.HTTPError:
            return {}
    return {agent["agent"]: (agent["cost"], agent["cost_known"]) for agent in reply.json()["agents"]}


def _finish(run: Tally, ride: Ride) -> None:
    """Prints the figures; exit code 1 when a request failed or a session was recovered wrongly."""
    if ride.json:
        print(as_json(run))
    else:
        show(OUT, run, title=ride.title)
    if run.wrong or run.failed:
        raise typer.Exit(1)
