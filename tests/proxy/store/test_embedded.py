"""What only the embedded store has: bounds on all of it together, and a file."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxy.policy import Claim, Link
from proxy.store import Changes, Limits, StoreError
from proxy.store.disk import OF_A_SESSION
from proxy.store.embedded import EmbeddedStore


class Clock:
    """Epoch seconds that pass when told."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def turn(session: str, number: int, *, fat: int = 0) -> Changes:
    """The save of a turn: memory, a link, a head, a line, an original."""
    link = Link(f"{session}-{number}", "chain", 0.9, head=True)
    memory = {"turns": number, "fat": "x" * fat}
    return Changes(session, number, memory, (link,), link.key, b"%d" % number, 1.0, {f"r{number}": b"o%d" % number})


async def remembered(store: EmbeddedStore, *sessions: str) -> list[str]:
    return [session for session in sessions if await store.memory("us", session) is not None]


@pytest.mark.anyio
async def test_the_session_untouched_for_longest_goes_first() -> None:
    """Over the bound on bytes whole sessions go, and a load is a touch."""
    store = EmbeddedStore(Limits(total_bytes=50_000))
    for session in ("one", "two", "three"):
        await store.save("us", turn(session, 0, fat=10_000))
    await store.load("us", Claim(session="one"), "new")
    await store.save("us", turn("four", 0, fat=15_000))
    assert await remembered(store, "one", "two", "three", "four") == ["one", "three", "four"]
    assert store.size <= 50_000
    assert not (await store.load("us", Claim(links=turn("two", 0).links), "new")).known


@pytest.mark.anyio
async def test_the_count_of_sessions_is_bounded() -> None:
    """The bound on sessions holds as the one on bytes does."""
    store = EmbeddedStore(Limits(sessions=2))
    for session in ("one", "two", "three"):
        await store.save("us", turn(session, 0))
    assert await remembered(store, "one", "two", "three") == ["two", "three"]


@pytest.mark.anyio
async def test_a_session_larger_than_everything_is_not_kept() -> None:
    """The bound is kept even where one session alone breaks it."""
    store = EmbeddedStore(Limits(total_bytes=5_000))
    await store.save("us", turn("fat", 0, fat=9_000))
    assert store.size == 0


@pytest.mark.anyio
async def test_originals_count_against_the_whole() -> None:
    """A session with fat originals makes room by sending others away, as one with a fat memory does."""
    store = EmbeddedStore(Limits(total_bytes=50_000))
    for session in ("one", "two"):
        await store.save("us", turn(session, 0))
    await store.save("us", Changes("three", now=1.0, items={"r": b"x" * 45_000}))
    assert await remembered(store, "one", "two", "three") == ["two", "three"]
    assert 45_000 < store.size <= 50_000


