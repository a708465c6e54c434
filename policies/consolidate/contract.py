"""MEM1's contract: the model writes its state into every reply, and sees nothing older than its last turn.

It must not know sessions, nor what becomes of a reply. After MEM1 (arXiv 2506.15841): what the model is told stands
in the instructions once, in the same bytes at every turn.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from policies.consolidate.seams import LEADING
from policies.consolidate.tags import CLOSE, OPEN
from policies.inner.splicing import Cut, json_of
from proxy.conversation import Turn
from proxy.exchange import Request

CONTRACT = (
    f"Begin every reply, also one that calls tools, with a block {OPEN}...{CLOSE}: your working state. Before your "
    "next turn all older messages are removed. You will then see these instructions, the first task, your latest "
    "block, your last reply and the results of its calls, and nothing else. So the block must hold all that you "
    "need to go on: what is wanted, the user's rules and corrections in the user's own words, what was done and "
    "found out, what failed, what is still open, and every identifier, number, date, name and path that may be "
    "needed again, exactly as it was written. Take over from the last block what still holds, and add what the "
    "newest messages say. The block is removed before anyone reads the reply: after it, go on as if it were not "
    "there, and never speak of it."
)
SPELLED = json_of(CONTRACT)[1:-1]
SHOWN = "Older messages were removed. Your latest working state:"


def told(state: str) -> str:
    """How a state stands in a request."""
    return f"{SHOWN}\n{OPEN}\n{state}\n{CLOSE}"


def holds(request: Request) -> bool:
    """Whether the contract stands in a request."""
    return SPELLED in request.body


def asking(request: Request, turns: Sequence[Turn]) -> list[Cut] | None:
    """The cuts that put the contract behind the instructions of a request; None where there is no place for it."""
    if request.form == "messages":
        return _in_field(request, turns)
    first = turns[0]
    start, end = first.span
    if first.role not in LEADING:
        role = "developer" if request.form == "responses" else "system"
        return [(start, start, json_of({"role": role, "content": CONTRACT}) + b",")]
    item = json.loads(request.body[start:end])
    kind = "input_text" if request.form == "responses" else "text"
    item["content"] = added(item.get("content"), kind)
    return [(start, end, json_of(item))]


def added(content: Any, kind: str = "text") -> Any:
    """Instructions with the contract behind them, as a string or as parts, whatever they were."""
    if isinstance(content, list):
        return [*content, {"type": kind, "text": CONTRACT}]
    return f"{content}\n\n{CONTRACT}" if content else CONTRACT


def _in_field(request: Request, turns: Sequence[Turn]) -> list[Cut] | None:
    """The same for the field `system` of a Messages request, wherever it stands around the messages."""
    fields = request.fields
    body = request.body
    if "system" not in fields:
        brace = body.find(b"{") + 1
        return [(brace, brace, b'"system":' + json_of(CONTRACT) + b",")]
    found = [*_values(body, 0, turns[0].span[0]), *_values(body, turns[-1].span[1], len(body))]
    spans = [span for span, value in found if value == fields["system"]]
    if len(spans) != 1:
        return None
    return [(*spans[0], json_of(added(fields["system"])))]


_NAME = re.compile(rb'"system"[ \t\r\n]*:[ \t\r\n]*')


def _values(body: bytes, start: int, end: int) -> list[tuple[tuple[int, int], Any]]:
    """Where values by the name `system` stand in a stretch of the body, and what they are."""
    found = []
    for name in _NAME.finditer(body, start, end):
        rest = body[name.end() : end].decode("utf-8", "surrogateescape")
        try:
            value, length = json.JSONDecoder().raw_decode(rest)
        except ValueError:
            continue
        size = len(rest[:length].encode("utf-8", "surrogateescape"))
        found.append(((name.end(), name.end() + size), value))
    return found
