"""Sessions and agents as rows: what the admin pages and `/outrider/*` show.

It must not know the web; it reads the store and counts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from proxy.conversation import EMPTY
from proxy.figures import ERRANDS, known, summed
from proxy.store import Store

COUNTS = ("requests", "errors", "prompt_tokens", "completion_tokens", "cached_tokens", "cost", "unpriced")
Row = dict[str, Any]


async def sessions(store: Store, limit: int, before: float | None = None) -> list[Row]:
    """Newest first: id, caller, and what is known of each session."""
    rows = []
    for scope, session, last in await store.sessions(limit, before):
        memory = await store.memory(scope, session)
        if memory is not None:
            rows.append(row(scope, session, last, memory))
    return rows


def row(scope: str, session: str, last: float, memory: Mapping[str, Any]) -> Row:
    """One session. `cost` is null when no price was known at all; it holds what errands spent afterwards.
    `cost_known` is false where the price of an exchange was not known; `cost` is then of the rest. `figures` is what
    policies counted, by `policy.name`."""
    told = memory.get("session")
    summary: Row = dict(told) if isinstance(told, Mapping) else {}
    summary.pop("head", None)
    unpriced, figures = summary.get("unpriced", 0), known(memory)
    if errands := figures.get(ERRANDS):
        summary["cost"] = (summary.get("cost") or 0.0) + errands
    if unpriced and not summary.get("cost"):
        summary["cost"] = None
    beside = {"last": last, "cost_known": not unpriced, "figures": figures}
    return {"session": session, "caller": scope, **summary, **beside}


async def find(store: Store, session: str, caller: str, within: int) -> str | None:
    """The scope of a session by its id: `caller` if given, else the newest session of that id."""
    if caller:
        return caller if await store.memory(caller, session) is not None else None
    found = (scope for scope, name, _ in await store.sessions(within) if name == session)
    return next(found, None)


def agents(rows: Iterable[Row], accounts: Mapping[str, Mapping[str, Any]] = EMPTY) -> list[Row]:
    """Sessions summed by agent, the busiest first, each with what policies have learned of it (`accounts`: by policy
    and agent)."""
    found: dict[str, Row] = {}
    for each in rows:
        agent = found.setdefault(
            each.get("agent", ""),
            {"agent": each.get("agent", ""), "sessions": 0, "models": [], "last": 0.0, **dict.fromkeys(COUNTS, 0)},
        )
        agent["figures"] = summed(agent.get("figures", {}), each["figures"])
        agent["sessions"] += 1
        agent["last"] = max(agent["last"], each["last"])
        agent["models"] = sorted({*agent["models"], *each.get("models", ())})
        for name in COUNTS:
            agent[name] += each.get(name) or 0
    for name, agent in found.items():
        agent["lessons"] = {policy: told[name] for policy, told in accounts.items() if name in told}
    return sorted(map(_priced, found.values()), key=lambda agent: -agent["requests"])


def _priced(agent: Row) -> Row:
    unknown = agent["unpriced"] and not agent["cost"]
    prompt = agent["prompt_tokens"]
    return {
        **agent,
        "cost": None if unknown else agent["cost"],
        "cost_known": not agent["unpriced"],
        "cached_share": agent["cached_tokens"] / prompt if prompt else None,
    }
