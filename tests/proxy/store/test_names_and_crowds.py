"""Any names, and any crowd of sessions that say the same words: dialogues drawn at random."""

import asyncio
from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.policy import Claim, Link
from proxy.store import Changes, Limits, Store

Open = Callable[[Limits], Store]


def head(key: str) -> Link:
    return Link(key, "chain", 0.9, head=True)


names = st.text(max_size=8) | st.sampled_from(["{", "}", "{}", "a}:session:b", "%7D", '"', "\n", "\x00", "café", "🐎"])


@settings(max_examples=40, deadline=None)
@given(scope=names, other=names, session=names.filter(bool), key=names, place=names.filter(bool))
def test_any_name_will_do(quick: Open, scope: str, other: str, session: str, key: str, place: str) -> None:
    """Scopes, ids, keys, heads and references may hold any character without being taken for another's."""

    async def dialogue() -> None:
        store = quick(Limits())
        changes = Changes(session, 0, {key or "p": key}, (head(key),), place, b"{}", 1.0, {key: place.encode()})
        await store.save(scope, changes)
        seen = await store.load(scope, Claim(links=(head(key),)), "new-" + session)
        assert (seen.session, seen.memory) == (session, {key or "p": key})
        assert await store.sessions() == [(scope, session, 1.0)]
        assert await store.items(scope, session) == await store.items(scope, session, [key]) == {key: place.encode()}
        if other != scope:
            assert not (await store.load(other, Claim(links=(head(key),)), "new-" + session)).known
            assert await store.items(other, session) == {}
        await store.close()

    asyncio.run(dialogue())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), clients=st.integers(2, 12), turns=st.integers(1, 6))
def test_identical_sessions_stay_consistent(quick: Open, seed: int, clients: int, turns: int) -> None:
    """Sessions that say the same words, interleaved at random, are each a gapless sequence of turns, and none is
    ever on its way twice."""

    async def dialogue() -> None:
        store, dice = quick(Limits()), Random(seed)
        at = dict.fromkeys(range(clients), 0)
        away: dict[int, tuple[str, int, list[int]]] = {}
        while at:
            client = dice.choice(list(at))
            turn = at[client]
            if client not in away:
                links = (head(f"turn-{turn}"),) if turn else ()
                seen = await store.load("us", Claim(links=links), f"session-{client}")
                assert seen.session not in {session for session, _, _ in away.values()}
                away[client] = (seen.session, seen.version, [*seen.memory.get("turns", []), turn])
                continue
            session, version, said = away.pop(client)
            assert said == list(range(turn + 1))
            place = f"turn-{turn + 1}"
            assert await store.save("us", Changes(session, version, {"turns": said}, (head(place),), place)) is None
            at[client] += 1
            if at[client] > turns:
                del at[client]
        for client in range(clients):
            assert await store.memory("us", f"session-{client}") == {"turns": list(range(turns + 1))}
        await store.close()

    asyncio.run(dialogue())
