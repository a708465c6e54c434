"""The usual ways to keep a history small, on the same sessions: what they save, and what they lose.

It must not know the policy. Each is what a client can do in a few lines; none looks at the content.
"""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.consolidate.items import compact
from benchmarks.consolidate.meter import Meter
from benchmarks.consolidate.sessions import Message
from benchmarks.consolidate.spoken import Spoken

STUB = "[old tool result removed]"
Kept = Callable[[Sequence[Message]], Sequence[tuple[int, bool]]]
"""Of a history: the places of the messages that are sent, and whether their text is put away."""


def last(most: int) -> Kept:
    """The system message and the last `most` messages; a cut among results moves back to their calls."""

    def kept(messages: Sequence[Message]) -> list[tuple[int, bool]]:
        start = max(1, len(messages) - most)
        while start > 1 and messages[start].get("role") == "tool":
            start -= 1
        return [(place, False) for place in (0, *range(start, len(messages)))]

    return kept


def masked(after: int) -> Kept:
    """Everything; tool results that are not among the last `after` messages as a stub."""

    def kept(messages: Sequence[Message]) -> list[tuple[int, bool]]:
        old = len(messages) - after
        return [(place, place < old and each.get("role") == "tool") for place, each in enumerate(messages)]

    return kept


BASELINES: Mapping[str, Kept] = {
    "keep last 16 messages": last(16),
    "keep last 32 messages": last(32),
    "mask results older than 10": masked(10),
    "mask results older than 20": masked(20),
}


def played(meter: Meter, kept: Kept) -> Meter:
    """The meter after a whole session (of Chat Completions) has been sent in that way."""
    plain = meter.spoken
    stubs = _stubs(plain)
    for place in plain.session.asked:
        chosen = kept(plain.session.messages[:place])
        meter.take(place, plain.around([stubs[each] if away else plain.items[each] for each, away in chosen]))
    return meter


def _stubs(plain: Spoken) -> list[bytes]:
    return [compact({**message, "content": STUB}).encode() for message in plain.session.messages]
