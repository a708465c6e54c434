"""Lessons: what policies learn across sessions, folded every few seconds and shared through the store.

It must not know what is learned; the policy folds, the store keeps.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from proxy.policy import Policy
from proxy.store import Store

EVERY_S = 2.0
"""From the first thing told until it is folded."""
RENEWED_S = 30.0
"""What other replicas have learned is seen after so long at the latest, as long as requests come."""
PATIENCE_S = 2.0
TRIES = 4
MOST_TOLD = 4096
log = logging.getLogger("outrider.lessons")


class Lessons:
    """The lessons of all policies that fold. Used inside one event loop."""

    def __init__(self, store: Store, policies: Sequence[Policy]) -> None:
        self._store = store
        self._folders = {policy.name: policy for policy in policies if type(policy).fold is not Policy.fold}
        self._known: Mapping[str, Any] = {}
        self._told: dict[str, list[Any]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._folding: asyncio.Task[None] | None = None
        self._renewed = 0.0

    def known(self) -> Mapping[str, Any]:
        """Lessons by policy name, as of the last folding."""
        return self._known

    def accounts(self) -> dict[str, Mapping[str, Any]]:
        """What they say of agents, for people: by policy and agent."""
        known = {name: self._known.get(name) for name in self._folders}
        told = {name: self._folders[name].account(lesson) for name, lesson in known.items() if lesson is not None}
        return {name: account for name, account in told.items() if account}

    def hear(self, policy: str, told: Any) -> None:
        """Takes what an exchange taught; it is folded soon. Of very much at once the oldest is lost."""
        if policy not in self._folders:
            return
        waiting = self._told.setdefault(policy, [])
        waiting.append(told)
        del waiting[:-MOST_TOLD]
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._begin)

    async def renew(self) -> None:
        """Reads every lesson from the store. What cannot be read stays as it was."""
        for policy in self._folders:
            try:
                text, _ = await self._load(policy)
                lesson = json.loads(text) if text else None
            except Exception as fault:
                log.warning("the lessons of %s cannot be read: %s", policy, type(fault).__name__)
                continue
            self._learn(policy, lesson)
        self._renewed = asyncio.get_running_loop().time()

    async def flush(self) -> None:
        """Folds what was told. What the store does not take waits for the next time."""
        told, self._told = self._told, {}
        for policy, waiting in told.items():
            try:
                await self._fold(policy, waiting)
            except Exception as fault:
                log.warning("the lessons of %s were not kept: %s", policy, type(fault).__name__)
        if asyncio.get_running_loop().time() - self._renewed > RENEWED_S:
            await self.renew()

    async def close(self) -> None:
        """Folds what is still waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._folding is not None:
            await self._folding
        if self._told:
            await self.flush()

    def _begin(self) -> None:
        self._timer = None
        self._folding = asyncio.get_running_loop().create_task(self.flush())

    async def _fold(self, policy: str, waiting: Sequence[Any]) -> None:
        for _ in range(TRIES):
            text, version = await self._load(policy)
            lesson, text = await asyncio.to_thread(_folded, self._folders[policy], text, waiting)
            async with asyncio.timeout(PATIENCE_S):
                taken = await self._store.save_shared(policy, text, version)
            if taken:
                self._learn(policy, lesson)
                return
        log.warning("the lessons of %s were not kept: others wrote at the same time", policy)

    async def _load(self, policy: str) -> tuple[bytes, int]:
        async with asyncio.timeout(PATIENCE_S):
            return await self._store.load_shared(policy)

    def _learn(self, policy: str, lesson: Any) -> None:
        if lesson is not None:
            self._known = {**self._known, policy: lesson}


def _folded(policy: Policy, text: bytes, waiting: Sequence[Any]) -> tuple[Any, bytes]:
    """The new lesson, and its text. In a thread: of an agent that has learned much that is a long text."""
    lesson = policy.fold(json.loads(text) if text else None, waiting)
    return lesson, json.dumps(lesson).encode()
