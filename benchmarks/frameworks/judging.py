"""What the proxy found, beside what was true.

It must not know how it was found.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from benchmarks.frameworks.prose import mark_of
from benchmarks.frameworks.script import Said

Found = Mapping[str, frozenset[str]]
"""Mark of a reply -> marks of the replies that it was made of."""


async def found(url: str) -> Found:
    """The aggregations on all sessions of a proxy, by the marks of the replies as they were recorded."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        rows = (await client.get("/outrider/sessions", params={"limit": 1000})).json()["sessions"]
        marks: dict[str, str] = {}
        reports: list[dict[str, Any]] = []
        for row in rows:
            page = f"/outrider/sessions/{row['session']}"
            told = (await client.get(page, params={"caller": row.get("caller", "")})).json()
            reports += told["memory"].get("noise", {}).get("reports", ())
            lines = await client.get(f"{page}.jsonl", params={"caller": row.get("caller", "")})
            for line in filter(None, lines.text.splitlines()):
                exchange = json.loads(line)
                marks[exchange["id"]] = mark_of(_said(exchange.get("completion") or {}))
    return {
        marks.get(each["exchange"], each["exchange"]): frozenset(
            marks.get(worker["exchange"], worker["exchange"]) for worker in each["workers"]
        )
        for each in reports
    }


def judged(said: Sequence[Said], seen: Found) -> dict[str, float]:
    """Precision and recall over requests, and of the workers named or to be named the share that is right."""
    truth = {each.mark: each.held for each in said if each.puts_together}
    both = truth.keys() & seen.keys()
    right = sum(len(truth[mark] & seen[mark]) for mark in both)
    named = sum(len(truth[mark] | seen[mark]) for mark in both)
    return {
        "requests": float(len(said)),
        "aggregations": float(len(truth)),
        "found": float(len(seen)),
        "precision": round(len(both) / len(seen), 4) if seen else 1.0,
        "recall": round(len(both) / len(truth), 4) if truth else 1.0,
        "attributed": round(right / named, 4) if named else 1.0,
    }


def _said(completion: Mapping[str, Any]) -> str:
    """The text of a recorded reply, streamed or not."""
    body = str(completion.get("body", ""))
    if not body.lstrip().startswith("{"):
        events = [line[5:].strip() for line in body.splitlines() if line.startswith("data:")]
        chunks = [json.loads(event) for event in events if event.startswith("{")]
        return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk.get("choices", ()))
    document = json.loads(body)
    if "choices" in document:
        return str(document["choices"][0]["message"].get("content") or "")
    items = [item for item in document.get("output", ()) if item.get("type") == "message"]
    return "".join(part.get("text", "") for item in items for part in item["content"])
