"""What every store promises, asked of each."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest

from proxy.policy import Claim, Link
from proxy.store import Changes, Limits, Store, StoreError

Open = Callable[[Limits], Store]


def head(key: str) -> Link:
    return Link(key, "chain", 0.9, head=True)


def sole(key: str) -> Link:
    return Link(key, "tool_call", 0.99)


async def waits(store: Store, session: str, *keys: str, at: str = "", scope: str = "us", version: int = 0) -> None:
    """Saves `session` so that it waits at the head links `keys`."""
    links = tuple(head(key) for key in keys)
    changes = Changes(session, version, {"last": keys}, links, at or keys[-1], now=1.0)
    assert await store.save(scope, changes) is None


async def found(store: Store, *links: Link, scope: str = "us") -> str:
    return (await store.load(scope, Claim(links=links), "new")).session


@pytest.fixture
async def store(fresh: Open) -> AsyncIterator[Store]:
    opened = fresh(Limits())
    yield opened
    await opened.close()


@pytest.mark.anyio
async def test_a_new_session_is_the_fresh_one(store: Store) -> None:
    """Where nothing is known the session is `fresh`, unknown, without memory or version."""
    seen = await store.load("us", Claim(links=(head("a"), sole("b"))), "new")
    assert (seen.session, seen.known, seen.link, dict(seen.memory), seen.version) == ("new", False, None, {}, 0)


@pytest.mark.anyio
async def test_what_was_saved_is_loaded(store: Store) -> None:
    """A saved session is found by its link, with its memory and a version that rises by one with every save."""
    memory = {"routing": {"model": "µ", "scores": [1, 2.5, None, True]}, "empty": None}
    assert await store.save("us", Changes("s", 0, memory, (head("a"),), "a", now=1.0)) is None
    seen = await store.load("us", Claim(links=(sole("other"), head("a"))), "new")
    assert (seen.session, seen.known, seen.link, seen.memory, seen.version) == ("s", True, head("a"), memory, 1)
    assert await store.save("us", Changes("s", 1, {"empty": 3}, now=2.0)) is None
    seen = await store.load("us", Claim(session="s"), "new")
    assert (seen.memory, seen.version, seen.link) == (memory | {"empty": 3}, 2, None)
    assert await store.memory("us", "s") == seen.memory
    assert await store.memory("us", "nobody") is None


@pytest.mark.anyio
async def test_a_named_session_wins_over_links(store: Store) -> None:
    """The client's own word goes before any evidence, for a known session and for an unknown one."""
    await waits(store, "s", "a")
    seen = await store.load("us", Claim(session="mine", links=(head("a"),)), "new")
    assert (seen.session, seen.known) == ("mine", False)
    assert await found(store, head("a")) == "s"


@pytest.mark.anyio
async def test_links_are_asked_in_order(store: Store) -> None:
    """The first link that leads somewhere decides."""
    await waits(store, "old", "a")
    await waits(store, "young", "b")
    assert await found(store, head("nothing"), head("a"), head("b")) == "old"


@pytest.mark.anyio
async def test_a_parent_is_pointed_at_and_not_taken(store: Store) -> None:
    """A new session learns who started it; the parent still waits, and a known session is not asked for parents."""
    await waits(store, "one", "a")
    await waits(store, "two", "a")
    child = await store.load("us", Claim(links=(head("c"),), parents=(head("none"), head("a"))), "child")
    assert (child.session, child.known, child.parent, child.link) == ("child", False, "two", None)
    assert [await found(store, head("a")) for _ in range(2)] == ["two", "one"]
    assert (await store.load("us", Claim(session="one", parents=(head("a"),)), "new")).parent == ""


@pytest.mark.anyio
async def test_waiting_sessions_are_taken_newest_first(store: Store) -> None:
    """Each load of a shared head takes another session; with none left it is a fork of the newest."""
    for session in ("one", "two", "three"):
        await waits(store, session, "a")
    assert [await found(store, head("a")) for _ in range(4)] == ["three", "two", "one", "three"]


@pytest.mark.anyio
async def test_a_session_waits_only_where_it_was_left(store: Store) -> None:
    """Who has gone on does not wait at an earlier place, and a regeneration there still finds someone."""
    await waits(store, "one", "a")
    await waits(store, "two", "a")
    assert await found(store, head("a")) == "two"
    await waits(store, "two", "b", version=1)
    assert await found(store, head("a")) == "one"
    assert await found(store, head("a")) == "two"
    assert await found(store, head("b")) == "two"


