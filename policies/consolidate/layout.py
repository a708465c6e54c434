"""Writes a request with a checkpoint in it: items cut out, one put in, every other byte as the client wrote it.

It must not know what a checkpoint says or when one is made. The item is the same in all three forms: a user message
with text (Chat Completions, Responses and Messages all read it).
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from policies.consolidate.asides import Inserted, cuts_of
from policies.consolidate.ledger import Checkpoint
from policies.consolidate.seams import head
from policies.consolidate.smaller import smaller
from policies.inner.documents import object_of
from policies.inner.splicing import Cut, json_of, spliced
from proxy.conversation import Turn

RESULT = {"chat": "content", "responses": "output"}
"""Where a tool result's text stands in an item; in Messages it stands in blocks."""


def condensed(
    body: bytes,
    turns: Sequence[Turn],
    checkpoint: Checkpoint | None,
    small: Mapping[int, bytes],
    beside: Sequence[Cut] = (),
    asides: Sequence[Inserted] = (),
    form: str = "chat",
) -> bytes:
    """The body with the checkpoint in the place of what it replaces, these items instead of theirs, and what was said
    aside where it was said.

    `small` holds raw items by the number of their turn, `beside` is cut too.
    """
    cuts: list[Cut] = [*beside, *((*turns[place].span, item) for place, item in small.items())]
    if checkpoint is not None:
        start = turns[checkpoint.start].span[0]
        cuts += _gaps(turns, checkpoint)
        cuts.append((start, start, item_of(checkpoint.text) + b","))
    for one in asides:
        if sent(checkpoint, one.place):
            follows = sent(checkpoint, one.place - 1) and not (checkpoint and one.place == checkpoint.start)
            cuts += cuts_of(form, body, turns, one, follows=follows)
    return spliced(body, cuts)


def sent(checkpoint: Checkpoint | None, place: int) -> bool:
    """Whether the turn of that number is sent as it is, instructions aside."""
    return checkpoint is None or place >= checkpoint.start or place in checkpoint.kept


def item_of(text: str) -> bytes:
    """The checkpoint as an item."""
    return json_of({"role": "user", "content": text})


def _gaps(turns: Sequence[Turn], checkpoint: Checkpoint) -> list[Cut]:
    """The bytes of the turns that are replaced, with the commas behind them: a cut for each run."""
    stays = [*range(head(turns)), *checkpoint.kept, checkpoint.start]
    runs = pairwise([-1, *stays])
    return [(turns[last + 1].span[0], turns[place].span[0], b"") for last, place in runs if place > last + 1]


class Small(NamedTuple):
    """An item with its tool results in fewer words."""

    item: bytes
    text: str
    """The results, joined by a newline."""


@lru_cache(maxsize=512)
def shrunk(raw: bytes, form: str, asked: str = "", told: tuple[tuple[int, str], ...] = ()) -> Small | None:
    """An item with its tool results made smaller without loss; None when nothing is gained or it cannot be done.

    `asked`: the arguments of the calls that are answered. `told`: what is said instead of single results, by their
    place in the item.
    """
    item = object_of(raw)
    if item is None:
        return None
    holders = _holders(item, form)
    texts = [text for holder, name in holders if isinstance(text := holder.get(name), str)]
    instead = dict(told)
    less = [instead.get(place) or smaller(text, asked) for place, text in enumerate(texts)]
    if len(texts) != len(holders) or not any(less):
        return None
    said = [small or text for small, text in zip(less, texts, strict=True)]
    for (holder, name), text in zip(holders, said, strict=True):
        holder[name] = text
    return Small(json_of(item), "\n".join(said))


def _holders(item: dict[str, Any], form: str) -> list[tuple[dict[str, Any], str]]:
    """What holds the texts of tool results in an item, and by which name."""
    if form in RESULT:
        return [_holder(item, RESULT[form])]
    blocks = item.get("content")
    if not isinstance(blocks, list):
        return []
    results = (block for block in blocks if isinstance(block, dict) and block.get("type") == "tool_result")
    return [_holder(block, "content") for block in results]


def _holder(item: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """Where the text of a result stands: in the item itself, or in the only part of its content."""
    content = item.get(name)
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        return content[0], "text"
    return item, name
