"""Whether what was condensed away can be looked up: `python -m benchmarks.consolidate.recall FILE… [--above N --to N]`.

It must not know how the proxy searches. Sessions are played through the proxy. Where a recorded reply uses a value
that the request no longer holds, the same request is sent once more, and the upstream answers it with calls of
`recall`; what the proxy says to them reaches the upstream, and is read there. The session goes on as if nobody had
asked.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import orjson

from benchmarks.consolidate.__main__ import files
from benchmarks.consolidate.items import compact, read
from benchmarks.consolidate.meter import Meter, leaves
from benchmarks.consolidate.play import CREDENTIALS, JSON, QUIET, TURN, Unplayed
from benchmarks.consolidate.sessions import chained
from benchmarks.consolidate.setting import Count, counting
from benchmarks.consolidate.spoken import FORMS, REPLIES, spoken
from proxy.compose import running
from proxy.settings import Settings
from proxy.testing import Heard, Line, Script

FIRST = 3
"""Hits among which the original has to be."""
AROUND = 6
"""Words on either side of a value in its original."""
AGAIN = "x-benchmark-again"
"""Header of a request that is sent to be answered with look-ups."""
WAYS = ("described", "needed")
"""How a value is asked for: by its field and the words around the original, or by what is known of the call."""
_WORD = re.compile(r"[\w@.#-]*\w")


class Sought(NamedTuple):
    """A value that was asked for."""

    session: str
    way: str
    value: str
    query: str
    found: bool
    tokens: int
    """Of the result."""


class Probe(Meter):
    """A meter that knows which values each request lacked, and how they may be asked for."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.lacking: dict[int, list[tuple[str, str, str]]] = {}
        """By the place of the reply: way, value, query."""
        self.sought: list[Sought] = []

    def take(self, place: int, body: bytes) -> int:
        """See `Meter.take`."""
        known = len(self.missed)
        tokens = super().take(place, body)
        here = "\n".join(item.text for item in read(self.spoken.form, body).items)
        for missed in self.missed[known:]:
            if self._original(place, missed.value) is None:
                continue
            asked = ((way, missed.value, self._query(way, place, missed, here)) for way in WAYS)
            self.lacking.setdefault(place, []).extend(asked)
        return tokens

    def _query(self, way: str, place: int, missed: Any, here: str) -> str:
        field = missed.argument.rpartition(".")[2]
        words = self._context(place, missed.value) if way == "described" else self._purpose(place, missed, here)
        return f"{field} {words}".replace(missed.value, " ")

    def _context(self, place: int, value: str) -> str:
        """The words around the newest original."""
        text = self._original(place, value) or ""
        before, after = alone(value).split(text, maxsplit=1)
        return " ".join((*_WORD.findall(before)[-AROUND:], *_WORD.findall(after)[:AROUND]))

    def _original(self, place: int, value: str) -> str | None:
        """The newest text that tells the value; None where it only stands inside of other words."""
        told = self._full[: self._ends[self.spoken.before[place]]]
        return next((item.text for item in reversed(told) if alone(value).search(item.text)), None)

    def _purpose(self, place: int, missed: Any, here: str) -> str:
        """The tool, the call's other arguments as far as they are in view, and what the user said last."""
        messages = self.spoken.session.messages
        calls = [call["function"] for call in messages[place]["tool_calls"]]
        given = (leaf for call in calls if call["name"] == missed.tool for leaf in leaves(call["arguments"]))
        known = (f"{name.rpartition('.')[2]} {text}" for name, text in given if text in here and text != missed.value)
        user = next((each["content"] for each in reversed(messages[:place]) if each["role"] == "user"), "")
        return " ".join((missed.tool, *dict.fromkeys(known), str(user)))

    def calling(self, place: int) -> bytes:
        """A reply that looks up all that the request lacked."""
        calls = [
            {
                "id": f"recall_{number}",
                "type": "function",
                "function": {"name": "recall", "arguments": compact({"query": query})},
            }
            for number, (_, _, query) in enumerate(self.lacking[place])
        ]
        return self._said(place, tool_calls=calls)

    def done(self, place: int) -> bytes:
        """A reply after the look-ups, other than the recorded one: what was said aside belongs to it, and the session
        goes on without."""
        return self._said(place, content="Looked up.")

    def _said(self, place: int, **fields: Any) -> bytes:
        reply = REPLIES[self.spoken.form]({"role": "assistant", "content": None, **fields}, place, 0)
        return compact({**reply, "model": self.spoken.model}).encode()

    def hear(self, place: int, body: bytes) -> None:
        """Takes down what the look-ups brought."""
        results = {item.id: item.text for item in read(self.spoken.form, body).items if item.kind == "result"}
        for number, (way, value, query) in enumerate(self.lacking[place]):
            told = results.get(f"recall_{number}", "")
            name = self.spoken.session.name
            found = alone(value).search(first_hits(told)) is not None
            self.sought.append(Sought(name, way, value, query, found, self._count(told)))


@lru_cache(maxsize=1024)
def alone(value: str) -> re.Pattern[str]:
    """Finds a value where it is not a part of a longer word."""
    return re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")


