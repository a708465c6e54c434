"""What only Redis has: a server that goes and comes back, workers that share it, keys that others can see."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError

from proxy.policy import Claim, Link
from proxy.store import Changes, Limits, Remembered, StoreError
from proxy.store.redis import RedisStore
from tests.proxy.store.conftest import needs_redis
from tests.proxy.store.server import RedisServer, free_port

pytestmark = [pytest.mark.anyio, needs_redis]
AT = (Link("place", "chain", 0.9, head=True),)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """One that the test may harm."""
    with RedisServer(tmp_path) as running:
        yield running


@pytest.fixture
async def store(server: RedisServer) -> AsyncIterator[RedisStore]:
    opened = RedisStore.connect(server.url, Limits())
    yield opened
    await opened.close()


async def converse(store: RedisStore, session: str) -> None:
    """A save and a load that must find it."""
    assert await store.save("us", Changes(session, 0, {"a": session}, AT, "place", b"{}", 1.0)) is None
    seen = await store.load("us", Claim(links=AT), "new")
    assert (seen.session, seen.memory) == (session, {"a": session})


async def test_it_comes_back_with_its_server(store: RedisStore, server: RedisServer) -> None:
    """While Redis is gone every question raises; once it is there again, empty and without our scripts, they are
    answered, over and over."""
    for time in range(3):
        await converse(store, f"s{time}")
        server.kill()
        with pytest.raises(RedisConnectionError):
            await store.load("us", Claim(links=AT), "new")
        with pytest.raises(RedisConnectionError):
            await store.save("us", Changes("s"))
        with pytest.raises(RedisConnectionError):
            await store.ping()
        server.start()
        assert not (await store.load("us", Claim(links=AT), "new")).known


async def test_connections_that_went_stale_are_not_noticed(store: RedisStore, server: RedisServer) -> None:
    """A restart between two questions costs no answer, with many connections open as with one."""
    for _ in range(3):
        await asyncio.gather(*(store.load("us", Claim(links=AT), "new") for _ in range(50)))
        server.kill()
        server.start()
        await asyncio.gather(*(store.load("us", Claim(links=AT), "new") for _ in range(50)))


async def test_scripts_that_redis_forgot_are_told_again(store: RedisStore, server: RedisServer) -> None:
    """`SCRIPT FLUSH` at any time is not noticed."""
    async with Redis(port=server.port) as other:
        for number in range(3):
            await converse(store, f"s{number}")
            await other.script_flush()
        assert await store.save_shared("l", b"x", 0)


async def test_many_cancelled_loads_leave_no_answer_behind(store: RedisStore) -> None:
    """Loads cancelled at every moment of their way do not hand their answers to the next ones."""
    sessions = [f"s{number}" for number in range(50)]
    for session in sessions:
        await store.save("us", Changes(session, 0, {"a": session}))

    async def load(session: str) -> Remembered:
        return await store.load("us", Claim(session=session), "new")

    for pause in range(40):
        tasks = [asyncio.create_task(load(session)) for session in sessions]
        for _ in range(pause):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        answers = await asyncio.gather(*map(load, sessions))
        assert [(one.session, one.memory) for one in answers] == [(name, {"a": name}) for name in sessions]


async def test_a_frozen_server_is_given_up_in_time(store: RedisStore, server: RedisServer) -> None:
    """With a Redis that takes and does not answer, loads end with the caller's patience; when it thaws, the answers
    it had owed go to nobody."""
    for number in range(10):
        await store.save("us", Changes(f"s{number}", 0, {"a": number}))

    async def load(number: int) -> Remembered:
        async with asyncio.timeout(0.02):
            return await store.load("us", Claim(session=f"s{number}"), "new")

    server.freeze()
    faults = await asyncio.gather(*(load(number % 10) for number in range(100)), return_exceptions=True)
    assert {type(fault) for fault in faults} == {TimeoutError}
    server.thaw()
    for number in range(10):
        assert (await store.load("us", Claim(session=f"s{number}"), "new")).memory == {"a": number}


async def test_workers_share_their_sessions(server: RedisServer) -> None:
    """What one worker saves another finds; of their loads at the same time no two take the same session."""
    workers = [RedisStore.connect(server.url, Limits()) for _ in range(4)]
    for number in range(20):
        await workers[number % 4].save("us", Changes(f"s{number}", links=AT, head="place"))
    loads = (workers[number % 4].load("us", Claim(links=AT), "new") for number in range(20))
    assert len({seen.session for seen in await asyncio.gather(*loads)}) == 20
    for worker in workers:
        await worker.close()


async def test_every_key_dies_and_a_scope_has_one_slot(store: RedisStore, server: RedisServer) -> None:
    """No key lives for ever; those of one caller are in one hash slot, whatever its name holds."""
    for scope in ("us", "", "a}b{c", "%"):
        await store.save(scope, Changes("s", 0, {"a": 1}, AT, "place", b"{}", 1.0, {"r": b"original"}))
        await store.load(scope, Claim(links=AT), "new")
    await store.save_shared("l", b"x", 0)
    async with Redis(port=server.port, decode_responses=True) as other:
        keys = [str(key) async for key in other.scan_iter()]
        assert len(keys) == 4 * 4 + 2
        assert [key for key in keys if await other.pttl(key) <= 0] == []
    of_scopes = [key for key in keys if "{" in key]
    assert len({key_slot(key.encode()) for key in of_scopes}) == 4


async def test_prefixes_keep_deployments_apart(server: RedisServer) -> None:
    """Two deployments on one Redis do not see each other; a prefix that would break the hash tag is refused."""
    one, two = (RedisStore.connect(server.url, Limits(), prefix) for prefix in ("one", "two"))
    await converse(one, "s")
    assert await two.memory("us", "s") is None
    assert await two.sessions() == []
    await one.close()
    await two.close()
    for prefix in ("", "{x}"):
        with pytest.raises(StoreError, match="prefix"):
            RedisStore.connect(server.url, Limits(), prefix)


async def test_it_speaks_over_a_unix_socket(redis_server: RedisServer) -> None:
    """`unix://` names a socket and, as a query, a database."""
    store = RedisStore.connect(f"unix://{redis_server.socket}?db=3", Limits())
    await converse(store, "s")
    await store.close()


async def test_it_finds_the_primary_by_sentinel(server: RedisServer, tmp_path: Path) -> None:
    """`redis+sentinel://` asks the sentinels in turn, the first of them down, and speaks to who they name."""
    config = tmp_path / "sentinel.conf"
    config.write_text(f"sentinel monitor crew 127.0.0.1 {server.port} 1\n")
    with RedisServer(tmp_path, "--sentinel", first=[str(config)]) as sentinel:
        url = f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{sentinel.port}/crew/0"
        store = RedisStore.connect(url, Limits())
        await converse(store, "s")
        await store.close()


@pytest.mark.parametrize(
    "url",
    ["", "http://host", "redis+other://host", "redis+sentinel://host:26379", "redis+sentinel://host/crew", "host:6379"],
)
async def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    """What is not a Redis URL is said at once, before any question."""
    with pytest.raises(StoreError, match="URL"):
        RedisStore.connect(url, Limits())


@pytest.mark.parametrize(
    "url", ["rediss://host", "rediss+cluster://host:6379", "rediss+sentinel://u:p@host:26379/crew/0"]
)
async def test_nothing_is_sent_before_the_first_question(url: str) -> None:
    """A Redis that is not there yet does not keep the proxy from starting."""
    await RedisStore.connect(url, Limits()).close()
