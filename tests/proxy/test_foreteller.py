"""Scored questions learned from in a thread, and anew when their file changes."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proxy.foreteller import Foreteller, foretelling
from proxy.policy import Embed, Failure
from tests.policies.routing.questions import CODE, MODELS, question, world

pytestmark = pytest.mark.anyio
ASKED = question(CODE, 77_777)


def written(path: Path, models: tuple[str, ...] = MODELS) -> str:
    """A file of 90 questions."""
    texts, _, scores = world(30)
    rows = [{"question": text, "score": row} for text, row in zip(texts, scores.tolist(), strict=True)]
    path.write_text("\n".join(map(json.dumps, [{"models": models}, *rows])))
    return str(path)


async def until(true: Callable[[], bool]) -> None:
    """Waits for it."""
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it does not come about")


async def test_it_learns_in_the_background(tmp_path: Path) -> None:
    """Nothing is foretold until then, and nobody waits."""
    foreteller = Foreteller()
    async with foretelling(written(tmp_path / "a.jsonl"), foreteller, None):
        assert foreteller(ASKED) is None
        await until(lambda: foreteller(ASKED) is not None)
        told = foreteller(ASKED)
        assert told is not None
        assert told.shares["coder"] > told.shares["adder"]
        assert not foreteller.deep


async def test_no_file_is_nothing() -> None:
    """As without the setting."""
    foreteller = Foreteller()
    async with foretelling("", foreteller, None):
        assert foreteller(ASKED) is None


async def test_a_changed_file_is_learned_anew_and_a_bad_one_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What was learned before stays until then, and where the new file cannot be used."""
    caplog.set_level(logging.INFO)
    path, foreteller = tmp_path / "a.jsonl", Foreteller()
    async with foretelling(written(path), foreteller, None):
        await until(lambda: foreteller(ASKED) is not None)
        path.write_text("{")
        await until(lambda: "cannot be used" in caplog.text)
        assert foreteller(ASKED) is not None
        written(path, ("one", "two", "three"))
        await until(lambda: "two" in (told.shares if (told := foreteller(ASKED)) else ()))


async def test_with_embeddings_once_they_are_there(tmp_path: Path) -> None:
    """By words while the model is being loaded; then a question's own embedding counts."""
    loaded = asyncio.Event()

    async def embed(wish: Embed) -> Any:
        if not loaded.is_set():
            loaded.set()
            return Failure("the embeddings are being loaded")
        return [(1.0, 0.0) if "python" in text else (0.0, 1.0) for text in wish.texts]

    foreteller = Foreteller()
    async with foretelling(written(tmp_path / "a.jsonl"), foreteller, embed):
        await until(lambda: foreteller.deep)
        told, other = foreteller("Well?", (1.0, 0.0)), foreteller("Well, then?", (0.0, 1.0))
        assert told is not None
        assert other is not None
        assert told.shares["coder"] > other.shares["coder"]
        assert foreteller("Well?") is not None


async def test_a_fault_leaves_the_choice_to_the_cards(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An embedding of another length than those learned from, say: nothing is expected, and it is logged."""
    foreteller = Foreteller()

    async def embed(wish: Embed) -> Any:
        return [(1.0, 0.0)] * len(wish.texts)

    async with foretelling(written(tmp_path / "a.jsonl"), foreteller, embed):
        await until(lambda: foreteller.deep)
        assert foreteller(ASKED, (1.0, 0.0, 0.0)) is None
        assert "nothing could be foretold" in caplog.text
        assert foreteller(ASKED, (1.0, 0.0)) is not None


async def test_a_file_that_cannot_be_read_at_the_start_is_refused(tmp_path: Path) -> None:
    """A proxy that would not do what its settings say does not start."""
    (tmp_path / "a.jsonl").write_text("{}")
    with pytest.raises(ValueError, match=r"OUTRIDER_ROUTE_SCORES names .*a.jsonl: the first line is to be"):
        async with foretelling(str(tmp_path / "a.jsonl"), Foreteller(), None):
            pass
