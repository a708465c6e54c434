"""Opens the tool side: servers read, gateway started, calls answered and counted.

It must not know the road. The MCP library costs half a second and some memory, so its rooms are imported only here and
only when a file of servers is given.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from proxy.tools import Called, Hear, Prefetched
from proxy.tools.calling import Calls
from proxy.tools.config import read_servers

if TYPE_CHECKING:
    from proxy.tools.gateway import Gateway


@asynccontextmanager
async def opened(path: str, hear: Hear | None) -> AsyncIterator["Gateway | None"]:
    """The gateway of a file of servers, for as long as the block; None without one. Raises `ConfigError`.

    It is open at once: servers start beside it, and one that does not start is told of when it is called.
    """
    if not path:
        yield None
        return
    calls = Calls(hear or _unheard, time.perf_counter)
    gateway: Gateway = import_module("proxy.tools.gateway").Gateway(read_servers(path, os.environ), calls.answer)
    async with gateway.running():
        yield gateway


def _unheard(_told: Called | Prefetched) -> None:
    """Where nobody counts."""
