"""Alarms in recorded runs of teams, most of whose messages aggregate nothing: what a careful check is silent about.

It must not know what raises an alarm. A file has a run a line: `history`, a list of messages with `role` and `content`.
Each message of a role that begins with `orchestrator` is taken for an aggregate of the outputs before it.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.noise.groups import lines
from policies.noise import examined

LEADER, USER = "orchestrator", "human"
TEAM = 8
"""Outputs before a message that are taken for its workers."""


def read(files: Iterable[Path]) -> list[list[tuple[str, str]]]:
    """The messages of each run, role and text. Raises `ValueError` for a line of another form."""
    found = []
    for path in files:
        for number, run in enumerate(lines(path), 1):
            try:
                found.append([(each["role"].lower(), _text(each["content"])) for each in run["history"]])
            except (KeyError, TypeError, AttributeError) as fault:
                wanted = "a run with history (role, content)"
                raise ValueError(f"{path.name} line {number}: expected {wanted}: {fault!r}") from fault
    return found


def measured(runs: Iterable[list[tuple[str, str]]]) -> dict[str, float]:
    """Messages that could be checked, and shares of them with an alarm, by kind."""
    count = Counter[str]()
    for run in runs:
        outputs: list[str] = []
        for role, text in run:
            if not role.startswith(LEADER):
                outputs += [text] * (role != USER)
                continue
            if len(outputs) < 2:
                continue
            report = examined(outputs[-TEAM:], text)
            count["messages"] += 1
            count["checked"] += report.applicable
            count["alarms"] += bool(report.alarms)
            count.update({each.kind for each in report.alarms})
    checked = max(1, count["checked"])
    kinds = {kind: round(count[kind] / checked, 4) for kind in ("dropped", "changed", "majority_lost")}
    shares = {"false": round(count["alarms"] / checked, 4), **kinds}
    return {**shares, "checked": count["checked"], "messages": count["messages"]}


def _text(content: Any) -> str:
    """Text as it stands; of anything else nothing."""
    return content if isinstance(content, str) else ""