def first_hits(told: str, most: int = FIRST) -> str:
    """The lines of a result's first hits: those that begin with the numbers of its first messages."""
    lines = told.splitlines()
    numbers = list(dict.fromkeys(line.partition(" ")[0] for line in lines if re.match(r"#\d", line)))[:most]
    return "\n".join(line for line in lines if line.partition(" ")[0] in numbers)


async def play(probes: Sequence[Probe], settings: Mapping[str, Any]) -> None:
    """Plays the sessions one after the other. Raises `Unplayed`."""
    script = Script()
    script.handler = lambda heard: _answer(script, heard, probes)
    async with script:
        known = Settings.model_validate({**QUIET, **settings, "upstream": f"{script.url}/v1"})
        async with running(known) as url, httpx.AsyncClient(base_url=url, timeout=60) as client:
            for number, probe in enumerate(probes):
                await _session(client, number, probe)


async def _session(client: httpx.AsyncClient, number: int, probe: Probe) -> None:
    spoken = probe.spoken
    named = {**CREDENTIALS, "content-type": "application/json", "x-outrider-session": f"session-{number}"}
    for place in spoken.session.asked:
        headers = {**named, TURN: f"{number}/{place}"}
        for again in ({}, {AGAIN: "yes"}):
            if again and place not in probe.lacking:
                break
            got = await client.post(spoken.path, content=spoken.body(place), headers={**headers, **again})
            if got.status_code != 200 or b"recall_0" in got.content:
                raise Unplayed(f"{spoken.session.name}, message {place}: {got.status_code} {got.text[:300]}")


def _answer(script: Script, heard: Heard, probes: Sequence[Probe]) -> Line:
    script.heard.clear()
    number, _, place = heard.header(TURN).partition("/")
    probe, at = probes[int(number)], int(place)
    if not heard.header(AGAIN):
        return Line(headers=JSON, body=probe.spoken.reply(at, probe.take(at, heard.body)))
    if b"recall_0" not in heard.body:
        return Line(headers=JSON, body=probe.calling(at))
    probe.hear(at, heard.body)
    return Line(headers=JSON, body=probe.done(at))


def measured(path: Path, form: str, chosen: argparse.Namespace, count: Count) -> list[Sought]:
    """What was asked for in the sessions of a file."""
    sessions = chained(path, chosen.chain)
    probes = [Probe(spoken(each, form, "gpt-4o"), count) for each in sessions]
    marks = {"consolidate_above": chosen.above, "consolidate_to": chosen.to}
    policies = {"policies": ("session", "consolidate"), "consolidate": "on", "consolidate_recall": True}
    asyncio.run(play(probes, {**policies, **marks}))
    return [sought for probe in probes for sought in probe.sought]


def table(found: Mapping[str, Sequence[Sought]]) -> str:
    """One line for each file, and one for all."""
    lines = [f"| sessions | values | {' | '.join(WAYS)} | tokens of a result |", "|---|---|---|---|---|"]
    everything = [sought for each in found.values() for sought in each]
    for name, sought in [*found.items(), ("all", everything)]:
        shares = [_share([one for one in sought if one.way == way]) for way in WAYS]
        mean = sum(one.tokens for one in sought) / max(1, len(sought))
        lines.append(f"| {name} | {len(sought) // len(WAYS)} | {' | '.join(shares)} | {mean:.0f} |")
    return "\n".join(lines)


def _share(sought: Sequence[Sought]) -> str:
    hits = sum(one.found for one in sought)
    return f"{hits / len(sought):.3f} ({hits} of {len(sought)})" if sought else "none"


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.consolidate.recall", description="Whether what was condensed away can be looked up."
    )
    add = parser.add_argument
    add("files", nargs="*", type=Path, metavar="FILE", help="sessions, one a line (default: all in $OUTRIDER_TRACES)")
    add("--chain", type=int, default=16, metavar="K", help="trajectories joined to one session (16)")
    add("--above", type=int, default=1500, metavar="N", help="high-water mark in tokens (1500)")
    add("--to", type=int, default=500, metavar="N", help="low-water mark in tokens (500)")
    add("--form", choices=[*FORMS, "all"], default="chat", help="wire form that is played (chat)")
    add("--misses", action="store_true", help="list what was not found")
    add("--json", type=Path, metavar="FILE", help="write all that was asked for as JSON")
    return parser


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    chosen = parser().parse_args(arguments)
    count, found = counting(), dict[str, list[Sought]]()
    for path, form in product(files(chosen.files), FORMS if chosen.form == "all" else (chosen.form,)):
        found[f"{path.name.partition('.')[0]}, {form}"] = measured(path, form, chosen, count)
    print(table(found))
    missed = [one for each in found.values() for one in each if not one.found] if chosen.misses else []
    for one in missed:
        print(f"{one.session} {one.way}: {one.value!r} by {one.query[:200]!r}")
    if chosen.json:
        told = {name: [one._asdict() for one in each] for name, each in found.items()}
        chosen.json.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main(sys.argv[1:])
