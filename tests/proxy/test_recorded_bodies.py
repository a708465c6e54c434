"""Bodies of recordings: what a recorder took apart comes back byte for byte, or is marked as not whole.

It must not know where a recorder cuts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import compress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.exchange import Completion, Exchange, Request, Session
from proxy.record import Like, Mark, Record
from proxy.recorded_bodies import completed, read_all, whole
from proxy.recorder import EVERY, SMALL, Recorder
from proxy.recording import read, write

PIECE = st.sampled_from([b"a", b"ab", "ä".encode(), "日本".encode(), b"\xff", b'{"x":1.50}', b"]}"])
LONG = st.builds(bytes.__mul__, PIECE, st.integers(0, SMALL))
Edit = tuple[str, int, bytes]
EDIT = st.tuples(st.sampled_from(["add", "edit", "cut", "again", "anew"]), st.integers(0, 9), LONG)
"""What becomes of a body: where in tenths, and the new bytes."""
Turn = tuple[int, str, list[Edit]]
TURNS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["", "draft"]), st.lists(EDIT, max_size=3)), max_size=12)
"""A session's number, a purpose, and how its body changes."""


def changed(body: bytes, edit: Edit) -> bytes:
    """The next body of a conversation."""
    kind, tenths, new = edit
    at = len(body) * tenths // 10
    match kind:
        case "add":
            return body[:-2] + new + body[-2:]
        case "edit":
            return body[:at] + new + body[at + len(new) :]
        case "cut":
            return body[:at]
        case "again":
            return body
    return new


def asked(id_: str, body: bytes, session: str = "s", purpose: str = "") -> Exchange:
    request = Request("POST", "/v1/x", ((b"x-a", b"b"),), body)
    return Exchange(id_, request, Session(session), purpose=purpose, completion=Completion(200, body=b"ok"))


@dataclass
class Told:
    """Sessions as they were recorded: lines, and the exchanges that they are of."""

    recorder: Recorder = field(default_factory=lambda: Recorder("full"))
    bodies: dict[tuple[int, str], bytes] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)

    def take(self, turn: Turn) -> None:
        session, purpose, edits = turn
        body = self.bodies.get((session, purpose), b'{"messages":[' + b'"hello",' * SMALL + b"]}")
        for edit in edits:
            body = changed(body, edit)
        self.bodies[session, purpose] = body
        exchange = asked(f"e{len(self.lines)}", body, f"s{session}", purpose)
        self.exchanges.append(exchange)
        self.lines.append(self.recorder(exchange))


def told(turns: Sequence[Turn]) -> Told:
    sessions = Told()
    for turn in turns:
        sessions.take(turn)
    return sessions


@settings(deadline=None)
@given(TURNS, st.data())
def test_all_lines_give_all_bodies(turns: Sequence[Turn], data: st.DataObject) -> None:
    """Growing, edited, cut, repeated and new bodies of interleaved sessions come back, in whatever order lines are."""
    sessions = told(turns)
    pairs = data.draw(st.permutations(list(zip(sessions.lines, sessions.exchanges, strict=True))))
    records = list(read_all(line for line, _ in pairs))
    assert [record.exchange for record in records] == [exchange for _, exchange in pairs]
    assert all(record.whole for record in records)
    assert [record.request_mark for record in records] == [Mark.of(each.request.body) for _, each in pairs]


@settings(deadline=None)
@given(TURNS, st.data())
def test_lost_lines_leave_true_bodies_or_a_mark(turns: Sequence[Turn], data: st.DataObject) -> None:
    """Whichever lines are gone, a body is as it was or marked, and its line exported says the same."""
    sessions = told(turns)
    stays = data.draw(st.lists(st.booleans(), min_size=len(turns), max_size=len(turns)))
    lines = list(compress(sessions.lines, stays))
    records = list(read_all(lines))
    for line, exchange, record in zip(lines, compress(sessions.exchanges, stays), records, strict=True):
        assert record.exchange == exchange if record.whole else record == read(line)
    assert list(map(read, whole(lines))) == records


def test_of_a_trimmed_recording_few_are_lost() -> None:
    """Where the oldest lines are gone, fewer than `EVERY` after them are not whole; the rest is complete."""
    sessions = told([(0, "", [("add", 0, b"and more ")])] * (4 * EVERY))
    for gone in range(1, 2 * EVERY):
        states = [record.whole for record in read_all(sessions.lines[gone:])]
        assert states == sorted(states)
        assert states.count(False) < EVERY


def test_a_line_by_itself_says_that_it_is_not_whole() -> None:
    """`read` gives the part that was written, and where the others stand."""
    first, second = told([(0, "", []), (0, "", [("add", 0, b"and more")])]).lines
    record = read(second)
    assert read(first).whole
    assert (record.whole, record.request_mark) == (False, Mark())
    assert record.like is not None
    assert record.like.id == "e0"
    assert b"and more" in record.request.body
    assert len(second) < SMALL < len(first)


def test_lines_that_are_whole_or_foreign_are_exported_as_they_are() -> None:
    """Of any other version, of mode `meta`, broken, or already whole: not one byte changes."""
    exchange = asked("1", b"{}")
    lines = [b'{"v":99}', b"not JSON", write(exchange, mode="meta"), write(exchange, mode="full")]
    assert list(whole(lines)) == lines


def test_an_exported_line_wins_over_the_one_it_was_made_from() -> None:
    """What hangs on it is whole, in either order."""
    lines = told([(0, "", []), (0, "", [("add", 0, b"more")]), (0, "", [("add", 0, b"yet more")])]).lines
    exported = list(whole(lines))[1]
    for rest in ([exported, *lines[1:]], [*lines[1:], exported]):
        assert [record.id for record in read_all(rest) if record.whole].count("e2") == 1


@pytest.mark.parametrize(
    "like", [Like("2", 0, 0), Like("1", 3, 0), Like("1", -1, 0), Like("1", 2, 1), Like("gone", 0, 0), Like("1", 0, -1)]
)
def test_what_cannot_be_is_not_made(like: Like) -> None:
    """A line that hangs on itself, on nothing, or on more than there was, stays a part."""
    part = replace(_record("2"), like=like)
    assert list(completed([_record("1"), part]))[1] == part


def test_lines_that_hang_on_each_other_end() -> None:
    """A circle, which no recorder writes, is no whole body."""
    circle = [replace(_record("1"), like=Like("2", 0, 0)), replace(_record("2"), like=Like("1", 0, 0))]
    assert list(completed(circle)) == circle


def _record(id_: str) -> Record:
    return read(write(asked(id_, b"{}"), mode="full"))
