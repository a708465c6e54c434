"""The Redis store: any number of workers and replicas share what is remembered. The only room of `redis`.

It must not know the wire or a policy. A load is one round trip and so is a save; whatever must be atomic runs as a
script inside Redis. Nothing is tried twice: the caller goes on without memory rather than wait, and a script whose
answer was lost may have run.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import orjson
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, Sentinel, SentinelConnectionPool
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.maint_notifications import MaintNotificationsConfig

from proxy.policy import Claim
from proxy.store import Changes, Limits, Remembered, StoreError, admit
from proxy.store.calls import Call, Calls, item_field, items_of, memory_of, placed, remembered, text

T = TypeVar("T")
Client = Redis | RedisCluster

MOST_CONNECTIONS = 64
PATIENCE_S = 5.0
"""Longest that one question lives, connecting included; the road's own budget is far shorter."""
MOST_ASKED = 1_024
"""Questions under way, those included that nobody waits for any more; one more is refused."""
IDLE_S = 15.0
"""A connection unused for this long is asked whether it is well before it is used again."""
PAGE = 500


class RedisStore:
    """`proxy.store.Store` in Redis 6.2 or newer, a cluster, or a service watched by Sentinel."""

    def __init__(self, client: Client, limits: Limits, prefix: str = "outrider") -> None:
        self._client = client
        self._limits = limits
        self._calls = Calls(limits, prefix)
        self._asked: set[asyncio.Task[Any]] = set()

    @classmethod
    def connect(cls, url: str, limits: Limits, prefix: str = "outrider") -> "RedisStore":
        """A store at `url`; nothing is sent yet.

        `redis://` and `rediss://` (TLS), `unix://`, `redis+cluster://` and `rediss+cluster://` (any node of it),
        `redis+sentinel://` and `rediss+sentinel://` as in `//user:password@host:26379,host2:26379/service/0`; options
        of redis-py may follow as a query. Raises `StoreError` for anything else.
        """
        try:
            return cls(client_of(url), limits, prefix)
        except (ValueError, TypeError) as fault:
            raise StoreError(f"the Redis URL cannot be used: {fault}") from fault

    async def load(self, scope: str, claim: Claim, fresh: str) -> Remembered:
        """See `Store.load`."""
        links = () if claim.session else claim.links
        call = self._calls.load(scope, claim, fresh, links)
        found, place, parent, fields = await self._ask(lambda: self._run(call))
        if not found:
            return Remembered(claim.session or fresh, parent=text(parent))
        return remembered(text(found), fields, links[place - 1] if place else None)

    async def save(self, scope: str, changes: Changes) -> Remembered | None:
        """See `Store.save`. Raises `StoreError` for a memory it refuses, after all else was written."""
        memory, refused = admit.memories(changes.memory, self._limits)
        calls = [self._calls.save(scope, changes, memory), self._calls.enlist(scope, changes)]
        calls += self._calls.note(scope, changes.journal)
        saved, *_ = await self._ask(lambda: self._run_all(calls))
        if refused:
            raise StoreError("; ".join(refused))
        return remembered(changes.session, saved) if saved else None

    async def sessions(self, limit: int = 100, before: float | None = None) -> Sequence[tuple[str, str, float]]:
        """See `Store.sessions`. The list may name sessions that have expired since; they are left out."""
        found: list[tuple[str, str, float]] = []
        below = "+inf" if before is None else f"({before!r}"
        for offset in range(0, self._limits.sessions, PAGE):
            page = await self._page(below, offset)
            alive = await self._alive([(scope, session) for scope, session, _ in page])
            found += (entry for entry, lives in zip(page, alive, strict=True) if lives)
            if len(found) >= limit or len(page) < PAGE:
                break
        return found[:limit]

    async def memory(self, scope: str, session: str) -> Mapping[str, Any] | None:
        """See `Store.memory`."""
        key = self._calls.session_key(scope, session)
        fields = await self._ask(lambda: self._client.hgetall(key))
        return memory_of(cast("dict[bytes, bytes]", fields)) if fields else None

    async def recording(self, scope: str, session: str) -> Sequence[bytes]:
        """See `Store.recording`."""
        key = self._calls.recording_key(scope, session)
        lines = await self._ask(lambda: self._client.lrange(key, 0, -1))
        return cast("list[bytes]", lines)

    async def items(self, scope: str, session: str, refs: Sequence[str] | None = None) -> Mapping[str, bytes]:
        """See `Store.items`."""
        key = self._calls.items_key(scope, session)
        if refs is None:
            fields = await self._ask(lambda: self._client.hgetall(key))
            return items_of(cast("dict[bytes, bytes]", fields))
        asked = list(map(item_field, refs))
        values = await self._ask(lambda: self._client.hmget(key, asked)) if asked else []
        found = zip(refs, cast("list[bytes | None]", values), strict=True)
        return {ref: placed(value)[1] for ref, value in found if value is not None}

    async def journal(self, scope: str, policy: str) -> Sequence[bytes]:
        """See `Store.journal`."""
        key = self._calls.journal_key(scope, policy)
        entries = await self._ask(lambda: self._client.lrange(key, 0, -1))
        return cast("list[bytes]", entries)

    async def load_shared(self, name: str) -> tuple[bytes, int]:
        """See `Store.load_shared`."""
        key = self._calls.lesson_key(name)
        fields = await self._ask(lambda: self._client.hmget(key, ["value", "version"]))
        value, version = cast("list[bytes | None]", fields)
        return value or b"", int(version or 0)

    async def save_shared(self, name: str, value: bytes, version: int) -> bool:
        """See `Store.save_shared`. Raises `StoreError` for one that is too large."""
        admit.lesson(name, value, self._limits)
        call = self._calls.teach(name, value, version)
        return bool(await self._ask(lambda: self._run(call)))

    async def ping(self) -> None:
        """Raises when Redis cannot be reached."""
        await self._ask(self._client.ping)

    async def close(self) -> None:
        """Gives back the connections; what nobody waits for any more has ended then."""
        if self._asked:
            await asyncio.wait(self._asked)
        with suppress(OSError):
            await self._client.aclose()
        pool = self._client.connection_pool if isinstance(self._client, Redis) else None
        if isinstance(pool, SentinelConnectionPool):
            await pool.sentinel_manager.aclose()

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer, asked for in a task of its own, which a caller that stops waiting leaves to end.

        So no connection is torn in the middle of an answer, and a TLS handshake or the discovery of a cluster, which
        takes longer than the road waits, is done once and not begun again with every request.
        """
        if len(self._asked) >= MOST_ASKED:
            raise StoreError("Redis is too slow: too many questions wait for it")
        task = asyncio.create_task(in_time(question))
        self._asked.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._asked.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also where its caller has stopped waiting: a slow store is noted on the road

    async def _run(self, call: Call) -> Any:
        script, keys, arguments = call
        try:
            return await self._client.evalsha(script.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return await self._introduce(call)

    async def _run_all(self, calls: Sequence[Call]) -> list[Any]:
        """Several scripts at once: side by side on a cluster, where their keys live apart, else in one go."""
        if isinstance(self._client, RedisCluster):
            return await asyncio.gather(*map(self._run, calls))
        pipeline = self._client.pipeline(transaction=False)
        for script, keys, arguments in calls:
            pipeline.evalsha(script.sha, len(keys), *keys, *arguments)
        answers = await pipeline.execute(raise_on_error=False)
        return [await self._answer(call, answer) for call, answer in zip(calls, answers, strict=True)]

    async def _answer(self, call: Call, answer: Any) -> Any:
        if isinstance(answer, NoScriptError):
            return await self._introduce(call)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _introduce(self, call: Call) -> Any:
        """Runs a script that Redis has not seen, or has forgotten with a restart; from then on it knows it."""
        script, keys, arguments = call
        return await self._client.eval(script.text, len(keys), *keys, *arguments)

    async def _page(self, below: str, offset: int) -> list[tuple[str, str, float]]:
        page = await self._ask(
            lambda: self._client.zrevrangebyscore(self._calls.list, below, "-inf", offset, PAGE, withscores=True)
        )
        entries = ((orjson.loads(member), at) for member, at in cast("list[tuple[bytes, float]]", page))
        return [(scope, session, at) for (scope, session), at in entries]

    async def _alive(self, sessions: Sequence[tuple[str, str]]) -> Sequence[int]:
        """For each session 1 or 0."""
        if not sessions:
            return []
        pipeline = self._client.pipeline(transaction=False)
        for scope, session in sessions:
            pipeline.exists(self._calls.session_key(scope, session))
        return cast("list[int]", await self._ask(pipeline.execute))


async def in_time(question: Callable[[], Awaitable[T]]) -> T:
    """The answer, or `TimeoutError` after `PATIENCE_S`."""
    async with asyncio.timeout(PATIENCE_S):
        return await question()


def client_of(url: str) -> Client:
    """The client for a URL; see `RedisStore.connect`. Raises `ValueError` or `TypeError`."""
    scheme, _, kind = urlsplit(url).scheme.partition("+")
    plain = f"{scheme}:{url.partition(':')[2]}"
    options: dict[str, Any] = {
        "encoding_errors": "surrogatepass",
        "health_check_interval": IDLE_S,
        "socket_connect_timeout": PATIENCE_S,
        "socket_timeout": None,  # every question has a timeout of its own, which costs a third of redis-py's
        "retry": Retry(NoBackoff(), 0),
    }
    # Redis Enterprise's maintenance notices: with them on, a connection that the server has closed is used once more.
    quiet = MaintNotificationsConfig(enabled=False)
    # These two pools refuse what the plain one lets wait for a free connection: never fewer than are asked for.
    many = {"max_connections": 2 * MOST_ASKED, "maint_notifications_config": quiet}
    if kind == "cluster":
        return RedisCluster.from_url(plain, **options, **many)
    if kind == "sentinel":
        return watched(plain, options | many)
    if kind:
        raise ValueError(f"{scheme}+{kind} is not known")
    pool = BlockingConnectionPool.from_url(
        plain, max_connections=MOST_CONNECTIONS, timeout=PATIENCE_S, maint_notifications_config=quiet, **options
    )
    return Redis.from_pool(pool)


def watched(url: str, options: dict[str, Any]) -> Client:
    """The client of a service whose present primary is known to the sentinels in `url`."""
    parts = urlsplit(url)
    login, _, hosts = parts.netloc.rpartition("@")
    service, _, db = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("a sentinel URL names its service: redis+sentinel://host:26379/service/0")
    sentinels = [
        (host.strip("[]"), int(port)) for host, _, port in (place.rpartition(":") for place in hosts.split(","))
    ]
    given: dict[str, Any] = dict(parse_url(f"redis://{login}@localhost/{db}?{parts.query}"))
    given.pop("host", None)
    asking = {name: given.pop(f"sentinel_{name}") for name in ("username", "password") if f"sentinel_{name}" in given}
    if parts.scheme == "rediss":
        options = options | {"ssl": True}
    watch: Callable[..., Sentinel] = Sentinel
    client: Redis = watch(sentinels, sentinel_kwargs=options | asking).master_for(service, **options, **given)
    return client
