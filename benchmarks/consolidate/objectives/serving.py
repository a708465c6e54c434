"""A model file served behind an OpenAI-compatible API on this machine, by llama.cpp's own server for Python.

It must not know what it is asked.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

LOADED_WITHIN_S = 180.0


class Unserved(Exception):
    """The server did not start."""


class Serving(NamedTuple):
    """How a model is run."""

    path: Path
    window: int
    """Tokens of prompt and answer together; a longer prompt is refused with 400."""
    threads: int


@asynccontextmanager
async def served(serving: Serving) -> AsyncIterator[str]:
    """A server of the model, in a process of its own; gives its URL without `/v1`.

    Raises `Unserved`.
    """
    port = _free_port()
    asked = {
        "--model": serving.path,
        "--n_ctx": serving.window,
        "--n_threads": serving.threads,
        "--n_threads_batch": serving.threads,
        "--host": "127.0.0.1",
        "--port": port,
        "--verbose": False,
    }
    command = ["-m", "llama_cpp.server", *(f"{word}" for pair in asked.items() for word in pair)]
    silent = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=silent, stderr=silent)
    url = f"http://127.0.0.1:{port}"
    try:
        await _ready(process, url, serving.path)
        yield url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process, url: str, path: Path) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(LOADED_WITHIN_S):
        while True:
            if process.returncode is not None:
                raise Unserved(
                    f"llama_cpp.server ended before it answered: is {path} a model in GGUF, and is the server "
                    "installed (pip install -e '.[bench-models]')?"
                )
            try:
                if (await client.get(f"{url}/v1/models")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
