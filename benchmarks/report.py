"""Shows figures: a table for the terminal and a page for the documentation.

It must not know how anything was measured.
"""

import os
import platform
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.figure import Figure

COLUMNS = ("figure", "of", "measured", "lowest to highest", "target", "")
MARKS = {True: "held", False: "**missed**", None: ""}
QUICK = "\n\n**A quick look: few requests, few rounds.**"
INTRODUCTION = """\
# Benchmarks

Written by `python -m benchmarks all --write`; never by hand. Every contestant is a process of its own between a fake
upstream and a load process, on loopback. CPU is the processor time of the contestant's whole process tree, all
threads, read from the kernel's clock before and after a load, divided by requests (or events). Rounds go round the
contestants in turn; a figure is the median of its rounds, with the lowest and the highest beside it. Instructions are
those of user space, counted by Valgrind over a load on a server that is warm: unlike seconds they are the same however
busy the machine is. Targets are aims, not tests: nothing fails when one is missed.
"""


def page(figures: Sequence[Figure], contestants: Iterable[tuple[str, str]], quick: bool) -> str:
    """The page for the documentation; says so when it shows a quick look."""
    lines = [INTRODUCTION, _machine() + QUICK * quick, "", "| contestant | what it is |", "|---|---|"]
    lines += [f"| {name} | {about} |" for name, about in contestants]
    return "\n".join([*lines, "", tables(figures), ""])


def tables(figures: Sequence[Figure]) -> str:
    """One Markdown table for each group."""
    return "\n\n".join(_table(group, list(members)) for group, members in groupby(figures, lambda each: each.group))


def _table(group: str, figures: Sequence[Figure]) -> str:
    rows = [COLUMNS, *map(_row, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([f"## {group}", "", lines[0], rule, *lines[1:]])


def _row(figure: Figure) -> tuple[str, ...]:
    spread = ""
    if figure.low is not None and figure.high is not None:
        spread = f"{_number(figure.low)} to {_number(figure.high)}"
    target = f"{figure.bound.value} {figure.target:g} {figure.unit}" if figure.target is not None else ""
    return figure.what, figure.who, f"{_number(figure.value)} {figure.unit}", spread, target, MARKS[figure.held]


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _machine() -> str:
    system = f"Linux {platform.release()}, Python {platform.python_version()}"
    return f"Machine: {os.cpu_count()} cores, {_processor()}, {system}."


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
