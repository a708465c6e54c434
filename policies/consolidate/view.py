"""A request seen through its session's branch: what is new in it, and its bytes as they go on.

It must not know marks, money or when something is condensed.
"""

from collections.abc import Callable, Mapping, Sequence

from policies.consolidate.asides import NONE, Inserted
from policies.consolidate.event import measure
from policies.consolidate.layout import Small, condensed, sent, shrunk
from policies.consolidate.ledger import Branch, agrees, mark
from policies.consolidate.repeats import calls_of, named, place_of, reference, repeats
from policies.consolidate.seams import head, unseen
from policies.inner.bodies import PATHS
from policies.inner.splicing import Cut, raw
from proxy.conversation import Conversation, Turn
from proxy.exchange import Request

BYTES_PER_TOKEN = 4


def readable(request: Request, least: int = 2) -> bool:
    """Whether the request's items can be told apart and are the whole of its history, `least` of them."""
    conversation = request.conversation
    if PATHS.get(request.path) != request.form or conversation is None or request.header(b"content-encoding"):
        return False
    if any(conversation.fields.get(name) for name in ("previous_response_id", "conversation")):
        return False
    return len(conversation.turns) >= least and conversation.turns[-1].span[1] > 0


def talk(request: Request) -> Conversation:
    """The request's conversation. Raises `ValueError` when it has none."""
    if request.conversation is None:
        raise ValueError("a request without a conversation")
    return request.conversation


def grown(
    branch: Branch, request: Request, count: Callable[[str], int], asides: Mapping[int, Inserted] = NONE
) -> Branch:
    """The branch with this request in it. Tool results that appear for the first time are made smaller; what was said
    `asides`, by place, counts where it stands."""
    turns = talk(request).turns
    known = branch.length if branch.goes_on(turns) else 0
    small = {place: digest for place, digest in branch.small.items() if agrees(turns, place, digest)}
    same = {name: source for name, source in branch.same.items() if str(place_of(name)) in small}
    branch = branch._replace(small=small, same=same)
    for place in range(max(known, unseen(turns)), len(turns)):
        if turns[place].results and not turns[place].opaque:
            branch = _fewer(branch, request, place)

    def size(place: int) -> int:
        beside = asides[place].tokens if place in asides else 0
        return beside + sized(branch, request, place, count)

    def plain(place: int) -> int:
        return measure(count, turns[place])

    return branch.grown(turns, size, plain if branch.small or asides else None)


def settled(branch: Branch, request: Request, count: Callable[[str], int]) -> Branch:
    """The branch after an event: a result that referred to one that went is written out, where it is the first."""
    before = branch.same
    small = {place: digest for place, digest in branch.small.items() if branch.shows(int(place))}
    branch = branch._replace(small=small, same={})
    sizes = list(branch.sizes)
    for place in sorted({place_of(name) for name in before}):
        if branch.shows(place):
            branch = _fewer(branch, request, place)
            sizes[place - branch.start] = sized(branch, request, place, count)
    return branch._replace(sizes=tuple(sizes))


def _fewer(branch: Branch, request: Request, place: int) -> Branch:
    """The branch with a turn's results in fewer words, where that can be."""
    turns = talk(request).turns
    kept = branch.checkpoint.kept if branch.checkpoint else ()
    equal = repeats(turns, place, (*kept, *range(branch.start, place)), branch.same)
    tried = branch._replace(same={**branch.same, **equal}, small={**branch.small, str(place): mark(turns[place])})
    if less(request, tried, place):
        return tried
    small = {number: digest for number, digest in branch.small.items() if number != str(place)}
    return branch._replace(small=small)


def sized(branch: Branch, request: Request, place: int, count: Callable[[str], int]) -> int:
    """Tokens of a turn as it is sent."""
    fewer, turn = less(request, branch, place), talk(request).turns[place]
    return count(fewer.text) + measure(count, turn._replace(results=())) if fewer else measure(count, turn)


def written(
    request: Request, branch: Branch, beside: Sequence[Cut] = (), asides: Mapping[int, Inserted] = NONE
) -> bytes:
    """The body as the branch has it: between two events the last one's bytes, and what is new; with cuts `beside`."""
    items = {int(place): less(request, branch, int(place)) for place in branch.small}
    fewer = {place: small.item for place, small in items.items() if small}
    said = tuple(asides.values())
    return condensed(request.body, talk(request).turns, branch.checkpoint, fewer, beside, said, request.form)


def hidden(turns: Sequence[Turn], branch: Branch) -> list[int]:
    """Numbers of the turns that are not sent as they are."""
    return [place for place in range(head(turns), branch.start) if not sent(branch.checkpoint, place)]


def less(request: Request, branch: Branch, place: int) -> Small | None:
    """A turn's item with its tool results in fewer words, if the branch has it so."""
    if str(place) not in branch.small:
        return None
    turns = talk(request).turns
    sources = ((index, branch.same.get(named(place, index))) for index in range(len(turns[place].results)))
    told = tuple((index, reference(turns, source)) for index, source in sources if source)
    return shrunk(raw(request, turns[place]), request.form, answered(turns, place), told)


def answered(turns: Sequence[Turn], place: int) -> str:
    """The arguments of the calls that a turn's results answer."""
    return "\n".join(call.arguments for call in calls_of(turns, place, {result.id for result in turns[place].results}))


def originals(request: Request, branch: Branch, exchange: str) -> dict[str, bytes]:
    """The raw items that this exchange's event replaced, by the number of their turn."""
    made, turns = branch.checkpoint, talk(request).turns
    if made is None or made.made != exchange:
        return {}
    stays = {*made.kept, *range(head(turns))}
    places = (place for place in range(made.since, made.start) if place not in stays)
    return {f"{place}{branch.fork}": raw(request, turns[place]) for place in places}


def frame(request: Request) -> int:
    """Tokens of instructions, tools and other fields, roughly: all bytes that are not the conversation's."""
    turns = talk(request).turns
    first = turns[min(head(turns), len(turns) - 1)]
    return (len(request.body) - (turns[-1].span[1] - first.span[0])) // BYTES_PER_TOKEN
