"""A request with its workers' outputs in reverse order, each with the label that stands before it.

It must not know why. Outputs are moved within one text, or as parts of one item, or as items: whatever is moved keeps
its ids.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from policies.inner.splicing import changed, raw
from policies.noise.passages import Item, Place, fresh_items, places
from proxy.exchange import Request

MOST_LABEL = 200
"""Characters before an output that may be its label."""
_BREAK = re.compile(r"[.!?…,;\"'”\u2019)\]*_]*\s*")


def reversed_order(request: Request, workers: Sequence[str]) -> Request | None:
    """The request with these outputs, as they stand in it, in reverse order; None where they cannot be moved without
    moving anything else. Raises `ValueError` for a body that cannot be read."""
    items = fresh_items(request)
    found = places(items, [*dict.fromkeys(workers)])
    there = sorted(each[0] for each in found if each)
    if len(there) < 2 or len(there) < len(found) or any(len(each) > 1 for each in found):
        return None
    turns, texts = {each.turn for each in there}, {each[:2] for each in there}
    if len(texts) == 1:
        item = items[there[0].turn]
        item.put(there[0].text, _in_text(item.texts[there[0].text], there))
        return changed(request, {there[0].turn: item.json()})
    if len(turns) == len(there):
        told = request.turns
        moved = [raw(request, told[each.turn]) for each in reversed(there)]
        return changed(request, {each.turn: one for each, one in zip(there, moved, strict=True)})
    if len(turns) == 1 and len(texts) == len(there):
        return _in_blocks(request, items[there[0].turn], there)
    return None


def _in_text(text: str, there: Sequence[Place]) -> str:
    """Segments of a text in reverse order. A segment is an output with its label: what stands before it since the
    output before, without what ends that one."""
    gaps = [text[one.end : other.begin] for one, other in pairwise(there)]
    blanks = [_BREAK.match(gap) for gap in gaps]
    breaks = [blank.group() if blank else "" for blank in blanks]
    labels = [gap[len(blank) :] for gap, blank in zip(gaps, breaks, strict=True)]
    first = _label(text[: there[0].begin], labels[0])
    segments = [label + text[each.begin : each.end] for label, each in zip((first, *labels), there, strict=True)]
    woven = [segments[-1]]
    for blank, segment in zip(breaks, reversed(segments[:-1]), strict=True):
        woven += (blank, segment)
    return text[: there[0].begin - len(first)] + "".join(woven) + text[there[-1].end :]


def _label(before: str, other: str) -> str:
    """The label of the first output: as many lines before it, and as many words of a line, as the second one's has."""
    lines, words, line = other.count("\n"), len(other.split()), before.rpartition("\n")[2]
    begins = [each.start() for each in re.finditer(r"\S+", line)][-words:]
    found = "\n".join(before.split("\n")[-1 - lines :]) if lines else line[begins[0] :] if words and begins else ""
    return found if len(found) <= MOST_LABEL else ""


def _in_blocks(request: Request, item: Item, there: Sequence[Place]) -> Request | None:
    """Parts of an item's content in reverse order, where each holds one of the outputs and nothing else is said."""
    blocks = item.blocks
    if len(blocks) != len(item.texts):
        return None
    slots = [each.text for each in there]
    moved = [blocks[slot] for slot in reversed(slots)]
    for slot, block in zip(slots, moved, strict=True):
        blocks[slot] = block
    return changed(request, {there[0].turn: item.json()})
