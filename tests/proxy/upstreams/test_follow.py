"""A file is followed: what is good in it is taken, what is not is told."""

import asyncio
import logging
from pathlib import Path

import pytest

from proxy.upstreams.follow import following
from proxy.upstreams.models import read_models
from tests.live.caller import until

pytestmark = pytest.mark.anyio
GOOD, BETTER, BAD = "models: [{name: a}]", "models: [{name: a}, {name: b}]", "models: [{name: [}"


async def test_a_changed_file_is_taken_and_a_bad_one_is_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Bad, empty and missing: what was there stays, with a word why; the next good one is taken."""
    path = tmp_path / "models.yaml"
    path.write_text(GOOD)
    taken: list[list[str]] = []
    caplog.set_level(logging.INFO, "outrider.models")
    async with following(str(path), lambda: read_models(str(path)), lambda found: taken.append(list(found)), 0.01):
        for text in (BAD, ""):
            path.write_text(text)
            told = len(caplog.records)
            await until(lambda told=told: len(caplog.records) > told)  # type: ignore[misc]
        assert not taken
        assert "what it said before stays: not YAML" in caplog.text
        assert "is empty, what it said before stays" in caplog.text
        path.unlink()
        await asyncio.sleep(0.05)
        path.write_text(BETTER)
        await until(lambda: bool(taken))
        assert taken == [["a", "b"]]
    path.write_text(GOOD)
    await asyncio.sleep(0.05)
    assert len(taken) == 1


async def test_no_file_is_no_work() -> None:
    """An empty path."""
    before = asyncio.all_tasks()
    async with following("", lambda: [1], lambda _: None):
        assert asyncio.all_tasks() == before
