"""Rows of sessions and agents: what policies counted is shown beside tokens and cost.

It must not know how the rows are asked for.
"""

from typing import Any

import pytest

from proxy.server.census import agents, sessions
from proxy.store import Changes, Limits
from proxy.store.embedded import EmbeddedStore

pytestmark = pytest.mark.anyio


async def test_figures_are_summed_by_agent() -> None:
    """Of each session as it is remembered, of an agent over its sessions; empty where nothing was counted."""
    store = EmbeddedStore(Limits())

    async def save(session: str, agent: str, **figures: float) -> None:
        memory: dict[str, Any] = {"session": {"agent": agent, "requests": 1, "cost": 0.5}}
        if figures:
            memory["road"] = {"figures": {f"consolidate.{name}": number for name, number in figures.items()}}
        await store.save("us", Changes(session, 0, memory, now=1.0))

    await save("s1", "planner", saved_usd=0.25, events=1)
    await save("s2", "planner", saved_usd=0.5)
    await save("s3", "coder")
    rows = await sessions(store, 10)
    assert {row["session"]: row["figures"] for row in rows} == {
        "s1": {"consolidate.saved_usd": 0.25, "consolidate.events": 1.0},
        "s2": {"consolidate.saved_usd": 0.5},
        "s3": {},
    }
    assert {agent["agent"]: (agent["cost"], agent["figures"]) for agent in agents(rows)} == {
        "planner": (1.0, {"consolidate.saved_usd": 0.75, "consolidate.events": 1.0}),
        "coder": (0.5, {}),
    }
    learned = {"consolidate": {"planner": {"trial": {"tagged": 3}}, "gone": {}}, "other": {}}
    assert {agent["agent"]: agent["lessons"] for agent in agents(rows, learned)} == {
        "planner": {"consolidate": {"trial": {"tagged": 3}}},
        "coder": {},
    }
