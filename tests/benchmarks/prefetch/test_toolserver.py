"""Tools that answer what was recorded, at the state that holds when they are asked."""

import json
from pathlib import Path

import pytest

from benchmarks.prefetch.toolserver import UNKNOWN, Recorded
from benchmarks.prefetch.traces import Event, Session
from tests.policies.prefetch.shop import READS, call

pytestmark = pytest.mark.anyio


def session() -> Session:
    """A read, a write, the same read again."""
    order, cancel = call("get_order", order_id="1"), call("cancel_order", order_id="1")
    told = [(order, "open"), (cancel, "done"), (order, "cancelled")]
    events = []
    for number, (made, result) in enumerate(told):
        events += [Event("step", calls=((f"c{number}", made),)), Event("result", result, id=f"c{number}")]
    return Session("s", "shop", "t", tuple(events))


async def test_a_read_is_answered_as_of_its_version() -> None:
    """What nobody asked at this version has no answer that could pass for one."""
    recorded = Recorded(READS)
    recorded.open(session())
    assert await recorded.answer("get_order", {"order_id": "1"}) == "open"
    assert await recorded.answer("get_order", {"order_id": "2"}) == UNKNOWN
    assert await recorded.answer("cancel_order", {"order_id": "1"}) == "done"
    assert recorded.version == 1
    assert [await recorded.answer("get_order", {"order_id": "1"}) for _ in range(2)] == ["cancelled"] * 2
    assert recorded.made.total() == 5


async def test_another_session_begins_anew(tmp_path: Path) -> None:
    """Nothing of the one before is left."""
    recorded = Recorded(READS)
    recorded.open(session())
    await recorded.answer("cancel_order", {"order_id": "1"})
    recorded.open(session())
    assert json.dumps(await recorded.answer("get_order", {"order_id": "1"})) == '"open"'
