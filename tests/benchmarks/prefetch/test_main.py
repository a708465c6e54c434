"""The command."""

import json
from pathlib import Path

import pytest

from benchmarks.prefetch.__main__ import main
from tests.benchmarks.prefetch.recorded import shop_file, tools_file

PROMISED = {
    "name_top1", "exact_top1", "exact_top3", "served", "launches_per_read", "useful", "mismatches", "cpu_ms_p99",
}  # fmt: skip


def last(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The last line, an object."""
    found: dict[str, float] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_an_agent_that_works_alike_is_foretold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Split by task, with the tools named: all that was promised, and high."""
    shop, tools = shop_file(tmp_path / "shop.jsonl"), tools_file(tmp_path / "tools.json")
    main(["--train", str(shop), "--split", "task", "--seeds", "2", "--tools", str(tools), "--curve", "--json"])
    found = last(capsys)
    assert found.keys() > PROMISED
    assert found["name_top1"] > 80
    assert found["exact_top1"] > 70
    assert found["served"] > 80
    assert found["mismatches"] == 0
    assert 1 < found["sessions_for_90"] <= 14


def test_what_was_never_seen_is_not_foretold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Trained on nothing that is like it: the figures are of the test alone."""
    shop, other = shop_file(tmp_path / "shop.jsonl"), tmp_path / "other.jsonl"
    other.write_text(
        '{"id": "1", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n'
    )
    main(["--train", str(other), "--test", str(shop), "--json"])
    found = last(capsys)
    assert found["name_top1"] == found["served"] == found["launches_per_read"] == 0


def test_faults_are_told_in_words(tmp_path: Path) -> None:
    """No traceback."""
    with pytest.raises(SystemExit, match="--train"):
        main([])
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    with pytest.raises(SystemExit, match="line 1: no `messages`"):
        main(["--train", str(bad)])
