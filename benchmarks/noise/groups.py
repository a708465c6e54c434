"""Groups of five workers and their aggregate, made of recorded conversations.

It must not know what is measured. A file has a conversation a line: `id` and `sessions`, each with `date`,
`observation` (findings by speaker, each with its evidence) and `summary`, as LoCoMo has them. A worker reports the date
and the findings of one session; the aggregate is the sessions' summaries one after the other, which say the same in
other words. Groups are five sessions in a row and begin at every second session.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

SIZE, STRIDE = 5, 2
_END = re.compile(r"(?<=[.!?])\s+")


class Group(NamedTuple):
    """Five workers, what an aggregator made of each, and sentences that belong elsewhere."""

    conversation: str
    workers: tuple[str, ...]
    """The report of each: its date and findings, a line each."""
    summaries: tuple[tuple[str, ...], ...]
    """What stands of each worker in the aggregate, as sentences."""
    elsewhere: tuple[str, ...]
    """Sentences of the same conversation's other summaries."""

    def aggregate(self, without: int | None = None) -> list[str]:
        """The sentences of the aggregate, with one worker dropped or none."""
        return [each for worker, said in enumerate(self.summaries) if worker != without for each in said]


def read(files: Iterable[Path]) -> list[Group]:
    """The groups of all files. Raises `ValueError` for a line of another form."""
    found: list[Group] = []
    for path in files:
        for number, line in enumerate(lines(path), 1):
            try:
                found += of_conversation(line)
            except (KeyError, TypeError, AttributeError) as fault:
                wanted = "a conversation with id and sessions (date, observation, summary)"
                raise ValueError(f"{path.name} line {number}: expected {wanted}: {fault!r}") from fault
    return found


def lines(path: Path) -> Iterator[Any]:
    """The JSON values of a file, a line each; `.gz` is unpacked. Raises `ValueError` where a line is not JSON."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as fault:
                    raise ValueError(f"{path.name} line {number} is not JSON: {fault}") from fault


def of_conversation(told: Any) -> Iterator[Group]:
    """The groups of a conversation."""
    sessions = [each for each in told["sessions"] if each["summary"] and any(each["observation"].values())]
    for begin in range(0, len(sessions) - SIZE + 1, STRIDE):
        group = sessions[begin : begin + SIZE]
        others = [*sessions[:begin], *sessions[begin + SIZE :]]
        yield Group(
            str(told["id"]),
            tuple(report(each) for each in group),
            tuple(parted(each["summary"]) for each in group),
            tuple(sentence for each in others for sentence in parted(each["summary"])),
        )


def report(session: Any) -> str:
    """What the worker of a session hands in."""
    findings = [finding for found in session["observation"].values() for finding, _ in found]
    return "\n".join([session["date"], *findings])


def parted(text: str) -> tuple[str, ...]:
    """The sentences of a summary, cut without the code that is measured."""
    return tuple(each for each in _END.split(text) if each.strip())


def conversations(groups: Sequence[Group]) -> list[str]:
    """The conversations in order of appearance."""
    return list(dict.fromkeys(group.conversation for group in groups))
