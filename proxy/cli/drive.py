"""Carries out a ride: play recorded sessions through a proxy, watch, fetch the accounts, show.

It must not know what is inside the proxy, and meets it over HTTP only.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from importlib.util import find_spec

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from proxy import compose
from proxy.cli.heard import Heard
from proxy.cli.ride import Ride
from proxy.cli.sessions import Recorded, Unreadable, read_sessions
from proxy.cli.sheet import ERR
from proxy.cli.speak import refuse
from proxy.cli.table import as_json, show
from proxy.cli.tally import Accounts, Tally, tally
from proxy.settings import Settings

Hear = Callable[[Heard], None]
Play = Callable[[str, str, Sequence[Recorded], int, bool | None, Hear], Awaitable[None]]
"""`proxy.cli.player.play`: url, key, sessions, how many in flight, whether they stream, who is told."""
AskAccounts = Callable[[str, str], Awaitable[Accounts]]
"""`proxy.cli.player.ask_accounts`: url, admin key."""


def drive_in_process(settings: Settings, ride: Ride) -> None:
    """Plays against a proxy in this process, on a free port of the loopback."""
    sessions = _sessions(ride)

    async def run() -> Tally:
        async with compose.running(settings, port=0) as url:
            return await _ride(url, "none", sessions, ride, settings.admin_key.get_secret_value())

    _finish(asyncio.run(run()), ride)


def drive_against(url: str, key: str, ride: Ride) -> None:
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
    player = import_module("proxy.cli.player")
    play: Play = player.play
    ask_accounts: AskAccounts = player.ask_accounts
    heard: list[Heard] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as progress:
        bar = progress.add_task("requests", total=sum(len(session.steps) for session in sessions))

        def hear(answer: Heard) -> None:
            heard.append(answer)
            progress.advance(bar)

        await play(url, key, sessions, ride.concurrency, ride.stream, hear)
    return tally(sessions, heard, await ask_accounts(url, admin_key))


def _finish(run: Tally, ride: Ride) -> None:
    """Prints the figures; exit code 1 when a request failed or a session was recovered wrongly."""
    if ride.json:
        print(as_json(run))
    else:
        show(run, title=ride.title)
    if run.wrong or run.failed:
        raise typer.Exit(1)
