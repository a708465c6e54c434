"""The end-to-end measurement, on a small shop: it tells the settings apart and compares every result."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.prefetch.agent import ride
from benchmarks.prefetch.house import standing
from benchmarks.prefetch.live import PERFECT, Bench, Setting, furniture, prepared, row, timed, tools_of, tried
from tests.benchmarks.prefetch.recorded import messages, tools_file
from tests.policies.prefetch.shop import visit

pytestmark = pytest.mark.anyio
STEP_S = 0.4


def shop(folder: Path, visits: int = 24) -> Bench:
    """Customers whose clerk thinks for a while at every step."""
    rows = []
    for number in range(visits):
        said = messages(visit(number, 1 + number % 3))
        at = [STEP_S * place for place in range(len(said))]
        rows.append({"id": f"shop/{number}", "task_id": str(number), "messages": said, "at_s": at, "agent_model": "m"})
    path = folder / "shop.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return prepared(path, tools_file(folder / "tools.json"), sessions=2, speed=2.0)


async def test_what_is_foretold_is_early_and_right(tmp_path: Path) -> None:
    """Without windows nothing is early; with them most is; with foresight all; and no result differs."""
    bench = shop(tmp_path)
    none, thinking, perfect = [
        await tried(bench, Setting(windows, 0.4)) for windows in ("none", "thinking+stream", PERFECT)
    ]
    assert [each.mismatches for each in (none, thinking, perfect)] == [0, 0, 0]
    assert (none.early, none.launched) == (0, 0)
    assert perfect.early == perfect.reads == none.reads
    assert perfect.launched == perfect.useful == perfect.reads
    assert thinking.early >= 0.6 * thinking.reads
    figures = row(Setting("thinking", 0.4), thinking, none, perfect)
    assert figures["mismatches"] == 0
    assert set(figures) >= {"saved_percent", "of_perfect_percent"}


async def test_a_result_that_differs_is_counted(tmp_path: Path) -> None:
    """The recording says one thing and the tool another."""
    bench = shop(tmp_path)
    other = bench.sessions[1]._replace(events=())
    wrong = Bench(bench.rows, [other, *bench.sessions[1:]], bench.tools, bench.reads, bench.lesson, 50.0)

    async def typing() -> None:
        """At once."""

    async with standing(furniture(wrong, Setting("none", 0.0), 0)) as house:
        ridden = await ride(house.url, bench.rows[0], bench.tools, bench.reads, typing)
    assert ridden.mismatches == ridden.calls > 0


def test_only_sessions_with_times_can_be_ridden(tmp_path: Path) -> None:
    """Of the files in a folder those are taken that say when each message came."""
    for name, at in (("air-one", None), ("air-two", [0.0])):
        told = json.dumps({"id": name, "messages": [], "at_s": at}).encode()
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(told + b"\n"))
    assert timed(str(tmp_path)) == [tmp_path / "air-two.jsonl.gz"]
    assert tools_of(tmp_path / "air-two.jsonl.gz") == tmp_path / "air-tools.json"
    assert timed("") == []
