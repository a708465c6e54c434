"""What a conversation tells a session: turns as events, and how far it was told before.

It must not know what is made of the events.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.state import State
from policies.prefetch.watch import MayRun
from proxy.conversation import SILENT, UNHEARD, Turn

MOST_REREAD = 80
"""Turns that are read where nothing is remembered; of a longer history the latest."""


class Reply(NamedTuple):
    """What a model said: words, or calls with their ids."""

    text: str
    calls: tuple[tuple[str, Call], ...]


def replied(turns: Sequence[Turn]) -> Reply | None:
    """The reply that these turns hold; None where they hold none, or a call that cannot be read."""
    spoken = [turn for turn in turns if turn.role == "assistant" or turn.calls]
    if not spoken:
        return None
    calls = [(call.id, Call.read(call)) for turn in spoken for call in turn.calls]
    if any(call is None for _, call in calls):
        return None
    text = "\n".join(turn.text for turn in spoken if turn.text)
    return Reply(text, tuple((id, call) for id, call in calls if call is not None))


def events(turns: Sequence[Turn]) -> Iterator[Turn | Reply]:
    """Turns of users and tools as they are, those of the model gathered to whole replies."""
    gathered: list[Turn] = []
    for turn in turns:
        if turn.role in UNHEARD:
            continue
        if turn.role == "assistant" or turn.calls or turn.role in SILENT:
            gathered.append(turn)
            continue
        if reply := replied(gathered):
            yield reply
        gathered = []
        yield turn
    if reply := replied(gathered):
        yield reply


def hear(state: State, turn: Turn) -> None:
    """The state takes in what a user or a tool said."""
    for result in turn.results:
        state.answered(result.id, result.text)
    if turn.text and turn.role == "user" and not turn.results:
        state.heard_user(turn.text)


def retold(state: State, turns: Sequence[Turn], may: MayRun) -> None:
    """The state takes in a history of which nothing was foretold."""
    for event in events(turns):
        if isinstance(event, Turn):
            hear(state, event)
            continue
        for id, call in event.calls:
            state.called(call, read_only=may(call.name), id=id)
        if event.calls:
            state.wrote(event.text)
        else:
            state.replied(event.text)


def untold(turns: Sequence[Turn], told: int, mark: str) -> Sequence[Turn] | None:
    """The turns after the first `told`, the last of which has this mark; None where it is another history.

    The reply that followed was heard as it came, so it is left out.
    """
    if not 0 < told <= len(turns) or mark_of(turns[:told]) != mark:
        return None
    rest = list(turns[told:])
    while rest and (rest[0].role == "assistant" or rest[0].calls or rest[0].role in SILENT):
        rest.pop(0)
    return rest


def mark_of(turns: Sequence[Turn]) -> str:
    """What a history is known by: the digest of its words and calls."""
    return turns[-1].chain.hex() if turns else ""
