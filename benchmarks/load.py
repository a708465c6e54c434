"""The load: agents asking over keep-alive connections. A process of its own, told its jobs line by line.

It must not know what is being measured, nor by whom.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

import httptools
import orjson
import uvloop

from benchmarks.bodies import Talk, opening
from benchmarks.caller import Caller, Heard, connect, head
from benchmarks.job import Job, Outcome, Target


@dataclass(slots=True)
class Tally:
    """What a job has seen so far."""

    totals: list[float] = field(default_factory=list)
    firsts: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    pieces: int = 0
    errors: int = 0
    body_bytes: int = 0
    trouble: str = ""

    def take(self, heard: Heard) -> None:
        """Counts one answer."""
        if heard.status != 200:
            self.fail(f"{heard.status} {b''.join(heard.body)[:200]!r}")
            return
        self.totals.append(heard.last - heard.sent)
        self.pieces += len(heard.body)
        self.firsts += heard.delays[:1]
        self.events += heard.delays

    def fail(self, trouble: str) -> None:
        """Counts one failure."""
        self.errors += 1
        self.trouble = trouble


class Connection:
    """A place for one connection, opened again when the server closed it."""

    def __init__(self, target: Target, tally: Tally) -> None:
        self.port = target.port
        self.head = head(target)
        self.tally = tally
        self.caller: Caller | None = None

    async def ask(self, body: bytes) -> Heard | None:
        """One request; None when it failed."""
        self.tally.body_bytes = len(body)
        try:
            if self.caller is None or not self.caller.open:
                self.caller = await connect(self.port)
            heard = await self.caller.ask(self.head + b"%d\r\n\r\n" % len(body) + body)
        except (OSError, TimeoutError, httptools.HttpParserError) as trouble:
            self.caller = None
            self.tally.fail(repr(trouble))
            return None
        self.tally.take(heard)
        return heard

    def close(self) -> None:
        """Hangs up."""
        if self.caller:
            self.caller.transport.close()


async def openings(connection: Connection, bodies: Iterator[bytes]) -> None:
    """Asks one first turn after another until there are no more; the connections share the bodies."""
    for body in bodies:
        await connection.ask(body)


async def turns(connection: Connection, talk: Talk, number: int) -> None:
    """Carries a session on for so many turns, or until one fails."""
    for _ in range(number):
        heard = await connection.ask(talk.say())
        if heard is None or heard.status != 200:
            return
        talk.hear(b"".join(heard.body))


class Load:
    """Does jobs; keeps the growing sessions from one job to the next, by target."""

    def __init__(self) -> None:
        self.talks: dict[int, list[Talk]] = {}

    async def do(self, job: Job) -> Outcome:
        """One job, from the first request to the last answer."""
        tally = Tally()
        places = [Connection(job.target, tally) for _ in range(job.talks or job.connections)]
        if job.talks:
            each = job.requests // job.talks
            work = [turns(place, talk, each) for place, talk in zip(places, self.growing(job), strict=True)]
        else:
            bodies = (opening(job.body_bytes, job.model) for _ in range(job.requests))
            work = [openings(place, bodies) for place in places]
        began = time.monotonic()
        await asyncio.gather(*work)
        seconds = time.monotonic() - began
        for place in places:
            place.close()
        return told(tally, job.requests, seconds)

    def growing(self, job: Job) -> list[Talk]:
        """The sessions of this job's target."""
        if job.fresh or job.target.port not in self.talks:
            self.talks[job.target.port] = [Talk(job.message_bytes) for _ in range(job.talks)]
        return self.talks[job.target.port]


def told(tally: Tally, requests: int, seconds: float) -> Outcome:
    """A tally as an outcome."""
    p50, p99 = middle_and_tail(tally.totals)
    first_p50, first_p99 = middle_and_tail(tally.firsts)
    event_p50, event_p99 = middle_and_tail(tally.events)
    return Outcome(
        requests,
        tally.errors,
        seconds,
        p50,
        p99,
        first_p50,
        first_p99,
        event_p50,
        event_p99,
        tally.pieces,
        tally.body_bytes,
        tally.trouble,
    )


def middle_and_tail(seconds: Sequence[float]) -> tuple[float, float]:
    """The 50th and 99th percentile in milliseconds; zeros when there is nothing to rank."""
    if len(seconds) < 2:
        only = seconds[0] * 1000 if seconds else 0.0
        return only, only
    ranks = quantiles(seconds, n=100, method="inclusive")
    return ranks[49] * 1000, ranks[98] * 1000


def read(line: bytes) -> Job:
    """A job from its line."""
    fields = orjson.loads(line)
    return Job(**fields | {"target": Target(**fields["target"])})


def main(lines: Iterator[bytes], say: Callable[[bytes], object]) -> None:
    """Does the job of every line, one after the other, in one event loop."""
    load = Load()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in lines:
            say(orjson.dumps(runner.run(load.do(read(line)))) + b"\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(iter(sys.stdin.buffer.readline, b""), sys.stdout.buffer.write)
