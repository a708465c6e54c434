"""One consolidation: which turns go, which stay, and the checkpoint that stands for those that go.

It must not know marks, money or the request's bytes.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from policies.consolidate.ledger import Branch, Checkpoint
from policies.consolidate.rules import rules
from policies.consolidate.seams import groups, head, seams, unseen, untouchable
from policies.consolidate.state import extract
from proxy.conversation import Turn

TAIL_SHARE = 0.25
"""Of the low-water mark: what the newest turns may take, as they are."""
PINNED_SHARE = 0.1
"""Of the low-water mark: what the user's own rules may take, word for word, beside the first task."""
LEAST_STATE = 0.55
"""Of the low-water mark: room for the text, however much else has to stay."""
FLOOR = 370
"""Tokens of the text below which too much is lost, whatever the mark says."""
LEAST_FREED = 0.25
"""Of what is sent: an event that frees less is not worth breaking a prefix for."""


class Room(NamedTuple):
    """What an event aims at."""

    to: int
    """Tokens of the conversation after it, about."""
    count: Callable[[str], int]
    system: str = ""
    """Instructions, which stay."""
    tail: float = TAIL_SHARE
    """Of `to`: what the newest turns may take, as they are; at 0 the newest group."""


class Parting(NamedTuple):
    """Which turns stay and which go."""

    start: int
    kept: tuple[int, ...]
    gone: tuple[int, ...]


def parted(
    branch: Branch, turns: Sequence[Turn], size: Callable[[int], int], to: int, tail: float = TAIL_SHARE
) -> Parting | None:
    """Where to cut, or None when there is no place for it. `size` gives the tokens of a turn by its number.

    The tail begins at the earliest seam from which on everything fits into its share, or at the last one. The first
    task stays, rules while there is room for them, and every group that holds something untouchable.
    """
    start = _tail(seams(turns, branch.start), len(turns), size, round(to * tail))
    if start is None:
        return None
    first = next((place for place, turn in enumerate(turns) if turn.role == "user"), -1)
    before = branch.checkpoint.kept if branch.checkpoint else ()
    kept = {place for place in before if not is_rule(turns[place])} | ({first} if 0 <= first < start else set())
    gone = [place for place in before if place not in kept]
    for begin, end in groups(turns, max(branch.start, head(turns)), start):
        run = range(begin, end)
        if any(untouchable(turns[place]) for place in run):
            kept.update(run)
        else:
            gone += (place for place in run if place not in kept)
    kept.update(_rules(turns, gone, size, round(to * PINNED_SHARE)))
    return Parting(start, tuple(sorted(kept)), tuple(place for place in gone if place not in kept))


def is_rule(turn: Turn) -> bool:
    """Whether a user states a rule or corrects something, as far as words can tell."""
    return turn.role == "user" and not turn.results and not turn.opaque and rules(turn.text)


def _tail(cuts: Sequence[int], end: int, size: Callable[[int], int], room: int) -> int | None:
    chosen, total, at = None, 0, end
    for cut in reversed(cuts):
        total += sum(map(size, range(cut, at)))
        at = cut
        if chosen is not None and total > room:
            break
        chosen = cut
    return chosen


def _rules(turns: Sequence[Turn], gone: Sequence[int], size: Callable[[int], int], room: int) -> list[int]:
    """The newest of the user's rules and corrections that fit."""
    found: list[int] = []
    for place in reversed(gone):
        if is_rule(turns[place]):
            room -= size(place)
            if room < 0:
                break
            found.append(place)
    return found


class Plan(NamedTuple):
    """An event as it would be. Tokens, instructions and tools aside."""

    parting: Parting
    kept: int
    tail: int
    fresh: int
    """Of the tail, what comes after the newest reply: no provider has seen it yet."""
    budget: int
    """For the text."""
    moved: int = 0
    """Of `kept`, what does not stand where it stood: the provider's cache does not hold it."""


def plan(branch: Branch, turns: Sequence[Turn], room: Room) -> Plan | None:
    """The event that could be now, or None when there is no place for one or it would free too little."""
    size = sizes(branch, turns, room.count)
    parting = parted(branch, turns, size, room.to, room.tail)
    if parting is None:
        return None
    event = weighed(parting, branch, turns, size)
    budget = max(room.to - event.kept - event.tail, round(LEAST_STATE * room.to), FLOOR)
    if branch.tokens - event.kept - event.tail - budget < LEAST_FREED * branch.tokens:
        return None
    return event._replace(budget=budget)


def sizes(branch: Branch, turns: Sequence[Turn], count: Callable[[str], int]) -> Callable[[int], int]:
    """Tokens of a turn by its number: as it is sent where the branch knows it, else counted."""
    known = dict(enumerate(branch.sizes, branch.start))
    return lambda place: known[place] if place in known else measure(count, turns[place])


def weighed(
    parting: Parting, branch: Branch, turns: Sequence[Turn], size: Callable[[int], int], budget: int = 0
) -> Plan:
    """The event with these turns gone, and so many tokens for the text."""
    start, kept, end = parting.start, parting.kept, len(turns)
    return Plan(
        parting,
        kept=sum(map(size, kept)),
        tail=sum(map(size, range(start, end))),
        fresh=sum(map(size, range(max(unseen(turns), start), end))),
        budget=budget,
        moved=sum(map(size, kept[branch.still(kept, head(turns)) :])),
    )


def checkpoint(branch: Branch, turns: Sequence[Turn], event: Plan, room: Room, made: str) -> Checkpoint | None:
    """Makes the planned event's checkpoint, for the exchange of that id; None when there is nothing to say."""
    parting, before = event.parting, branch.checkpoint
    visible = [turns[place] for place in (*parting.kept, *range(parting.start, len(turns)))]
    memory, text = extract(
        before.known if before else {},
        [(place, turns[place]) for place in parting.gone],
        "\n".join((room.system, *map(words, visible))),
        budget=event.budget,
        count=room.count,
        told=[turn.text for turn in visible if turn.role == "user"],
    )
    if not text.strip():
        return None
    return Checkpoint(
        parting.start,
        turns[parting.start - 1].strict.hex(),
        parting.kept,
        text,
        memory,
        event.kept,
        room.count(text),
        branch.whole - event.tail,
        branch.start,
        made,
        event.moved,
    )


def words(turn: Turn) -> str:
    """Everything a turn says, for looking things up in it."""
    calls = (f"{call.name} {call.arguments}" for call in turn.calls)
    return "\n".join((turn.text, *calls, *(result.text for result in turn.results)))


def measure(count: Callable[[str], int], turn: Turn) -> int:
    """Tokens of a turn: its words, calls and results."""
    calls = sum(count(call.name) + count(call.arguments) for call in turn.calls)
    return (count(turn.text) if turn.text else 0) + calls + sum(count(result.text) for result in turn.results)
