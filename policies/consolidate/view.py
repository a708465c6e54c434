"""A request seen through its session's branch: what is new in it, and its bytes as they go on.

It must not know marks, money or when something is condensed.
"""

from collections.abc import Callable, Sequence

from policies.consolidate.event import measure
from policies.consolidate.layout import Small, condensed, shrunk
from policies.consolidate.ledger import Branch, agrees, mark
from policies.consolidate.seams import SPEAKS, head
from proxy.conversation import Conversation, Turn
from proxy.exchange import Request

BYTES_PER_TOKEN = 4
LOOKED_BACK = 64
"""Turns among which the call of a result is looked for: many may run side by side."""


def talk(request: Request) -> Conversation:
    """The request's conversation. Raises `ValueError` when it has none."""
    if request.conversation is None:
        raise ValueError("a request without a conversation")
    return request.conversation


def grown(branch: Branch, request: Request, count: Callable[[str], int]) -> Branch:
    """The branch with this request in it. Tool results that appear for the first time are made smaller."""
    turns = talk(request).turns
    known = branch.length if branch.goes_on(turns) else 0
    spoken = next((place for place in range(len(turns) - 1, -1, -1) if turns[place].role in SPEAKS), -1)
    small = {place: digest for place, digest in branch.small.items() if agrees(turns, place, digest)}
    for place in range(max(known, spoken + 1), len(turns)):
        turn = turns[place]
        if turn.results and not turn.opaque and less(request, place):
            small[str(place)] = mark(turn)

    def size(place: int) -> int:
        fewer = less(request, place) if str(place) in small else None
        return count(fewer.text) if fewer else measure(count, turns[place])

    def plain(place: int) -> int:
        return measure(count, turns[place])

    return branch.grown(turns, size, plain if small else None)._replace(small=small)


def written(request: Request, branch: Branch) -> bytes:
    """The body as the branch has it: between two events the last one's bytes, and what is new."""
    items = {int(place): less(request, int(place)) for place in branch.small}
    fewer = {place: small.item for place, small in items.items() if small}
    return condensed(request.body, talk(request).turns, branch.checkpoint, fewer)


def less(request: Request, place: int) -> Small | None:
    """A turn's item with its tool results in fewer words, if that can be."""
    turns = talk(request).turns
    return shrunk(raw(request.body, turns[place]), request.form, answered(turns, place))


def answered(turns: Sequence[Turn], place: int) -> str:
    """The arguments of the calls that a turn's results answer."""
    ids = {result.id for result in turns[place].results}
    for turn in reversed(turns[max(0, place - LOOKED_BACK) : place]):
        if any(call.id in ids for call in turn.calls):
            return "\n".join(call.arguments for call in turn.calls if call.id in ids)
    return ""


def originals(request: Request, branch: Branch, exchange: str) -> dict[str, bytes]:
    """The raw items that this exchange's event replaced, by the number of their turn."""
    made, turns = branch.checkpoint, talk(request).turns
    if made is None or made.made != exchange:
        return {}
    stays = {*made.kept, *range(head(turns))}
    places = (place for place in range(made.since, made.start) if place not in stays)
    return {f"{place}{branch.fork}": raw(request.body, turns[place]) for place in places}


def frame(request: Request) -> int:
    """Tokens of instructions, tools and other fields, roughly: all bytes that are not the conversation's."""
    turns = talk(request).turns
    first = turns[min(head(turns), len(turns) - 1)]
    return (len(request.body) - (turns[-1].span[1] - first.span[0])) // BYTES_PER_TOKEN


def raw(body: bytes, turn: Turn) -> bytes:
    """A turn's item as the client wrote it."""
    return body[turn.span[0] : turn.span[1]]
