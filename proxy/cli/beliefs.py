"""Behaviour programs, asked of a running proxy and shown.

It must not know how beliefs come about.
"""

from typing import Any
from urllib.parse import quote

import httpx
from rich.markup import escape

from proxy.cli.sheet import OUT
from proxy.cli.speak import refuse

PATIENCE_S = 10.0


def show(url: str, agent: str, key: str, *, as_json: bool) -> None:
    """Prints what the proxy at `url` believes of the agents of that name; says what to do where it says nothing."""
    found = _asked(url, agent, key)
    if as_json:
        OUT.print_json(data=found)
        return
    if not found:
        refuse([f"Nothing is known of an agent {agent!r} at {url}; the names are at {url}/outrider/agents."])
    for each in found:
        _show(each)


def _asked(url: str, agent: str, key: str) -> list[dict[str, Any]]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    try:
        reply = httpx.get(f"{url}/outrider/agents/{quote(agent)}/programs", headers=headers, timeout=PATIENCE_S)
        told = reply.json()
    except (httpx.HTTPError, ValueError) as error:
        refuse([f"No proxy answers at {url} ({error}); start one with `outrider serve`, or name it with --url."])
    if reply.is_error:
        said = told.get("error", {}).get("message", "") if isinstance(told, dict) else ""
        refuse([said or f"{url} answers {reply.status_code}"])
    found: list[dict[str, Any]] = told["agents"]
    return found


def _show(told: dict[str, Any]) -> None:
    """One agent with one set of tools."""
    OUT.print(
        f"[bold]{escape(told['agent'] or '(not named)')}[/], {len(told['tools'])} tools, {told['steps']} steps seen"
    )
    if not told["programs"]:
        OUT.print("  no program yet: some sessions are needed first")
    for each in told["programs"]:
        OUT.print(f"\n  {escape(_standing(each))}", style="dim")
        for rule in each["text"].splitlines():
            OUT.print(f"  {escape(rule)}", soft_wrap=True)
    OUT.print()


def _standing(told: dict[str, Any]) -> str:
    """How far a program is believed, and where it came from."""
    origin = told.get("origin", "counted")
    by = "" if origin == "counted" else f", written by {origin}"
    return f"believed {told['belief']:.0%}, right {told['right']:.0%} of {told['spoke']} times{by}"
