"""What every live test shares: a scripted upstream, and proxies in front of it on ports of their own.

It must not know what is tested. Tests run on uvloop, as the proxy does when it serves.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Protocol

import pytest

from proxy.compose import running
from proxy.settings import Settings
from proxy.testing import Script


class Ride(Protocol):
    """Opens a proxy in front of the script with these settings; its URL without `/v1`."""

    def __call__(self, **settings: Any) -> Awaitable[str]: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is `live`."""
    for item in items:
        if "tests/live/" in item.path.as_posix():
            item.add_marker("live")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells the figures that tests have taken down."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties if report.when == "call" else ():
            terminalreporter.write_line(f"{name}: {value}  {report.nodeid.rpartition('::')[2]}")


Figure = Callable[[str, float], None]


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Takes down a measured figure in milliseconds; no test passes or fails by it."""
    return lambda name, ms: request.node.user_properties.append((name, f"{ms:.2f} ms"))


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop that the proxy serves on."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(autouse=True, scope="session")
def _own_settings() -> None:
    """No setting comes from the environment of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("OUTRIDER_") and name != "OUTRIDER_TRACES"]:
        del os.environ[name]


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    """The upstream."""
    async with Script() as upstream:
        yield upstream


@pytest.fixture
async def ride(script: Script) -> AsyncIterator[Ride]:
    """Opens proxies; all are closed when the test ends."""
    async with AsyncExitStack() as stack:

        async def open_proxy(**given: Any) -> str:
            places = {} if "upstreams" in given else {"upstream": f"{script.url}/v1"}
            settings = Settings(_env_file=None, **{"log": "off", **places, **given})
            return await stack.enter_async_context(running(settings))

        yield open_proxy


@pytest.fixture
async def url(ride: Ride) -> str:
    """A proxy as it is without any setting."""
    return await ride()
