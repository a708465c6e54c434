"""The command `python -m benchmarks.consolidate.speed [FILE…]`: what the policy takes of the processor.

It must not know what the policy saves. The policy is asked in this process as the engine asks it, on recorded sessions
joined to long ones. Processor time of the thread is counted, so that a busy machine does not show.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any, NamedTuple

import orjson

from benchmarks.consolidate.__main__ import WHERE, files
from benchmarks.consolidate.sessions import Session, chained
from benchmarks.consolidate.spoken import FORMS, Spoken, spoken
from benchmarks.consolidate.tables import targets
from benchmarks.figure import Bound, Figure
from policies.consolidate import Consolidate, Wishes
from policies.consolidate.event import measure, words
from policies.consolidate.ledger import recall
from policies.consolidate.lookup import answer, hits_in
from policies.consolidate.seams import LEADING
from policies.consolidate.state import extract
from policies.consolidate.view import talk
from proxy.conversation import Turn
from proxy.exchange import Completion, Exchange, Request
from proxy.exchange import Session as Owner
from proxy.garbage import paced
from proxy.reader import Reader
from proxy.tokens import load
from proxy.wire.forms import Forms

LONG, TURNS, CHAIN = 50_000, 200, 48
"""Tokens of the conversation at the event; requests at the turn without one; trajectories joined."""
ABOVE, LEFT, STATE = 4_500, 1_500, 900
"""Marks of a session that is condensed often, and tokens of its text."""
DEFAULT_LEFT = 6_000
"""Tokens that the policy's own marks leave of a conversation of 50k tokens."""
RUNS = 5
EXTRACT_MS, EVENT_MS, TURN_MS, SEARCH_MS = 5.0, 20.0, 0.3, 10.0
ASKED = 20
"""Words of a look-up."""
READ = Reader(Forms(), most=1 << 26)


class Player:
    """One session before the policy, as the engine plays it; the provider answers everything."""

    def __init__(self, told: Spoken, policy: Consolidate, memory: Any = None) -> None:
        self.told = told
        self.policy = policy
        self.memory = memory

    def request(self, place: int) -> Request:
        """The request to which the message at that place is the reply, read."""
        return READ(Request("POST", self.told.path, (), self.told.body(place), caller="me"))

    def prepare(self, request: Request, place: int) -> tuple[Exchange, float]:
        """The exchange after `prepare`, and its milliseconds."""
        memory = {} if self.memory is None else {"consolidate": self.memory}
        one = Exchange(f"e{place}", request, Owner("s", "agent"), place * 9.0, memory=memory, asked=request)
        decision, ms = timed(lambda: self.policy.prepare(one))
        if decision is not None:
            one = one.but(request=decision.request or request, memory={"consolidate": decision.memory})
        return one, ms

    def learn(self, one: Exchange) -> float:
        """Keeps the memory after the answer; the milliseconds of `learn`."""
        decision, ms = timed(lambda: self.policy.learn(one.but(completion=Completion(200))))
        self.memory = orjson.loads(orjson.dumps(decision.memory)) if decision else None
        return ms

    def ride(self, places: Sequence[int]) -> None:
        """Plays these requests."""
        for place in places:
            self.learn(self.prepare(self.request(place), place)[0])


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """What a function gives, and the milliseconds of processor time it took."""
    began = thread_time()
    given = function()
    return given, (thread_time() - began) * 1e3


class Counter:
    """Counts tokens as the proxy does, and can forget what it has counted."""

    def __init__(self) -> None:
        encoding = load()
        self.count = lru_cache(maxsize=16_384)(lambda text: len(encoding.encode_ordinary(text)))

    def policy(self, above: int, to: int) -> Consolidate:
        """The policy with these marks."""
        return Consolidate(Wishes("on", above=above, to=to, count=self.count))

    def forget(self) -> None:
        """Empties every cache of the counter and of the policy's modules: what follows runs as in a new process."""
        self.count.cache_clear()
        for name, module in list(sys.modules.items()):
            for held in vars(module).values() if name.startswith("policies.consolidate") else ():
                if hasattr(held, "cache_clear"):
                    held.cache_clear()


class Long(NamedTuple):
    """A long session just before a request, and the policy's memory of it, in which nothing was condensed."""

    told: Spoken
    place: int
    request: Request
    memory: Any
    turns: tuple[Turn, ...]
    """Without instructions."""

    def tokens(self, counter: Counter) -> int:
        """Of the conversation, as the client tells it."""
        return sum(measure(counter.count, turn) for turn in self.turns)


def long(told: Spoken, counter: Counter, *, tokens: int = 0, requests: int = 0) -> Long | None:
    """The session at its first request with so many tokens, or with that number; None where it is too short."""
    player = Player(told, counter.policy(10**9, LEFT))
    for number, place in enumerate(told.session.asked, 1):
        request = player.request(place)
        turns = tuple(turn for turn in talk(request).turns if turn.role not in LEADING)
        case = Long(told, place, request, player.memory, turns)
        if number >= requests and case.tokens(counter) >= tokens:
            return case
        player.learn(player.prepare(request, place)[0])
    return None


