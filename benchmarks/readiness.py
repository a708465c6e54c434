"""Measures the start: seconds from the start of the process to the first answer, and memory when idle.

It must not know how contestants are started or figures shown.
"""

import time

from benchmarks.contestant import OUTRIDER, RELAY, Contestant
from benchmarks.figure import Figure
from benchmarks.measure import rss_mb
from benchmarks.stage import Stage, middle, say

GROUP = "Start"
TARGET_READY_S = 1.0
TARGET_IDLE_MB = 80.0
IDLE_S = 1.0
ROUNDS, QUICK_ROUNDS = 7, 2


def measure(stage: Stage) -> list[Figure]:
    """Outrider beside the empty relay."""
    return [figure for contestant in (RELAY, OUTRIDER) for figure in started(stage, contestant)]


def started(stage: Stage, contestant: Contestant) -> list[Figure]:
    """Starts it several times over, the files of its imports in the page cache."""
    seconds, megabytes = [], []
    for turn in range((QUICK_ROUNDS if stage.quick else ROUNDS) + 1):
        with stage.playing(contestant) as running:
            if not running:
                return []
            time.sleep(IDLE_S)
            if turn:
                seconds.append(running[0].ready_s)
                megabytes.append(rss_mb(running[0].pid))
    say(f"start: {contestant.name} {middle(seconds):.2f} s, {middle(megabytes):.0f} MB")
    ready, idle = (TARGET_READY_S, TARGET_IDLE_MB) if contestant is OUTRIDER else (None, None)
    name = contestant.name
    return [
        Figure(GROUP, "import to ready", name, middle(seconds), "s", ready, low=min(seconds), high=max(seconds)),
        Figure(GROUP, "memory when idle", name, middle(megabytes), "MB", idle, low=min(megabytes), high=max(megabytes)),
    ]
