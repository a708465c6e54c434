"""An `outrider serve` process of one's own: its settings, its life, what it says.

It must not know what it is asked.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.live.caller import ask
from tests.proxy.store.server import free_port

ROOT = Path(__file__).parents[2]
START_S = 30.0

Process = subprocess.Popen[str]


@contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[Process]:
    """`outrider serve` with these settings (`upstream="…"` is OUTRIDER_UPSTREAM); it is told to stop at the end."""
    given = {f"OUTRIDER_{name.upper()}": value for name, value in settings.items()}
    with tempfile.NamedTemporaryFile(suffix=".env") as blank:
        process = subprocess.Popen(
            [sys.executable, "-m", "proxy", "serve", "--env-file", blank.name, *arguments],
            cwd=ROOT,
            env=os.environ | {"OUTRIDER_LOG": "off"} | given,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: Process) -> None:
    process.terminate()
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


@asynccontextmanager
async def replica(*arguments: str, **settings: str) -> AsyncIterator[tuple[Process, str]]:
    """The process once it answers, and its URL without `/v1`."""
    url = f"http://127.0.0.1:{free_port()}"
    with serving("--port", url.rpartition(":")[2], *arguments, **settings) as process:
        await _until_it_answers(process, url)
        yield process, url


async def _until_it_answers(process: Process, url: str) -> None:
    """Raises `RuntimeError` when the process has ended, `TimeoutError` when it is slow."""
    async with asyncio.timeout(START_S):
        while True:
            try:
                await ask(url, "GET", "/healthz")
            except OSError as fault:
                if process.poll() is not None:
                    raise RuntimeError(f"it ended with {process.returncode}") from fault
                await asyncio.sleep(0.05)
            else:
                return