@pytest.mark.anyio
async def test_a_session_on_its_way_waits_nowhere(store: Store) -> None:
    """A session taken by its name or by another link does not wait until it is saved with a head again."""
    await waits(store, "one", "a")
    await waits(store, "two", "a")
    await store.load("us", Claim(session="two"), "new")
    assert await found(store, head("a")) == "one"
    await waits(store, "one", "a", version=1)
    await waits(store, "two", "a", version=1)
    assert await store.save("us", Changes("two", 2, links=(sole("call"),), now=1.0)) is None
    assert await found(store, sole("call")) == "two"
    assert await found(store, head("a")) == "one"


@pytest.mark.anyio
async def test_a_save_without_a_head_lets_the_session_wait_on(store: Store) -> None:
    """A later write of the same exchange (an errand's memory) does not take it from its place."""
    await waits(store, "one", "a")
    await waits(store, "two", "a")
    assert await store.save("us", Changes("two", 1, {"late": 1}, now=1.0)) is None
    assert await found(store, head("a")) == "two"


@pytest.mark.anyio
async def test_a_sole_link_counts_while_one_owns_it(store: Store) -> None:
    """A key that two sessions own says nothing."""
    await store.save("us", Changes("one", links=(sole("call"),), now=1.0))
    assert await found(store, sole("call")) == "one"
    await store.save("us", Changes("two", links=(sole("call"),), now=1.0))
    assert await found(store, sole("call")) == "new"


@pytest.mark.anyio
async def test_loads_at_once_take_different_sessions(store: Store) -> None:
    """Of many loads of one head at the same time, no two take the same waiting session."""
    names = {f"s{n}" for n in range(20)}
    for name in names:
        await waits(store, name, "a")
    taken = await asyncio.gather(*(found(store, head("a")) for _ in names))
    assert set(taken) == names


@pytest.mark.anyio
async def test_a_stale_memory_is_refused_and_the_rest_taken(store: Store) -> None:
    """Of two saves of one version the second gets back what is there; its links, head and recording are written."""
    assert await store.save("us", Changes("s", 0, {"a": 1}, now=1.0)) is None
    late = Changes("s", 0, {"a": 2, "b": 3}, (head("place"),), "place", b'{"line":1}', 5.0)
    there = await store.save("us", late)
    assert there is not None
    assert (there.session, there.known, there.memory, there.version) == ("s", True, {"a": 1}, 1)
    assert await store.recording("us", "s") == [b'{"line":1}']
    assert await store.sessions() == [("us", "s", 5.0)]
    await waits(store, "newer", "place", at="elsewhere")
    assert await found(store, head("place")) == "newer"
    await store.load("us", Claim(session="newer"), "new")
    assert await found(store, head("place")) == "s"
    assert await store.save("us", Changes("s", there.version, {"a": 2}, now=6.0)) is None
    assert await store.memory("us", "s") == {"a": 2}


@pytest.mark.anyio
async def test_of_many_saves_at_once_one_is_taken(store: Store) -> None:
    """Saves that read the same version cannot both write their memory."""
    answers = await asyncio.gather(*(store.save("us", Changes("s", 0, {"a": n}, now=1.0)) for n in range(10)))
    assert answers.count(None) == 1
    assert await store.memory("us", "s") == {"a": answers.index(None)}


@pytest.mark.anyio
async def test_a_save_without_memory_is_never_refused(store: Store) -> None:
    """Nothing can be stale in a write that only records and binds."""
    assert await store.save("us", Changes("s", 0, {"a": 1}, now=1.0)) is None
    assert await store.save("us", Changes("s", 0, recording=b"{}", now=1.0)) is None


