"""Why calls are not foretold."""

from pathlib import Path

import pytest

from benchmarks.prefetch.misses import COLUMNS, main, tallied
from benchmarks.prefetch.traces import read
from tests.benchmarks.prefetch.recorded import shop_file
from tests.policies.prefetch.shop import READS


def test_what_is_out_of_reach_is_told_from_what_was_missed(tmp_path: Path) -> None:
    """Each call of the recording is counted once; what is foretold is in reach."""
    sessions = read(shop_file(tmp_path / "shop.jsonl", 20))
    found = tallied(sessions[:15], sessions[15:], READS)
    calls = [call.name for session in sessions[15:] for event in session.events for _, call in event.calls]
    assert {name: counts["calls"] for name, counts in found.items()} == {name: calls.count(name) for name in set(calls)}
    for counts in found.values():
        assert counts["exact"] <= counts["first 3"] <= counts["in reach"] <= counts["calls"]
    assert found["get_order"]["in reach"] == found["get_order"]["calls"]


def test_a_value_that_stands_nowhere_is_out_of_reach(tmp_path: Path) -> None:
    """A summary that the model makes up."""
    path = shop_file(tmp_path / "shop.jsonl", 10)
    text = path.read_text().replace("no longer needed", "SUMMARY")
    lines = [line.replace("SUMMARY", f"told me {place} times") for place, line in enumerate(text.splitlines())]
    path.write_text("\n".join(lines))
    sessions = read(path)
    assert tallied(sessions[:8], sessions[8:], READS)["cancel_order"]["in reach"] == 0


def test_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each tool, and one for all."""
    main([str(shop_file(tmp_path / "shop.jsonl", 10)), "--seeds", "1"])
    rows = capsys.readouterr().out.splitlines()
    assert rows[0].split() == " ".join(COLUMNS).split()
    assert rows[-1].startswith("all")
    assert any(row.startswith("cancel_order (writes)") for row in rows)