@pytest.mark.anyio
async def test_what_is_forgotten_leaves_nothing_behind() -> None:
    """Once every session has expired the store is charged for nothing, and Python holds little."""
    clock = Clock()
    store = EmbeddedStore(Limits(session_ttl_s=10, recording_ttl_s=5), clock=clock)
    with traced() as held:
        for number in range(2_000):
            await store.save("us", turn(f"s{number % 200}", number // 200, fat=500))
        most = held()
        assert most < store.size < 3 * most, "what is charged is about what Python holds, and never less"
        clock.now += 7
        await store.save("us", Changes("last", now=1.0))
        assert await store.recording("us", "s1") == []
        clock.now += 20
        assert await store.sessions() == []
        assert store.size == 0
        assert held() < most / 4, "what is left are the tables, which Python does not shrink"


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """A count of the bytes that Python holds and did not hold before."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield lambda: tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.mark.anyio
async def test_a_file_brings_everything_back(state: Path) -> None:
    """Memory, versions, links, places, recordings, originals, lessons and the list survive a close."""
    store = EmbeddedStore(Limits(recording_lines=2), state)
    for number in range(4):
        await store.save("us", turn("one", number))
    await store.save("us", turn("two", 0))
    shared = (Link("opening", "chain", 0.9, head=True),)
    for session in ("one", "two"):
        await store.save("us", Changes(session, links=shared, head="opening", now=5.0))
    await store.save("us", Changes("one", now=5.0, items={"a": b"late", "r1": b"never"}))
    await store.save_shared("l", b"lesson", 0)
    await store.close()

    store = EmbeddedStore(Limits(recording_lines=2), state)
    assert await store.sessions(limit=1) in ([("us", "one", 5.0)], [("us", "two", 5.0)])
    assert await store.recording("us", "one") == [b"2", b"3"]
    originals = [("r0", b"o0"), ("r1", b"o1"), ("r2", b"o2"), ("r3", b"o3"), ("a", b"late")]
    assert list((await store.items("us", "one")).items()) == originals
    await store.save("us", Changes("one", now=5.0, items={"r2": b"never"}))
    assert await store.items("us", "one", ["r2"]) == {"r2": b"o2"}
    assert await store.load_shared("l") == (b"lesson", 1)
    seen = [await store.load("us", Claim(links=shared), "new") for _ in range(2)]
    assert [(one.session, one.version) for one in seen] == [("two", 2), ("one", 7)]
    assert (await store.load("us", Claim(links=turn("one", 2).links), "new")).memory == {"turns": 3, "fat": ""}
    await store.close()


@pytest.mark.anyio
async def test_what_was_forgotten_is_not_in_the_file(state: Path) -> None:
    """Evicted and expired sessions leave no row, so that the file is bounded as the store is."""
    clock = Clock()
    store = EmbeddedStore(Limits(sessions=3, session_ttl_s=10, recording_lines=1), state, clock)
    for number in range(20):
        await store.save("us", turn(f"s{number // 2}", number % 2))
    await store.close()
    assert rows(state) == {"sessions": 3, "memories": 6, "links": 6, "lines": 3, "items": 6}
    clock.now += 11
    store = EmbeddedStore(Limits(session_ttl_s=10), state, clock)
    assert await store.sessions() == []
    await store.close()
    assert rows(state) == {"sessions": 0, "memories": 0, "links": 0, "lines": 0, "items": 0}


def rows(state: Path) -> dict[str, int]:
    file = sqlite3.connect(state)
    found = {table: int(file.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in OF_A_SESSION}
    file.close()
    return found


@pytest.mark.anyio
async def test_tighter_bounds_hold_from_the_start(state: Path) -> None:
    """A file written under wider bounds is cut to the new ones."""
    store = EmbeddedStore(Limits(), state)
    for number in range(6):
        await store.save("us", turn("one", number))
    await store.close()
    for _ in range(2):
        store = EmbeddedStore(Limits(recording_lines=2, items_bytes=13), state)
        assert await store.recording("us", "one") == [b"4", b"5"]
        assert list(await store.items("us", "one")) == ["r0", "r1", "r2"]
        await store.close()
    assert (rows(state)["lines"], rows(state)["items"]) == (2, 3)


@pytest.mark.anyio
async def test_a_file_has_one_process(state: Path) -> None:
    """A second store on the same file is refused, rather than both writing it."""
    store = EmbeddedStore(Limits(), state)
    with pytest.raises(StoreError, match="another process"):
        EmbeddedStore(Limits(), state)
    await store.close()
    await EmbeddedStore(Limits(), state).close()


def test_a_file_that_is_none_is_refused(state: Path) -> None:
    """What is not a database is said at the start, and left as it is."""
    state.parent.mkdir()
    state.write_bytes(b"not a database, but somebody's letter" * 100)
    with pytest.raises(StoreError, match=r"sessions\.db"):
        EmbeddedStore(Limits(), state)
    assert state.read_bytes().startswith(b"not a database")


WRITER = """
import asyncio, itertools, sys
from pathlib import Path
from proxy.policy import Link
from proxy.store import Changes, Limits
from proxy.store.embedded import EmbeddedStore

async def save(store, number):
    link = Link(f"k{number}", "chain", 0.9)
    await store.save("us", Changes(f"s{number}", 0, {"n": number}, (link,), f"k{number}", b"%d" % number, number,
        {"r": b"%d" % number}))

async def main():
    store = EmbeddedStore(Limits(), Path(sys.argv[1]))
    for number in range(100):
        await save(store, number)
    await asyncio.sleep(1)
    for number in itertools.count(100):
        await save(store, number)
        print(number, flush=True)
        await asyncio.sleep(0.001)

asyncio.run(main())
"""


def test_a_killed_process_loses_only_its_last_moment(state: Path) -> None:
    """After `kill -9` amid writes the file opens, holds all that was saved a second ago, and ends at one point in
    time: no later session without every earlier one, each one whole."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(state)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    for _ in range(300):
        assert writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    asyncio.run(whole(state))


async def whole(state: Path) -> None:
    store = EmbeddedStore(Limits(), state)
    found = sorted(int(session[1:]) for _, session, _ in await store.sessions(limit=10_000))
    assert len(found) >= 100
    assert found == list(range(len(found)))
    for number in found:
        seen = await store.load("us", Claim(links=(Link(f"k{number}", "chain", 0.9),)), "new")
        assert (seen.session, seen.memory) == (f"s{number}", {"n": number})
        assert await store.recording("us", f"s{number}") == [b"%d" % number]
        assert await store.items("us", f"s{number}") == {"r": b"%d" % number}
    await store.close()