@pytest.mark.anyio
async def test_scopes_never_see_each_other(store: Store) -> None:
    """Ids, links, memories and recordings of one caller do not exist for another."""
    await store.save("us", Changes("s", 0, {"a": 1}, (head("k"), sole("call")), "k", b"{}", 1.0))
    for claim in (Claim(session="s"), Claim(links=(head("k"), sole("call"))), Claim(parents=(head("k"),))):
        seen = await store.load("them", claim, "new")
        assert (seen.known, seen.parent, dict(seen.memory)) == (False, "", {})
    assert await store.memory("them", "s") is None
    assert await store.recording("them", "s") == []
    await store.save("them", Changes("s", 0, {"a": 2}, now=2.0))
    assert await store.memory("us", "s") == {"a": 1}
    assert await store.sessions() == [("them", "s", 2.0), ("us", "s", 1.0)]


@pytest.mark.anyio
async def test_what_was_given_and_got_can_be_changed_freely(store: Store) -> None:
    """A caller that changes its own values changes nothing that is remembered."""
    value = {"turns": [1]}
    await store.save("us", Changes("s", 0, {"a": value}, now=1.0))
    value["turns"].append(2)
    for _ in range(2):
        seen = await store.load("us", Claim(session="s"), "new")
        assert seen.memory == {"a": {"turns": [1]}}
        seen.memory["a"]["turns"].append(3)


@pytest.mark.anyio
async def test_a_recording_keeps_the_newest_lines(fresh: Open) -> None:
    """Lines beyond the count or the bytes go oldest first; one that is longer than all may be is not taken."""
    store = fresh(Limits(recording_lines=3, recording_bytes=12))
    for line in (b"1", b"2", b"3", b"4"):
        await store.save("us", Changes("s", recording=line, now=1.0))
    assert await store.recording("us", "s") == [b"2", b"3", b"4"]
    await store.save("us", Changes("s", recording=b"x" * 13, now=1.0))
    assert await store.recording("us", "s") == [b"2", b"3", b"4"]
    await store.save("us", Changes("s", recording=b"5" * 11, now=1.0))
    assert await store.recording("us", "s") == [b"4", b"5" * 11]
    await store.save("us", Changes("s", recording=b"6\n7", now=1.0))
    assert await store.recording("us", "s") == [b"6", b"7"]
    await store.close()


@pytest.mark.anyio
async def test_a_link_keeps_its_newest_owners(fresh: Open) -> None:
    """The owner that was bound longest ago goes first; binding again makes it the newest."""
    store = fresh(Limits(owners=2))
    for session in ("one", "two", "one", "three"):
        await store.save("us", Changes(session, links=(head("a"),), head="a", now=1.0))
    assert {await found(store, head("a")) for _ in range(5)} == {"one", "three"}
    await store.close()


@pytest.mark.anyio
async def test_a_memory_that_cannot_be_kept_is_refused_alone(fresh: Open) -> None:
    """One too large, or not JSON, raises; what the other policies learned is written all the same."""
    store = fresh(Limits(memory_bytes=10))
    with pytest.raises(StoreError, match="fat"):
        await store.save("us", Changes("s", 0, {"fat": "x" * 9, "thin": "x" * 8}, (sole("call"),), now=1.0))
    with pytest.raises(StoreError, match="odd"):
        await store.save("us", Changes("s", 1, {"odd": object(), "slim": 1}, now=1.0))
    assert await store.memory("us", await found(store, sole("call"))) == {"thin": "x" * 8, "slim": 1}
    with pytest.raises(StoreError, match="lesson"):
        await store.save_shared("l", b"x" * 11, 0)
    await store.close()


@pytest.mark.anyio
async def test_the_list_of_sessions_is_newest_first_and_bounded(fresh: Open) -> None:
    """It can be paged by time, a session stands in it once, and the oldest fall off its end."""
    store = fresh(Limits(sessions=4))
    for at, session in enumerate(("a", "b", "c", "d", "b", "e"), start=1):
        await store.save("us", Changes(session, now=float(at)))
    assert await store.sessions() == [("us", "e", 6.0), ("us", "b", 5.0), ("us", "d", 4.0), ("us", "c", 3.0)]
    assert await store.sessions(limit=2) == [("us", "e", 6.0), ("us", "b", 5.0)]
    assert await store.sessions(limit=2, before=5.0) == [("us", "d", 4.0), ("us", "c", 3.0)]
    await store.close()


