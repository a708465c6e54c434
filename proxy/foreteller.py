"""What scored questions foretell, lent to routing: learned in a thread, and anew when their file changes.

It must not know how is learned or routed. Until something is learned, routing does with the models' cards.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from os import environ
from typing import TYPE_CHECKING, Any

from proxy.policy import Embed, Failure
from proxy.scored import Scored, read_scored
from proxy.upstreams.follow import following

if TYPE_CHECKING:
    from policies.routing.foretelling import Foretelling
    from policies.routing.prior import Foretold

LIBRARY = "numpy"
AT_ONCE = 8
"""Questions of the file that are embedded in one go: a client's question waits for no more than these."""
AGAIN_S, TRIES = 1.0, 600
"""Seconds between tries, while the model of embeddings is being loaded, and how many there are."""
Perform = Callable[[Embed], Awaitable[Any]]
log = logging.getLogger("outrider.routing")


def installed() -> bool:
    """Whether the extra `outrider[routing]` is there."""
    return find_spec(LIBRARY) is not None


class Foreteller:
    """The newest that was learned, asked on the road. Used inside one event loop."""

    def __init__(self) -> None:
        self._plain: Foretelling | None = None
        self._deep: Foretelling | None = None
        self._learning: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, scored: Scored) -> "Foreteller":
        """One that has learned, from the words of questions; takes seconds."""
        foreteller = cls()
        foreteller._plain = _learn()(scored.models, scored.questions, scored.scores)
        return foreteller

    @property
    def deep(self) -> bool:
        """Whether it has learned from embeddings."""
        return self._deep is not None

    def __call__(self, question: str, vector: Sequence[float] = ()) -> "Foretold | None":
        """What is expected of each model on a question; without its embedding, by its words. A fault is logged, and
        nothing expected: a choice by cards is better than none."""
        try:
            if vector and self._deep:
                return self._deep.foretold(question, vector)
            return self._plain.foretold(question) if self._plain else None
        except Exception:
            log.exception("nothing could be foretold of a question of %d characters", len(question))
            return None

    def learn(self, scored: Scored, embed: Perform | None = None) -> None:
        """Learns in a thread; what was learned before counts until then."""
        if self._learning is not None:
            self._learning.cancel()
        self._learning = asyncio.ensure_future(self._learn(scored, embed))

    async def close(self) -> None:
        """Leaves what it is at."""
        if self._learning is not None:
            self._learning.cancel()
            with suppress(asyncio.CancelledError):
                await self._learning

    async def _learn(self, scored: Scored, embed: Perform | None) -> None:
        try:
            self._plain, self._deep = await _fitted(scored, ()), None
            if embed is not None and (vectors := await _embedded(scored.questions, embed)):
                self._deep = await _fitted(scored, vectors)
        except Exception:
            log.exception("nothing could be learned from the scored questions; what was known before stays")


@asynccontextmanager
async def foretelling(path: str, foreteller: Foreteller, embed: Perform | None) -> AsyncIterator[None]:
    """Learns from the file, and follows it, for as long as the block; an empty path is no file. Raises `ValueError` in
    words where it cannot be used."""
    if not path:
        yield
        return
    read, take = partial(read_scored, path), partial(_taken, foreteller, embed)
    try:
        take(await asyncio.to_thread(read))
    except (OSError, ValueError) as fault:
        raise ValueError(f"OUTRIDER_ROUTE_SCORES names {path}: {fault}") from None
    async with following(path, read, take):
        try:
            yield
        finally:
            await foreteller.close()


def _taken(foreteller: Foreteller, embed: Perform | None, scored: Scored) -> None:
    foreteller.learn(scored, embed)


async def _fitted(scored: Scored, vectors: Sequence[Sequence[float]]) -> "Foretelling":
    began = time.monotonic()
    found = await asyncio.to_thread(_learn(), scored.models, scored.questions, scored.scores, vectors)
    by, took = ("words and embeddings" if vectors else "words"), time.monotonic() - began
    log.info("learned from %d scored questions in %.1f s, by %s", len(scored.questions), took, by)
    return found


def _learn() -> "Callable[..., Foretelling]":
    environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more would spin beside the road, for sums of a millisecond
    learn: Callable[..., Foretelling] = import_module("policies.routing.foretelling").Foretelling.of
    return learn


async def _embedded(questions: Sequence[str], embed: Perform) -> list[Sequence[float]]:
    """A vector for each question, in the order they have; waits for the model to be loaded. None at all without it."""
    vectors: list[Sequence[float]] = []
    failed = 0
    while len(vectors) < len(questions):
        there = await embed(Embed(tuple(questions[len(vectors) : len(vectors) + AT_ONCE])))
        if not isinstance(there, Failure):
            vectors += there
            continue
        failed += 1
        if failed >= TRIES:
            log.warning("scored questions are told apart by their words alone: %s", there.reason)
            return []
        await asyncio.sleep(AGAIN_S)
    return vectors
