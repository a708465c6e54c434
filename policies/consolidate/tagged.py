"""The maker `tagged`: the model's own state stands for everything before its last turn.

It must not know prices, nor how the state was taken out of a reply. After MEM1 (arXiv 2506.15841): a request holds
the task, the last state, the last reply with its results, and nothing else.
"""

from collections.abc import Callable, Sequence

from policies.consolidate.contract import told
from policies.consolidate.event import Parting, is_rule, sizes, weighed
from policies.consolidate.ledger import Branch, Checkpoint
from policies.consolidate.seams import groups, head, seams, untouchable
from proxy.conversation import Turn

RULES = 400
"""Tokens that the user's own rules may take, word for word."""


def noted(branch: Branch, state: str) -> Branch:
    """The branch with the state that the model wrote in reply to its newest request; without one the last stays."""
    if not state:
        return branch
    return branch._replace(written={"start": branch.length, "cut": branch.last, "text": state})


def checkpoint(branch: Branch, turns: Sequence[Turn], count: Callable[[str], int], made: str) -> Checkpoint | None:
    """The newest state in the place of all turns before the reply that bore it, for the exchange of that id.

    None where there is no newer one than stands already, where the reply is not in these turns, or where a call is
    open at that place.
    """
    start, cut = int(branch.written.get("start", 0)), branch.written.get("cut")
    if not branch.start < start < len(turns) or turns[start - 1].strict.hex() != cut:
        return None
    if start not in seams(turns, branch.start):
        return None
    size = sizes(branch, turns, count)
    kept, asked = stays(branch, turns, start, size)
    event = weighed(Parting(start, kept, ()), branch, turns, size)
    text = told(branch.written["text"])
    return Checkpoint(
        start,
        cut,
        kept,
        text,
        {"asked": asked},
        event.kept,
        count(text),
        branch.whole - event.tail,
        branch.start,
        made,
        event.moved,
    )


def stays(branch: Branch, turns: Sequence[Turn], start: int, size: Callable[[int], int]) -> tuple[tuple[int, ...], int]:
    """Which turns before the state stay as they are: the first task, the newest thing the user asked (its place is
    given too; -1: none), rules, and groups that nobody may rewrite."""
    before = branch.checkpoint
    asked = next((place for place in range(start - 1, head(turns) - 1, -1) if _asks(turns[place])), -1)
    first = next((place for place, turn in enumerate(turns[:start]) if turn.role == "user"), -1)
    kept = {place for place in (first, asked) if place >= 0}
    if before is not None:
        passed = {before.known.get("asked")} | {place for place in before.kept if is_rule(turns[place])}
        kept.update(place for place in before.kept if place not in passed)
    for begin, end in groups(turns, max(branch.start, head(turns)), start):
        if any(untouchable(turns[place]) for place in range(begin, end)):
            kept.update(range(begin, end))
    room = RULES
    candidates = [*(before.kept if before else ()), *range(max(branch.start, head(turns)), start)]
    for place in sorted(candidates, reverse=True):
        if place not in kept and is_rule(turns[place]):
            room -= size(place)
            if room < 0:
                break
            kept.add(place)
    return tuple(sorted(kept)), asked


def _asks(turn: Turn) -> bool:
    return turn.role == "user" and not turn.results and bool(turn.text)
