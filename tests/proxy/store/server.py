"""A real redis-server of one's own: its port, its folder, its life."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

BINARY = shutil.which("redis-server")


def free_port() -> int:
    """A port of the loopback that nobody listens on; a cluster's node takes the one 10,000 above it as well."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port < 55_000:
            return port


class RedisServer:
    """A redis-server that keeps nothing on disk; it may be killed, started again and frozen."""

    def __init__(self, folder: Path, *options: str, port: int = 0, first: Sequence[str] = ()) -> None:
        self.port = port or free_port()
        self.socket = folder / "redis.sock"
        self.url = f"redis://127.0.0.1:{self.port}/0"
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)]
        self._command = [BINARY or "redis-server", *first, *where, "--save", "", *options]
        self.start()

    def start(self) -> None:
        """Starts it, empty, and returns once it listens."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        self.kill()
        raise TimeoutError("redis-server does not start")

    def kill(self) -> None:
        """As `kill -9` does."""
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """It listens and takes, and says nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def thaw(self) -> None:
        """It goes on where it was frozen."""
        self._process.send_signal(signal.SIGCONT)
