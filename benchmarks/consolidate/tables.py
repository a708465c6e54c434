"""Shows runs: tables for the terminal, and the page for the documentation.

It must not know how anything was measured.
"""

from collections.abc import Sequence
from itertools import groupby

from benchmarks.consolidate.summary import Row, Run
from benchmarks.consolidate.targets import title
from benchmarks.figure import Figure

COLUMNS = (
    "sent",
    "wire form",
    "peak",
    "less by",
    "tokens of full",
    "with system",
    "retention",
    "events",
    "rewritten per event",
    "at fault",
)
VERDICTS = {True: "held", False: "**missed**", None: ""}
INTRODUCTION = """\
# Consolidation, measured

Written by `python -m benchmarks.consolidate --standard --form all --page`; never by hand. Recorded sessions are played
over HTTP through a proxy, with a client that always sends its full history, and every figure is taken from the requests
that reached the upstream. `chain-k` joins k recorded trajectories to one session, system message once; each message of
the assistant is one request.

- **Peak**: the largest prompt of a session in tokens (o200k; text, tool-call names and arguments), without the client's
  system text and tools; mean over sessions. *Less by*: the peak of the full histories over it.
- **Tokens of full**: tokens of all requests together over those of the full histories; without and with system text.
- **Retention**: of the strings and numbers (from three characters on) in the arguments of the reply's tool calls that
  stand word for word in the client's full history, the share that stands in the request that was received; pooled.
- **Events**: share of the requests that do not begin with the bytes of the one before them (messages up to their
  closing bracket, and all the rest of the body). *Rewritten per event*: tokens that come anew although they, or what
  they stand for, had been sent before.
- **At fault**: requests that a provider would refuse (calls and results unpaired, ids repeated, unknown roles, an empty
  message, a first message that is not the user's where that is asked for), or in which the client's items changed their
  order, a call was altered, or the newest item is not the last.
"""
LIMITS = """\
## Limits

- Replies are recorded: what a model would have said to the shorter request is not seen here. Retention says that a
  value was there to be used, not that a model would have used it.
- A value counts as kept wherever it stands in the request; short ones may stand there by chance. The same holds for the
  full history.
- Joined trajectories are of one kind of task and change the user with each task. Real sessions return to old facts more
  often, or less.
"""


def page(runs: Sequence[Run], found: Sequence[Figure]) -> str:
    """The page for the documentation."""
    return "\n".join([INTRODUCTION, targets(found), "", *map(run_table, runs), LIMITS])


def run_table(run: Run) -> str:
    """One run: a line for each way to send its sessions."""
    sessions = len(run.rows[0].sessions)
    told = f"{sessions} sessions, {run.rows[0].requests:,} requests, {run.rows[0].values:,} values."
    wrong = [*run.faults, *(f"the proxy noted {each}" for each in run.noted)]
    below = ["", *(f"- {each}" for each in wrong)] if wrong else []
    return "\n".join([f"## {title(run)}", "", told, "", table([COLUMNS, *map(_cells, run.rows)]), *below, ""])


def targets(found: Sequence[Figure]) -> str:
    """The figures that have targets, with the verdict."""
    rows = [("setting", "figure", "wire form", "measured", "target", "")]
    for where, members in groupby(found, lambda each: each.group):
        for figure in members:
            aim = "none" if figure.target is None else f"{figure.bound.value} {_number(figure.target, figure.unit)}"
            value = _number(figure.value, figure.unit)
            rows.append((where, figure.what, figure.who, value, aim, VERDICTS[figure.held]))
    return "\n".join(["## Targets", "", table(rows)])


def misses(run: Run) -> str:
    """The values that the policy lost, the most frequent arguments first."""
    rows = [("value", "tool", "argument", "items ago", "session", "request")]
    lost = sorted(run.missed, key=lambda each: (each.tool, each.argument, each.age))
    rows += [(each.value, each.tool, each.argument, f"{each.age}", each.session, f"{each.request}") for each in lost]
    return "\n".join([f"## Missed: {title(run)}", "", table(rows), ""])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.who,
        row.form,
        f"{row.peak:,.0f}",
        f"{row.less:.1f} times",
        f"{row.total:.3f}",
        f"{row.total_with_system:.3f}",
        f"{row.retention:.4f}",
        f"{row.events:.1%}",
        f"{row.rewritten:,.0f}",
        f"{row.faulty}",
    )


def _number(value: float, unit: str) -> str:
    """`8.13 times`, `0.9981`, `12`."""
    text = f"{value:.2f}" if unit else f"{value:.4f}"
    return f"{text.rstrip('0').rstrip('.')} {unit}".strip()


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table in Markdown, the first its head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.replace("|", "\\|").ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
