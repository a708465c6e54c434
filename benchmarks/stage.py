"""The stage: a fake upstream, a load process and the contestants in between, each a process of its own.

It must not know what the figures are; it knows how one reading is taken.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median

import orjson

from benchmarks.contestant import Contestant, Running, Unable, start
from benchmarks.job import Job, Outcome, Target
from benchmarks.measure import cpu_s
from benchmarks.peers import cache

SETTLE_S = 0.2
"""Work that a proxy does after its answer (learning, recording) is charged to it when done within this time."""
DIRECT = Contestant("direct", "no proxy: the fake upstream itself", ())


@dataclass(frozen=True, slots=True)
class Stage:
    """Takes readings."""

    upstream: subprocess.Popen[bytes]
    upstream_port: int
    loader: subprocess.Popen[bytes]
    quick: bool = False

    def load(self, job: Job) -> Outcome:
        """Has the load process do a job. Raises Unable when a request failed."""
        assert self.loader.stdin
        assert self.loader.stdout
        self.loader.stdin.write(orjson.dumps(job) + b"\n")
        self.loader.stdin.flush()
        line = self.loader.stdout.readline()
        if not line:
            raise Unable("the load process ended")
        outcome = Outcome(**orjson.loads(line))
        if outcome.errors:
            raise Unable(f"{outcome.errors} of {outcome.requests} requests failed, the last with {outcome.trouble}")
        return outcome

    def cost_us(self, running: Running, job: Job) -> float:
        """Microseconds of CPU that a contestant spends on each request of a job."""
        return self.spent(running, job)[0] / job.requests * 1e6

    def spent(self, running: Running, job: Job) -> tuple[float, Outcome]:
        """Seconds of CPU that a contestant spends on a whole job, and how the job went."""
        before = cpu_s(running.pid)
        outcome = self.load(replace(job, target=running.target))
        time.sleep(SETTLE_S)
        return cpu_s(running.pid) - before, outcome

    @contextmanager
    def playing(self, *contestants: Contestant) -> Iterator[list[Running]]:
        """Starts contestants that do not fail to start, and ends them afterwards."""
        running: list[Running] = []
        try:
            for contestant in contestants:
                running += self.started(contestant)
            yield running
        finally:
            for each in running:
                each.stop()

    def started(self, contestant: Contestant) -> list[Running]:
        """The contestant as the only item, or nothing, with a word on stderr why."""
        try:
            return [start(contestant, self.upstream_port, cache() / f"{contestant.name}.log")]
        except Unable as why:
            say(f"{contestant.name} is left out: {why}")
            return []

    def direct(self) -> Running:
        """The upstream in a contestant's place. Never to be stopped by who asks for it."""
        return Running(DIRECT, self.upstream, Target(self.upstream_port), 0.0)


@contextmanager
def raised(quick: bool) -> Iterator[Stage]:
    """A stage with its upstream and its load process."""
    processes = [_process("benchmarks.upstream"), _process("benchmarks.load")]
    upstream, loader = processes
    try:
        assert upstream.stdout
        yield Stage(upstream, int(upstream.stdout.readline()), loader, quick)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _process(module: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def middle(readings: Sequence[float]) -> float:
    """The median; not a number when there is none."""
    return median(readings) if readings else float("nan")


def say(word: str) -> None:
    """Tells whoever waits how far it is."""
    print(word, file=sys.stderr, flush=True)
