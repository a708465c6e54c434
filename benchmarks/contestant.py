"""A contestant: a server that stands before the upstream, and how to start it.

It must not know what will be measured.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bodies import KEY
from benchmarks.job import Target

POLL_S = 0.005
LOG_TAIL = 400
CONFIGURES = ("OUTRIDER_", "OPENAI_", "HTTP_PROXY", "http_proxy", "PYTHONDONTWRITEBYTECODE")


class Unable(Exception):
    """A contestant could not be installed, started or used; the message says why."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """How to start a server. `{port}` and `{upstream}` (without `/v1`) are filled in wherever they stand."""

    name: str
    about: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """What its clients must send besides an OpenAI SDK's own headers."""
    ready: str = "/v1/models"
    """Answers 200 to a GET when it can work."""
    patience_s: float = 30.0
    pace: int = 1
    """It is so many times slower than a relay that it gets that many times fewer requests a round."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that has been started."""

    contestant: Contestant
    process: subprocess.Popen[bytes]
    target: Target
    ready_s: float
    """From the start of its process to its first answer."""

    @property
    def name(self) -> str:
        """The contestant's."""
        return self.contestant.name

    @property
    def pid(self) -> int:
        """Its first process."""
        return self.process.pid

    def stop(self) -> None:
        """Ends it and waits."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(contestant: Contestant, upstream_port: int, log: Path) -> Running:
    """Starts a contestant on a free port and waits until it is ready. Raises Unable."""
    port = _free_port()
    words = {"port": str(port), "upstream": f"http://127.0.0.1:{upstream_port}"}
    env = {name: value.format(**words) for name, value in contestant.env.items()}
    headers = {name: value.format(**words) for name, value in contestant.headers.items()}
    command = [word.format(**words) for word in contestant.command]
    began = time.monotonic()
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, env=_outside(log.parent) | env, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT
        )
    while not _answers(port, contestant.ready, headers):
        waited = time.monotonic() - began
        if process.poll() is not None or waited > contestant.patience_s:
            process.kill()
            process.wait()
            raise Unable(f"not ready after {waited:.1f} s: {log.read_text(errors='replace')[-LOG_TAIL:].strip()}")
        time.sleep(POLL_S)
    return Running(contestant, process, Target(port, headers=headers), time.monotonic() - began)


def _outside(folder: Path) -> dict[str, str]:
    """The environment without anything that would configure a contestant.

    Bytecode is kept, as it is where a package was installed, but in `folder` and not beside the source.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(CONFIGURES)}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port: int = place.getsockname()[1]
        return port


def _answers(port: int, path: str, headers: Mapping[str, str]) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path, headers={"Authorization": f"Bearer {KEY}", **headers})
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _asgi(name: str, app: str, about: str) -> Contestant:
    """An app of this package behind uvicorn, as bare as it goes."""
    serving = ("-m", "uvicorn", f"benchmarks.{app}", "--port", "{port}", "--interface", "asgi3")
    bare = ("--loop", "uvloop", "--http", "httptools", "--ws", "none", "--lifespan", "off", "--no-access-log")
    quiet = ("--log-level", "warning", "--no-server-header", "--no-date-header", "--timeout-keep-alive", "75")
    return Contestant(name, about, (sys.executable, *serving, *bare, *quiet), {"BENCH_UPSTREAM": "{upstream}"})


def _outrider(name: str, about: str, **settings: str) -> Contestant:
    env = {"OUTRIDER_UPSTREAM": "{upstream}/v1", "OUTRIDER_LOG": "json"} | settings
    start_it = (sys.executable, "-c", "from proxy.cli import app; app()", "serve", "--port", "{port}")
    return Contestant(name, about, start_it, env)


NOTHING = _asgi("nothing", "relay:nothing", "an ASGI app that answers from memory")
RELAY = _asgi("relay", "relay:relay", "uvicorn and pyreqwest, passing bytes and nothing else")
RAW = _asgi("raw relay", "raw:relay", "the relay over bare connections, without an HTTP client library")
PARSING = _asgi("parsing", "relay:parsing", "the relay, reading each request body as JSON once")
OUTRIDER = _outrider(
    "outrider", "identify, store, recording, metrics", OUTRIDER_RECORD="full", OUTRIDER_POLICIES="session"
)
BARE = _outrider("outrider bare", "no policies, no recording", OUTRIDER_RECORD="off", OUTRIDER_POLICIES="")
