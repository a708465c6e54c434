"""Stores to test: the embedded one, the same with a file, a real Redis, a real Redis in cluster mode."""

import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from proxy.store import Limits, Store
from proxy.store.embedded import EmbeddedStore
from proxy.store.redis import RedisStore
from tests.proxy.store.server import RedisServer

needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
FIXTURES = itertools.count()
Open = Callable[[Limits], Store]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One for all tests that do no harm to it."""
    folder = tmp_path_factory.mktemp("redis")
    with RedisServer(folder, "--unixsocket", str(folder / "redis.sock")) as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A cluster of one node: it refuses keys of several slots in one command as a large one does."""
    with RedisServer(tmp_path_factory.mktemp("cluster"), "--cluster-enabled", "yes") as server:
        with Redis(port=server.port) as client:
            client.execute_command("CLUSTER", "ADDSLOTS", *range(16_384))
            while "cluster_state:ok" not in str(client.execute_command("CLUSTER", "INFO")):
                time.sleep(0.02)
        yield server


@pytest.fixture(
    scope="session",
    params=[
        "embedded",
        "file",
        pytest.param("redis", marks=needs_redis),
        pytest.param("cluster", marks=needs_redis),
    ],
)
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Open:
    """Opens an empty store of each kind; whoever opens it closes it."""
    return opener(request, tmp_path_factory)


@pytest.fixture(scope="session", params=["embedded", "file", pytest.param("redis", marks=needs_redis)])
def quick(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Open:
    """The same for tests that open many: discovering a cluster takes 60 ms of CPU each time."""
    return opener(request, tmp_path_factory)


def opener(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Open:
    kind: str = request.param
    count = itertools.count()
    if kind == "embedded":
        return EmbeddedStore
    if kind == "file":
        folder = tmp_path_factory.mktemp("states")
        return lambda limits: EmbeddedStore(limits, folder / f"{next(count)}.db")
    server: RedisServer = request.getfixturevalue("redis_cluster" if kind == "cluster" else "redis_server")
    url = server.url.replace("redis:", "redis+cluster:") if kind == "cluster" else server.url
    deployment = f"{request.fixturename}{next(FIXTURES)}"
    return lambda limits: RedisStore.connect(url, limits, f"{deployment}-{next(count)}")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where an embedded store may keep its file."""
    return tmp_path / "state" / "sessions.db"