@pytest.mark.anyio
async def test_a_lesson_is_shared_and_versioned(store: Store) -> None:
    """Of two writers that read the same version one wins; the other is told."""
    assert await store.load_shared("l") == (b"", 0)
    assert await store.save_shared("l", b"one", 0) is True
    assert await store.save_shared("l", b"two", 0) is False
    assert await store.load_shared("l") == (b"one", 1)
    assert await store.save_shared("l", b"\x00\xff", 1) is True
    assert await store.load_shared("l") == (b"\x00\xff", 2)
    assert await store.load_shared("m") == (b"", 0)


@pytest.mark.anyio
async def test_a_session_is_forgotten_after_its_time(fresh: Open) -> None:
    """Counted from the last save: memory, links, recording and listing go, and its name begins anew."""
    store = fresh(Limits(session_ttl_s=0.5, recording_ttl_s=0.2))
    await store.save("us", Changes("kept", 0, {"a": 1}, (head("k"), sole("c")), "k", b"{}", 1.0))
    await store.save("us", Changes("gone", 0, {"a": 1}, (head("k"), sole("c")), "k", b"{}", 2.0))
    await asyncio.sleep(0.3)
    assert await store.recording("us", "gone") == []
    assert await store.memory("us", "gone") == {"a": 1}
    await store.save("us", Changes("kept", 1, links=(head("k"), sole("c")), recording=b"[]", now=3.0))
    await asyncio.sleep(0.3)
    assert await store.memory("us", "gone") is None
    assert await store.recording("us", "gone") == []
    assert [session for _, session, _ in await store.sessions()] == ["kept"]
    assert await found(store, sole("c")) == "kept"
    assert await found(store, head("k")) == "kept"
    assert await store.save("us", Changes("gone", 1, {"b": 2}, now=4.0)) is None
    assert await store.memory("us", "gone") == {"b": 2}
    await store.close()


@pytest.mark.anyio
async def test_originals_are_kept_and_fetched(store: Store) -> None:
    """One by its reference, several in the order asked, all in the order kept; what is unknown is left out."""
    kept = {f"r{number}": b"%d\x00\xff " % number for number in range(600)}
    pairs = list(kept.items())
    assert await store.save("us", Changes("s", 0, {"a": 1}, now=1.0, items=dict(pairs[:300]))) is None
    assert await store.save("us", Changes("s", 1, now=2.0, items=dict(pairs[300:]))) is None
    assert await store.items("us", "s", ["r7"]) == {"r7": kept["r7"]}
    assert list((await store.items("us", "s", ["r400", "none", "r2", "r2"])).items()) == [pairs[400], pairs[2]]
    assert list((await store.items("us", "s")).items()) == pairs
    assert await store.items("us", "s", []) == {}
    assert await store.items("us", "nobody") == await store.items("us", "nobody", ["r7"]) == {}
    assert await store.memory("us", "s") == {"a": 1}


@pytest.mark.anyio
async def test_the_first_original_of_a_reference_stays(store: Store) -> None:
    """A reference stands in requests that were sent: what it means never changes."""
    await store.save("us", Changes("s", now=1.0, items={"a": b"first", "": b""}))
    await store.save("us", Changes("s", now=2.0, items={"b": b"other", "a": b"second", "": b"x"}))
    assert list((await store.items("us", "s")).items()) == [("a", b"first"), ("", b""), ("b", b"other")]


@pytest.mark.anyio
async def test_originals_belong_to_their_session_and_scope(store: Store) -> None:
    """Neither another caller's session of that name has them nor another session of the same caller."""
    await store.save("us", Changes("s", now=1.0, items={"a": b"ours"}))
    await store.save("us", Changes("t", now=1.0))
    await store.save("them", Changes("s", now=1.0, items={"b": b"theirs"}))
    assert await store.items("them", "s", ["a"]) == await store.items("us", "t") == {}
    assert (await store.items("us", "s"), await store.items("them", "s")) == ({"a": b"ours"}, {"b": b"theirs"})


@pytest.mark.anyio
async def test_originals_beyond_the_bound_are_not_kept(fresh: Open) -> None:
    """References count too; the newest is refused and nobody hears of it, a smaller one may still fit."""
    store = fresh(Limits(items_bytes=12))
    assert await store.save("us", Changes("s", 0, {"a": 1}, now=1.0, items={"a": b"x" * 12, "b": b"y" * 5})) is None
    assert await store.save("us", Changes("s", 1, {"a": 2}, now=2.0, items={"c": b"z" * 6, "é": b"e" * 4})) is None
    assert await store.save("us", Changes("s", 2, now=3.0, items={"d": b"", "b": b"again"})) is None
    assert list((await store.items("us", "s")).items()) == [("b", b"y" * 5), ("é", b"e" * 4)]
    assert await store.memory("us", "s") == {"a": 2}
    await store.close()


