"""Recordings of long conversations: kept by what each turn added, handed out whole.

It must not know where a recorder cuts; it drives real proxies, and a real redis-server where two of them share one.
"""

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from proxy.recording import read
from proxy.store import Limits
from proxy.store.redis import RedisStore
from proxy.testing import Script
from tests.live.caller import Got, ask, post
from tests.live.conftest import Ride
from tests.live.replies import CHAT, chat
from tests.proxy.store.server import RedisServer

pytestmark = pytest.mark.anyio
HEADERS = (("x-outrider-session", "long"),)
OPENING = {"role": "user", "content": "Where is the carriage? " * 400}


async def grow(script: Script, urls: Sequence[str], turns: int) -> list[bytes]:
    """A conversation whose turns are asked at the next proxy in turn; the bodies that reached the upstream."""
    script.handler = lambda _heard: Script.json(chat("Ahead."))
    messages = [OPENING]
    for turn in range(turns):
        got = await post(urls[turn % len(urls)], CHAT, {"model": "gpt-4o", "messages": messages}, HEADERS)
        assert got.status == 200
        messages += [{"role": "assistant", "content": "Ahead."}, {"role": "user", "content": f"And now, at {turn}?"}]
    return [heard.body for heard in script.heard]


async def exported(url: str, lines: int) -> Got:
    """The session's recording, once it has so many lines: the last is written after its answer."""
    for _ in range(100):
        got = await ask(url, "GET", "/outrider/sessions/long.jsonl")
        if got.body.count(b"\n") == lines:
            break
        await asyncio.sleep(0.02)
    return got


async def test_each_exported_line_stands_by_itself(script: Script, ride: Ride) -> None:
    """Any tool can read a line alone: its body is what was sent, byte for byte, and nothing stands elsewhere."""
    url = await ride()
    sent = await grow(script, [url], 40)
    lines = (await exported(url, 40)).body.splitlines()
    assert [json.loads(line)["request"]["body"].encode() for line in lines] == sent
    assert not [line for line in lines if "like" in json.loads(line)["request"]]


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
async def test_replicas_keep_what_was_added_and_any_of_them_tells_it_whole(
    script: Script, ride: Ride, tmp_path: Path
) -> None:
    """Each replica hangs its lines on its own; together they take a fraction of the bodies, and come back whole."""
    with RedisServer(tmp_path) as redis:
        pair = [await ride(redis_url=redis.url) for _ in range(2)]
        sent = await grow(script, pair, 20)
        lines = (await exported(pair[0], 20)).body.splitlines()
        store = RedisStore.connect(redis.url, Limits())
        ((scope, session, _),) = await store.sessions()
        kept = await store.recording(scope, session)
        await store.close()
    assert sorted(read(line).request.body for line in lines) == sorted(sent)
    assert sum(map(len, kept)) < sum(map(len, lines)) / 2
    assert {read(line).whole for line in kept} == {True, False}
