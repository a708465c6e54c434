"""What is asked of Redis: the names of keys, each script's arguments, and what the answers mean.

It must not know how Redis is reached, nor what a script does with its arguments.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from proxy.policy import Claim, Link
from proxy.store import Changes, Limits, Remembered, StoreError, admit
from proxy.store.scripts import LIST, LOAD, NOTE, SAVE, TEACH, Script

Call = tuple[Script, Sequence[str], Sequence[Any]]
"""A script with its keys and arguments."""

MEMORY = b"memory:"
ITEM = b"item:"
"""What fields of a session's hash, and of its originals' hash, begin with."""


class Calls:
    """The keys and calls of one deployment. Raises `StoreError` for a prefix that would break the hash tag."""

    def __init__(self, limits: Limits, prefix: str) -> None:
        if not prefix or set(prefix) & set("{}"):
            raise StoreError(f"the prefix of keys must not be empty nor hold braces: {prefix!r}")
        self._limits = limits
        self._prefix = prefix
        self.list = f"{prefix}:sessions"
        """The key of the list of sessions."""

    def session_key(self, scope: str, session: str) -> str:
        """The hash with version, head and memories."""
        return f"{self._stem(scope)}session:{session}"

    def recording_key(self, scope: str, session: str) -> str:
        """The list of recorded lines."""
        return f"{self._stem(scope)}recording:{session}"

    def items_key(self, scope: str, session: str) -> str:
        """The hash of originals."""
        return f"{self._stem(scope)}items:{session}"

    def journal_key(self, scope: str, policy: str) -> str:
        """The list of a journal's entries."""
        return f"{self._stem(scope)}journal:{policy}"

    def lesson_key(self, name: str) -> str:
        """The hash of a lesson; in no scope."""
        return f"{self._prefix}:lesson:{name}"

    def load(self, scope: str, claim: Claim, fresh: str, links: Sequence[Link]) -> Call:
        """Finds a session by its name or `links`, else its parent, and brings its fields."""
        stem = self._stem(scope)
        asked = (*links, *claim.parents)
        keys = [f"{stem}session:{claim.session or fresh}", *(f"{stem}link:{link.key}" for link in asked)]
        kinds = "".join("h" if link.head else "l" for link in asked)
        return LOAD, keys, (f"{stem}session:", claim.session, len(links), kinds)

    def save(self, scope: str, changes: Changes, memory: Mapping[str, bytes]) -> Call:
        """Writes all of `changes`, their memory as the JSON in `memory`."""
        limits, stem, session = self._limits, self._stem(scope), changes.session
        items = admit.items(changes.items, limits) if changes.items else changes.items
        keys = [f"{stem}session:{session}", f"{stem}recording:{session}", f"{stem}items:{session}"]
        keys += (f"{stem}link:{link.key}" for link in changes.links)
        arguments: list[Any] = [session, changes.version, changes.head]
        arguments += milliseconds(limits.session_ttl_s), milliseconds(admit.recording_ttl_s(limits))
        arguments += limits.recording_lines, limits.recording_bytes, limits.owners, limits.items_bytes
        arguments += len(memory), len(items)
        for policy, value in memory.items():
            arguments += MEMORY + policy.encode(), value
        for ref, original in items.items():
            arguments += ref, original
        arguments += admit.lines(changes.recording, limits)
        return SAVE, keys, arguments

    def enlist(self, scope: str, changes: Changes) -> Call:
        """Puts the session in its place in the list."""
        ttl = self._limits.session_ttl_s
        member = orjson.dumps((scope, changes.session))
        arguments = (changes.now, member, milliseconds(ttl), changes.now - ttl, self._limits.sessions)
        return LIST, [self.list], arguments

    def note(self, scope: str, journal: Mapping[str, Sequence[Any]]) -> list[Call]:
        """Adds entries to journals."""
        bounds = milliseconds(self._limits.journal_ttl_s), self._limits.journal_entries
        taken = admit.entries(journal, self._limits)
        return [(NOTE, [self.journal_key(scope, policy)], (*bounds, *new)) for policy, new in taken.items()]

    def teach(self, name: str, value: bytes, version: int) -> Call:
        """Writes a lesson."""
        return TEACH, [self.lesson_key(name)], (value, version, milliseconds(admit.lesson_ttl_s(self._limits)))

    def _stem(self, scope: str) -> str:
        """What every key of a scope begins with. The braces are Redis's hash tag: all are in one slot."""
        return f"{self._prefix}:{{{scope.replace('%', '%25').replace('}', '%7D') or '%'}}}:"


def text(value: bytes) -> str:
    """A name as it was given."""
    return value.decode("utf-8", "surrogatepass")


def milliseconds(seconds: float) -> int:
    """A time to live as Redis takes it; at least one, for nothing may be kept forever."""
    return max(1, round(seconds * 1000))


def memory_of(fields: Mapping[bytes, bytes]) -> dict[str, Any]:
    """The memories among a session's fields, by policy name."""
    found = (field for field in fields if field.startswith(MEMORY))
    return {text(field[len(MEMORY) :]): orjson.loads(fields[field]) for field in found}


def remembered(session: str, flat: Sequence[bytes], link: Link | None = None) -> Remembered:
    """What is known of a session, from its fields as a script gives them: name, value, name, value, ..."""
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    return Remembered(session, True, link, "", memory_of(fields), int(fields[b"version"]))


def item_field(ref: str) -> bytes:
    """The field of an original."""
    return ITEM + ref.encode("utf-8", "surrogatepass")


def placed(value: bytes) -> tuple[int, bytes]:
    """An original's place among those of its session, and the original, from the value of its field."""
    place, _, original = value.partition(b" ")
    return int(place), original


def items_of(fields: Mapping[bytes, bytes]) -> dict[str, bytes]:
    """The originals among the fields of their hash, by reference, kept longest ago first."""
    found = ((placed(value), text(field[len(ITEM) :])) for field, value in fields.items() if field.startswith(ITEM))
    return {ref: original for (_, original), ref in sorted(found, key=lambda each: each[0][0])}
