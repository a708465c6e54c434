"""Texts as vectors: the only room of sentence-transformers. Batched, in one thread, remembered for a while.

It must not know what the vectors are for. Until the model is loaded, wishes fail at once and whoever wished does
without.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from proxy.policy import Embed, Failure

LIBRARY = "sentence_transformers"
BATCH = 32
"""Texts that are embedded in one go; what comes meanwhile waits for the next."""
LONGEST = 6_000
"""Characters of a text that are embedded, its end: there an answer stands."""
REMEMBERED = 4_096
"""Texts whose vectors are kept, by hash."""
Vector = tuple[float, ...]
Encode = Callable[[list[str]], Sequence[Sequence[float]]]
Perform = Callable[[Embed], Awaitable[Any]]


def installed() -> bool:
    """Whether the extra `outrider[embeddings]` is there."""
    return find_spec(LIBRARY) is not None


def loaded(name: str) -> Encode:
    """The model of that name or in that folder, as a function from texts to unit vectors. Takes seconds. Raises
    whatever the library does where there is none."""
    model: Any = import_module(LIBRARY).SentenceTransformer(name, device="cpu")

    def encode(texts: list[str]) -> Sequence[Sequence[float]]:
        rows: Any = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        found: Sequence[Sequence[float]] = rows.tolist()
        return found

    return encode


class Embedder:
    """Fulfils `Embed` wishes with the model that `load` gives. Used inside one event loop."""

    def __init__(self, load: Callable[[], Encode]) -> None:
        self._load = load
        self._threads = ThreadPoolExecutor(1, "embeddings")
        self._loading: asyncio.Future[Encode] | None = None
        self._known: OrderedDict[bytes, Vector] = OrderedDict()
        self._waiting: dict[bytes, tuple[str, asyncio.Future[Vector]]] = {}
        self._working: asyncio.Task[None] | None = None

    async def perform(self, wish: Embed) -> list[Vector] | Failure:
        """One unit vector for each text; a `Failure` while the model is being loaded, or where it cannot be."""
        encode = self._encoder()
        if isinstance(encode, Failure):
            return encode
        return list(await asyncio.gather(*(self._vector(text[-LONGEST:], encode) for text in wish.texts)))

    def close(self) -> None:
        """Lets the thread go; what it is at comes to nothing."""
        if self._working is not None:
            self._working.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _encoder(self) -> Encode | Failure:
        if self._loading is None:
            self._loading = asyncio.get_running_loop().run_in_executor(self._threads, self._load)
        if not self._loading.done():
            return Failure("the embeddings are being loaded")
        if fault := self._loading.exception():
            return Failure(f"no embeddings: {type(fault).__name__}: {fault}"[:200])
        return self._loading.result()

    def _vector(self, text: str, encode: Encode) -> "asyncio.Future[Vector]":
        loop, key = asyncio.get_running_loop(), blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key in self._known:
            self._known.move_to_end(key)
            there: asyncio.Future[Vector] = loop.create_future()
            there.set_result(self._known[key])
            return there
        _, future = self._waiting.setdefault(key, (text, loop.create_future()))
        if self._working is None or self._working.done():
            self._working = loop.create_task(self._work(encode))
        return asyncio.shield(future)

    async def _work(self, encode: Encode) -> None:
        """Batch after batch, until nobody waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            keys = list(self._waiting)[:BATCH]
            batch = [self._waiting.pop(key) for key in keys]
            try:
                vectors = await loop.run_in_executor(self._threads, encode, [text for text, _ in batch])
            except Exception as fault:
                for _, future in batch:
                    future.set_exception(RuntimeError(f"{type(fault).__name__}: {fault}"))
                continue
            for key, (_, future), vector in zip(keys, batch, vectors, strict=True):
                self._known[key] = tuple(vector)
                future.set_result(self._known[key])
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


@asynccontextmanager
async def embedding(name: str) -> AsyncIterator[Perform | None]:
    """What fulfils `Embed` wishes with the model of that name, for as long as the block; None for no name."""
    if not name:
        yield None
        return
    embedder = Embedder(partial(loaded, name))
    try:
        yield embedder.perform
    finally:
        embedder.close()
