"""Recorded sessions read."""

import gzip
from pathlib import Path

from benchmarks.prefetch.traces import read, read_only, split
from tests.benchmarks.prefetch.recorded import shop_file, tools_file


def test_a_file_packed_or_not(tmp_path: Path) -> None:
    """The same sessions."""
    shop = shop_file(tmp_path / "shop.jsonl", 3)
    packed = tmp_path / "shop.jsonl.gz"
    packed.write_bytes(gzip.compress(shop.read_bytes()))
    assert [each.id for each in read(packed)] == ["shop/0", "shop/1", "shop/2"]
    assert [event.kind for event in read(shop)[0].events][:4] == ["system", "user", "step", "result"]


def test_what_only_reads(tmp_path: Path) -> None:
    """As the tools say, else by the beginnings of names."""
    sessions, tools = read(shop_file(tmp_path / "shop.jsonl", 3)), tools_file(tmp_path / "tools.json")
    assert read_only(tools, sessions) == read_only(None, sessions) == {"find_user", "get_user", "get_order"}


def test_no_task_is_in_both_parts(tmp_path: Path) -> None:
    """And the same seed gives the same parts."""
    sessions = read(shop_file(tmp_path / "shop.jsonl"))
    known, unknown = split(sessions, 1)
    assert len(known) + len(unknown) == len(sessions)
    assert not {each.task for each in known} & {each.task for each in unknown}
    assert split(sessions, 1) == (known, unknown)