@pytest.mark.anyio
async def test_a_stale_save_still_keeps_its_originals(store: Store) -> None:
    """What was dropped from a request is kept, though the memory of that is refused."""
    await store.save("us", Changes("s", 0, {"a": 1}, now=1.0))
    assert await store.save("us", Changes("s", 0, {"a": 2}, now=2.0, items={"r": b"original"})) is not None
    assert await store.items("us", "s") == {"r": b"original"}


@pytest.mark.anyio
async def test_originals_are_forgotten_with_their_session(fresh: Open) -> None:
    """Every save gives them the session's whole time again, also one that keeps nothing new."""
    store = fresh(Limits(session_ttl_s=0.5, recording_ttl_s=0.2))
    for session in ("kept", "gone"):
        await store.save("us", Changes(session, now=1.0, items={"r": b"original"}))
    await asyncio.sleep(0.3)
    await store.save("us", Changes("kept", now=2.0))
    await asyncio.sleep(0.3)
    assert await store.items("us", "kept") == {"r": b"original"}
    assert await store.items("us", "gone") == await store.items("us", "gone", ["r"]) == {}
    await store.save("us", Changes("gone", now=3.0))
    assert await store.items("us", "gone") == {}
    await store.close()


@pytest.mark.anyio
async def test_it_answers_a_ping(store: Store) -> None:
    """A store that is well says so by not raising."""
    await store.ping()


async def written(store: Store, policy: str = "noise", scope: str = "us") -> list[object]:
    """A journal as JSON."""
    return [json.loads(entry) for entry in await store.journal(scope, policy)]


@pytest.mark.anyio
async def test_a_journal_is_of_all_sessions_of_a_caller(store: Store) -> None:
    """In the order in which it was written, by whichever session; another caller or policy has its own."""
    assert await written(store) == []
    for number, session in enumerate(("a", "b", "a")):
        changes = Changes(session, number // 2, journal={"noise": ({"n": number}, [number])}, now=1.0)
        assert await store.save("us", changes) is None
    await store.save("them", Changes("a", journal={"noise": ("theirs",)}, now=1.0))
    assert await written(store) == [{"n": 0}, [0], {"n": 1}, [1], {"n": 2}, [2]]
    assert await written(store, scope="them") == ["theirs"]
    assert await written(store, "other") == []


@pytest.mark.anyio
async def test_a_journal_is_written_though_a_memory_is_not(store: Store) -> None:
    """As a recording is: what happened has happened."""
    assert await store.save("us", Changes("s", 0, {"p": 1}, now=1.0)) is None
    assert await store.save("us", Changes("s", 0, {"p": 2}, now=1.0, journal={"noise": (1,)})) is not None
    assert await written(store) == [1]


@pytest.mark.anyio
async def test_a_journal_has_bounds(fresh: Open) -> None:
    """The newest entries; none that is too long, or no JSON."""
    store = fresh(Limits(journal_entries=3, entry_bytes=10))
    try:
        await store.save("us", Changes("s", journal={"noise": (1, "x" * 20, object(), 2)}, now=1.0))
        await store.save("us", Changes("s", 1, journal={"noise": (3, 4)}, now=1.0))
        assert await written(store) == [2, 3, 4]
        await store.save("us", Changes("s", 2, journal={"noise": tuple(range(9))}, now=1.0))
        assert await written(store) == [6, 7, 8]
    finally:
        await store.close()


@pytest.mark.anyio
async def test_a_journal_is_forgotten(fresh: Open) -> None:
    """Some time after its last entry."""
    store = fresh(Limits(journal_ttl_s=0.1))
    try:
        await store.save("us", Changes("s", journal={"noise": (1,)}, now=1.0))
        await asyncio.sleep(0.2)
        assert await written(store) == []
        await store.save("us", Changes("s", 1, journal={"noise": (2,)}, now=1.0))
        assert await written(store) == [2]
    finally:
        await store.close()
