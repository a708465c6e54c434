"""Measures the road in instructions: what the processor carries out in user space for each relayed 1 kB chat request.

It must not know how contestants are started or figures shown. Seconds of CPU depend on who else uses the machine;
instructions do not, so that a change of one per cent can be seen. They are counted by Valgrind's `callgrind`, and the
kernel's share is not among them.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.contestant import BARE, NOTHING, OUTRIDER, RAW, Contestant, Running, Unable
from benchmarks.figure import Figure
from benchmarks.job import Job, Target
from benchmarks.stage import Stage, say

GROUP = "Road: instructions per 1 kB request"
WARM, REQUESTS, QUICK_REQUESTS = 200, 600, 200
TOTAL = re.compile(rb"^(?:summary|totals): (\d+)", re.MULTILINE)
PATIENT = "from proxy.policy import Policy; Policy.slow_s = 60.0; "
"""Under Valgrind all is fifty times slower: what is quick must not be taken for slow."""


def measure(stage: Stage) -> list[Figure]:
    """Thousands of instructions by contestant; nothing where Valgrind is missing, with a word on stderr."""
    if shutil.which("valgrind") is None:
        say("instructions are left out: valgrind is not installed (Debian: apt-get install valgrind)")
        return []
    return [figure for contestant in (NOTHING, RAW, BARE, OUTRIDER) for figure in counted(stage, contestant)]


def counted(stage: Stage, contestant: Contestant) -> list[Figure]:
    """The figure of one contestant; nothing when it does not start."""
    with TemporaryDirectory() as folder, stage.playing(watched(contestant, Path(folder))) as playing:
        if not playing:
            return []
        with counting(playing[0], Path(folder)) as since:
            stage.load(replace(job(WARM), target=playing[0].target))
            since()
            requests = QUICK_REQUESTS if stage.quick else REQUESTS
            stage.load(replace(job(requests), target=playing[0].target))
            thousands = since() / requests / 1e3
    say(f"instructions: {contestant.name} {thousands:,.0f} thousand")
    return [Figure(GROUP, "instructions per request", contestant.name, thousands, "thousand")]


def watched(contestant: Contestant, folder: Path) -> Contestant:
    """The same server under callgrind, which begins to count when it is told to."""
    valgrind = ("valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder / 'counts'}")
    python, *words = contestant.command
    if words[0] == "-c":
        words[1] = PATIENT + words[1]
    env = {**contestant.env, "PYTHONHASHSEED": "0"}
    return replace(contestant, command=(*valgrind, python, *words), env=env, patience_s=120.0)


@contextmanager
def counting(running: Running, folder: Path) -> Iterator[Callable[[], int]]:
    """Switches the counter on; gives what tells the instructions since it was last asked."""

    def since() -> int:
        told = set(folder.glob("counts.*"))
        control(running, "--dump")
        (dump,) = set(folder.glob("counts.*")) - told
        total = TOTAL.search(dump.read_bytes())
        if total is None:
            raise Unable(f"callgrind's dump has no total: {dump.read_bytes()[:200]!r}")
        return int(total[1])

    control(running, "--instr=on")
    yield since


def control(running: Running, word: str) -> None:
    """Has callgrind do something. Raises Unable."""
    told = subprocess.run(["callgrind_control", word, str(running.pid)], capture_output=True, text=True, check=False)
    if told.returncode or "Error" in told.stdout:
        raise Unable(f"callgrind_control {word}: {(told.stdout + told.stderr).strip()}")


def job(requests: int) -> Job:
    """So many first turns over 16 connections; the stage fills in to whom."""
    return Job(Target(0), requests)
