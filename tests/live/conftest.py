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
from tests.live.caller import until


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


@pytest.fixture(scope="module")
async def _pair() -> AsyncIterator[tuple[Script, str]]:
    """An upstream and a proxy in front of it for all tests of a file: starting one takes longer than most tests."""
    async with Script() as upstream, running(settings_of(upstream)) as url:
        yield upstream, url


@pytest.fixture
async def script(_pair: tuple[Script, str]) -> AsyncIterator[Script]:
    """The upstream; it remembers nothing of earlier tests."""
    upstream = _pair[0]
    yield upstream
    for connection in list(upstream._open):
        connection.transport.abort()
    await until(lambda: not upstream.open)
    fresh = Script()
    for name in ("handler", "heard", "connections", "_lines", "_hangups"):
        setattr(upstream, name, getattr(fresh, name))


@pytest.fixture
async def url(_pair: tuple[Script, str], script: Script) -> str:
    """A proxy without any setting but its upstream."""
    return _pair[1]


@pytest.fixture
async def ride(script: Script) -> AsyncIterator[Ride]:
    """Opens proxies; all are closed when the test ends."""
    async with AsyncExitStack() as stack:

        async def open_proxy(**given: Any) -> str:
            return await stack.enter_async_context(running(settings_of(script, **given)))

        yield open_proxy


def settings_of(script: Script, **given: Any) -> Settings:
    """The settings of a proxy in front of the script."""
    places = {} if "upstreams" in given else {"upstream": f"{script.url}/v1"}
    return Settings(_env_file=None, **{"log": "off", **places, **given})