def repeated(counter: Counter, run: Callable[[], float], *, cold: bool) -> list[float]:
    """Several runs; cold ones begin with nothing remembered, others after a first run."""
    if not cold:
        run()
    found = []
    for _ in range(RUNS):
        if cold:
            counter.forget()
        found.append(run())
    return found


def event(case: Long, counter: Counter) -> float:
    """Milliseconds of `prepare` with an event that condenses nearly all of it. Raises `ValueError` without event."""
    player = Player(case.told, counter.policy(LONG // 4, DEFAULT_LEFT), case.memory)
    one, ms = player.prepare(case.request, case.place)
    if recall(one.memory["consolidate"]).branches[0].checkpoint is None:
        raise ValueError(f"no event happened in {case.told.session.name}")
    return ms


def extracted(case: Long, counter: Counter) -> float:
    """Milliseconds of `extract` for each 10,000 tokens where it drops the whole session at once."""
    *dropped, last = enumerate(case.turns)
    size = case.tokens(counter)
    counter.count.cache_clear()
    return extract_ms({}, dropped, last[1].text, DEFAULT_LEFT * 2 // 3, counter)[1] * 10_000 / size


def often(case: Long, counter: Counter) -> float:
    """The same where it drops a little each time, whenever the mark is passed, and goes on with what it remembers."""
    known: dict[str, Any] = {}
    dropped: list[tuple[int, Turn]] = []
    ms, size = 0.0, STATE
    for place, turn in enumerate(case.turns):
        if size > ABOVE and not turn.results:
            made, took = extract_ms(known, dropped, turn.text, STATE, counter)
            known, ms, size, dropped = orjson.loads(orjson.dumps(made)), ms + took, STATE, []
        dropped.append((place, turn))
        size += measure(counter.count, turn)
    whole = case.tokens(counter) - (size - STATE)
    return ms * 10_000 / whole


def extract_ms(
    known: dict[str, Any], dropped: Sequence[tuple[int, Turn]], visible: str, budget: int, counter: Counter
) -> tuple[dict[str, Any], float]:
    """The memory that `extract` makes, and its milliseconds."""
    made, ms = timed(lambda: extract(known, dropped, visible, budget=budget, count=counter.count))
    return made[0], ms


def looked_up(case: Long, counter: Counter) -> float:
    """Milliseconds of a look-up over the whole session, asked in words from the middle of it. Raises `ValueError`
    where nothing is found."""
    query = " ".join(words(case.turns[len(case.turns) // 2]).split()[:ASKED])
    arguments, places = orjson.dumps({"query": query}).decode(), range(len(case.turns))
    told, ms = timed(lambda: answer(arguments, turns=case.turns, hidden=places, count=counter.count))
    if not hits_in(told):
        raise ValueError(f"nothing was found in {case.told.session.name}")
    return ms


def quiet(case: Long, counter: Counter, *, cold: bool) -> tuple[float, float]:
    """Milliseconds of `prepare` and `learn` at a request without event, in a session that was condensed before.
    Cold: the process has never seen the session."""
    player = Player(case.told, counter.policy(ABOVE, LEFT))
    player.ride([place for place in case.told.session.asked if place < case.place])
    player.policy = counter.policy(10**9, LEFT)
    if cold:
        counter.forget()
    one, ms = player.prepare(case.request, case.place)
    return ms, player.learn(one)


def measured(session: Session, form: str, counter: Counter) -> Iterator[Figure]:
    """The figures of one session in one wire form; none of a kind for which it is too short."""
    told = spoken(session, form, "gpt-4o")
    name = session.name.partition("/")[0]
    one, other = long(told, counter, tokens=LONG), long(told, counter, requests=TURNS)
    for cold in (True, False):
        who = f"{form}, {'cold' if cold else 'warm'}"
        if one:
            for what, run, target in EVENTS:
                yield figure(name, what, who, repeated(counter, partial(run, one, counter), cold=cold), target)
        if other:
            ran = [quiet(other, counter, cold=cold) for _ in range(RUNS)]
            yield figure(name, f"request {TURNS}, no event", who, [before for before, _ in ran], TURN_MS)
            yield figure(name, "the same, when it is answered", who, [after for _, after in ran], None)


def figure(name: str, what: str, who: str, taken: Sequence[float], target: float | None) -> Figure:
    """The median of several readings."""
    return Figure(name, what, who, median(taken), "ms", target, Bound.AT_MOST, min(taken), max(taken))


EVENTS = (
    ("extract, of 10k tokens, all at once", extracted, EXTRACT_MS),
    (f"extract, of 10k tokens, at marks {ABOVE} / {LEFT}", often, EXTRACT_MS),
    ("an event at 50k tokens", event, EVENT_MS),
    ("a look-up over 50k tokens", looked_up, SEARCH_MS),
)


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="benchmarks.consolidate.speed", description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=f"sessions (default: all in ${WHERE})")
    parser.add_argument("--form", choices=[*FORMS, "all"], default="chat", help="wire form that is played (chat)")
    chosen = parser.parse_args(arguments)
    counter = Counter()
    found: list[Figure] = []
    with paced():
        for path in files(chosen.files):
            session = chained(path, CHAIN)[0]
            for form in FORMS if chosen.form == "all" else (chosen.form,):
                found += measured(session, form, counter)
    print(targets(found))


if __name__ == "__main__":
    main(sys.argv[1:])
