"""One run of recorded sessions through a proxy: play, watch, fetch the costs, show.

It must not know what is inside the proxy, and meets it over HTTP only.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from proxy import compose
from proxy.cli.heard import Heard
from proxy.cli.refuse import ERR, refuse
from proxy.cli.sessions import Recorded, Unreadable, read_sessions
from proxy.cli.table import as_json, show
from proxy.cli.tally import Tally, tally
from proxy.settings import Settings

ADMIN_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Ride:
    """What is to be played, and how."""

    files: tuple[Path, ...]
    title: str
    concurrency: int = 8
    stream: bool | None = None
    json: bool = False


class Play(Protocol):
    """`proxy.cli.player.play`, which is imported when it is needed: the client is an extra, and slow to import."""

    async def __call__(
        self, url: str, key: str, sessions: Sequence[Recorded], ride: Ride, heard: list[Heard], progress: Progress
    ) -> None: ...


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
