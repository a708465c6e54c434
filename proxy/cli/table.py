"""The figures of a run as a table for people, or as JSON for programs.

It must not know where the figures come from.
"""

import json
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from proxy.cli.tally import AgentTally, Tally

COLUMNS = ("sessions", "requests", "prompt", "output", "cached", "cost", "p50 ms", "p99 ms")
CAPTION = (
    "prompt, output, cached: tokens, as the replies count them\np50, p99: what Outrider added before the first byte"
)


def show(console: Console, run: Tally, *, title: str) -> None:
    """Prints the table and, below it, what is to be known beside the figures."""
    table = Table(title=title, title_justify="left", title_style="bold", caption=CAPTION, caption_justify="left")
    table.box, table.pad_edge, table.padding, table.header_style = None, False, (0, 1, 0, 0), "dim"
    table.add_column("agent", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for agent in run.agents:
        table.add_row(escape(agent.agent or "(not named)"), *_cells(agent))
    table.add_row("all", *_cells(run.all), style="bold")
    console.print(table)
    if run.wrong:
        console.print(f"Sessions recovered wrongly ({len(run.wrong)}):", style="red")
        console.print("\n".join(f"  {name}" for name in run.wrong), markup=False)
    else:
        console.print(
            "\nEvery session was recovered as it was recorded, without an id from the client.", soft_wrap=True
        )
    if run.failed:
        console.print(f"Requests without an answer ({run.failed}):", style="red")
        console.print("\n".join(f"  {fault}" for fault in run.faults), markup=False)


def as_json(run: Tally) -> str:
    """The same figures as one JSON document."""
    return json.dumps(asdict(run), indent=2)


def _cells(agent: AgentTally) -> tuple[str, ...]:
    return (
        str(agent.sessions),
        str(agent.requests),
        f"{agent.prompt:,}",
        f"{agent.completion:,}",
        f"{agent.cached_share:.0%}",
        "" if agent.cost is None else f"{'' if agent.cost_known else '≥ '}${agent.cost:.4f}",
        _ms(agent.overhead_p50_ms),
        _ms(agent.overhead_p99_ms),
    )


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
