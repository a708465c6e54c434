"""A store and a model of it in plain lists are told the same things and must answer the same."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from proxy.policy import Claim, Link
from proxy.store import Changes, Limits, Remembered, Store

LIMITS = Limits(owners=3, recording_lines=4, recording_bytes=9, items_bytes=12)
SCOPES = st.sampled_from(["us", "them"])
SESSIONS = st.sampled_from(["s1", "s2", "s3", "s4", "s5"])
LINKS = st.builds(
    Link,
    st.sampled_from(["k1", "k2", "k3"]),
    st.just("chain"),
    st.just(0.5),
    st.booleans(),
)
SOME_LINKS = st.lists(LINKS, max_size=3).map(tuple)
PLACES = st.sampled_from(["", "p1", "p2"])
ITEMS = st.dictionaries(st.sampled_from(["r1", "r2", "é"]), st.binary(max_size=5), max_size=2)
MEMORY = st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 9), max_size=2)


@dataclass
class Known:
    version: int = 0
    head: str = ""
    at: float = 0.0
    memory: dict[str, Any] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)
    items: dict[str, bytes] = field(default_factory=dict)


class Model:
    """The promise written down without a thought of speed."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Known] = {}
        self.bound: list[tuple[str, str, str, str]] = []
        """Scope, link, session, head; oldest first."""

    def find(self, scope: str, links: tuple[Link, ...]) -> tuple[str, Link | None]:
        for link in links:
            owners = [(session, head) for at, key, session, head in self.bound if (at, key) == (scope, link.key)]
            waiting = [session for session, head in owners if head and self.known[scope, session].head == head]
            if link.head and waiting:
                return waiting[-1], link
            if owners and (link.head or len(owners) == 1):
                return owners[-1][0], link
        return "", None

    def load(self, scope: str, claim: Claim, fresh: str) -> Remembered:
        session, link = (claim.session, None) if claim.session else self.find(scope, claim.links)
        known = self.known.get((scope, session))
        if known is None:
            return Remembered(session or fresh, parent=self.find(scope, claim.parents)[0])
        known.head = ""
        return Remembered(session, True, link, "", dict(known.memory), known.version)

    def save(self, scope: str, changes: Changes) -> Remembered | None:
        known = self.known.setdefault((scope, changes.session), Known())
        refused = bool(changes.memory) and known.version not in (0, changes.version)
        if not refused:
            known.version = max(known.version, changes.version) + 1
            known.memory |= changes.memory
        known.head = changes.head or known.head
        known.at = changes.now
        for link in changes.links:
            self.bind(scope, link.key, changes.session, changes.head)
        known.lines += [changes.recording] if changes.recording else []
        while len(known.lines) > LIMITS.recording_lines or len(b"".join(known.lines)) > LIMITS.recording_bytes:
            del known.lines[0]
        for ref, original in changes.items.items():
            held = b"".join([*known.items.values(), *map(str.encode, known.items)])
            if ref not in known.items and len(held + ref.encode() + original) <= LIMITS.items_bytes:
                known.items[ref] = original
        return Remembered(changes.session, True, None, "", dict(known.memory), known.version) if refused else None

    def bind(self, scope: str, key: str, session: str, head: str) -> None:
        self.bound = [entry for entry in self.bound if entry[:3] != (scope, key, session)]
        self.bound.append((scope, key, session, head))
        owners = [entry for entry in self.bound if entry[:2] == (scope, key)]
        for entry in owners[: -LIMITS.owners]:
            self.bound.remove(entry)


class Beside(RuleBasedStateMachine):
    """Tells both the same."""

    def __init__(self, fresh: Callable[[Limits], Store]) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.store = fresh(LIMITS)
        self.model = Model()
        self.now = 0.0

    @rule(scope=SCOPES, links=SOME_LINKS, parents=SOME_LINKS)
    def load(self, scope: str, links: tuple[Link, ...], parents: tuple[Link, ...]) -> None:
        self.ask(scope, Claim(links=links, parents=parents))

    @rule(scope=SCOPES, session=SESSIONS, links=SOME_LINKS, parents=SOME_LINKS)
    def load_by_name(self, scope: str, session: str, links: tuple[Link, ...], parents: tuple[Link, ...]) -> None:
        self.ask(scope, Claim(session=session, links=links, parents=parents))

    def ask(self, scope: str, claim: Claim) -> None:
        answer = self.loop.run(self.store.load(scope, claim, "fresh"))
        assert answer == self.model.load(scope, claim, "fresh")

    @rule(
        scope=SCOPES,
        session=SESSIONS,
        stale=st.integers(0, 1),
        memory=MEMORY,
        links=SOME_LINKS,
        head=PLACES,
        recording=st.binary(max_size=6).map(bytes.hex).map(str.encode).filter(lambda line: len(line) <= 9),
        items=ITEMS,
    )
    def save(
        self,
        scope: str,
        session: str,
        stale: int,
        memory: dict[str, int],
        links: tuple[Link, ...],
        head: str,
        recording: bytes,
        items: dict[str, bytes],
    ) -> None:
        known = self.model.known.get((scope, session), Known())
        self.now += 1.0
        changes = Changes(session, max(0, known.version - stale), memory, links, head, recording, self.now, items)
        assert self.loop.run(self.store.save(scope, changes)) == self.model.save(scope, changes)

    @rule(scope=SCOPES, session=SESSIONS)
    def look(self, scope: str, session: str) -> None:
        known = self.model.known.get((scope, session))
        assert self.loop.run(self.store.memory(scope, session)) == (known.memory if known else None)
        assert self.loop.run(self.store.recording(scope, session)) == (known.lines if known else [])
        items = list(self.loop.run(self.store.items(scope, session)).items())
        assert items == (list(known.items.items()) if known else [])

    @rule()
    def lists_the_same(self) -> None:
        known = ((scope, session, entry.at) for (scope, session), entry in self.model.known.items())
        assert self.loop.run(self.store.sessions()) == sorted(known, key=lambda entry: -entry[2])

    def teardown(self) -> None:
        self.loop.run(self.store.close())
        self.loop.close()


def test_a_store_does_what_its_model_does(quick: Callable[[Limits], Store]) -> None:
    """Any sequence of loads and saves has the answers that the promise, written down plainly, gives."""

    class BesideThis(Beside):
        def __init__(self) -> None:
            super().__init__(quick)

    run_state_machine_as_test(BesideThis, settings=settings(max_examples=40, stateful_step_count=25, deadline=None))
