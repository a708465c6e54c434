"""Figures of a run and findings of the doctor as tables for people, figures also as JSON for programs.

It must not know where they come from.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich.markup import escape
from rich.table import Table

from proxy.cli.finding import Finding
from proxy.cli.sheet import OUT
from proxy.cli.tally import AgentTally, Tally

BEFORE, SAVED, AFTER = ("sessions", "requests", "prompt", "output", "cached", "cost"), "saved", ("p50 ms", "p99 ms")
CAPTION = (
    "prompt, output, cached: tokens, as the replies count them\np50, p99: what Outrider added before the first byte"
)
OF_SAVED = "\nsaved: what policies saved, less what they spent for it"

MARKS = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "fault": "[red]fault[/]"}


def show_findings(findings: Iterable[Finding]) -> None:
    """Prints a line for each."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        table.add_row(MARKS[finding.state], finding.what, escape(finding.said))
    OUT.print(table)


def show(run: Tally, *, title: str) -> None:
    """Prints the table and, below it, what is to be known beside the figures."""
    counted = run.all.saved is not None
    caption = CAPTION + (OF_SAVED if counted else "")
    table = Table(title=title, title_justify="left", title_style="bold", caption=caption, caption_justify="left")
    table.box, table.pad_edge, table.padding, table.header_style = None, False, (0, 1, 0, 0), "dim"
    table.add_column("agent", no_wrap=True)
    for column in (*BEFORE, *((SAVED,) if counted else ()), *AFTER):
        table.add_column(column, justify="right", no_wrap=True)
    for agent in run.agents:
        table.add_row(escape(agent.agent or "(not named)"), *_cells(agent, counted=counted))
    table.add_row("all", *_cells(run.all, counted=counted), style="bold")
    OUT.print(table)
    if run.wrong:
        OUT.print(f"Sessions recovered wrongly ({len(run.wrong)}):", style="red")
        OUT.print("\n".join(f"  {name}" for name in run.wrong), markup=False)
    else:
        OUT.print("\nEvery session was recovered as it was recorded, without an id from the client.", soft_wrap=True)
    if run.failed:
        OUT.print(f"Requests without an answer ({run.failed}):", style="red")
        OUT.print("\n".join(f"  {fault}" for fault in run.faults), markup=False)


def as_json(run: Tally) -> str:
    """The same figures as one JSON document."""
    return json.dumps(asdict(run), indent=2)


def _cells(agent: AgentTally, *, counted: bool) -> tuple[str, ...]:
    return (
        str(agent.sessions),
        str(agent.requests),
        f"{agent.prompt:,}",
        f"{agent.completion:,}",
        f"{agent.cached_share:.0%}",
        "" if agent.cost is None else f"{'' if agent.cost_known else '≥ '}${agent.cost:.4f}",
        *((_dollars(agent.saved),) if counted else ()),
        _ms(agent.overhead_p50_ms),
        _ms(agent.overhead_p99_ms),
    )


def _dollars(value: float | None) -> str:
    return "" if value is None else f"{'-' if value < 0 else ''}${abs(value):.4f}"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
