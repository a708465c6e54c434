"""A request's body with some of its items changed and some put behind them; all other bytes stay as they were.

It must not know what is changed, or why.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from proxy.conversation import Turn
from proxy.exchange import Request

Cut = tuple[int, int, bytes]
"""Bytes of a body, from and to, and what stands there instead."""


def spliced(body: bytes, cuts: Iterable[Cut]) -> bytes:
    """The body with these cuts made. Raises `ValueError` where two of them overlap."""
    pieces: list[bytes] = []
    cursor = 0
    for start, end, instead in sorted(cuts, key=lambda cut: cut[:2]):
        if start < cursor:
            raise ValueError(f"the cut {start}:{end} overlaps another one")
        pieces += (body[cursor:start], instead)
        cursor = end
    pieces.append(body[cursor:])
    return b"".join(pieces)


def changed(request: Request, items: Mapping[int, bytes], behind: Sequence[tuple[str, str]] = ()) -> Request:
    """The request with other raw items in the place of turns, by their number, and behind them more of them: role and
    text. Raises `ValueError` where there is no conversation to change."""
    turns = request.turns
    if not turns or request.header(b"content-encoding"):
        raise ValueError("nothing that can be changed")
    more = [json_of({"role": role, "content": text}) for role, text in behind]
    cuts = [(*turns[number].span, item) for number, item in items.items() if number != len(turns) - 1]
    last = items.get(len(turns) - 1, raw(request, turns[-1]))
    if more and last.startswith(b'"'):
        # In Responses a text may stand for the only item; beside others it must be one.
        last = b"[" + b",".join((json_of({"role": "user", "content": json.loads(last)}), *more)) + b"]"
    else:
        last = b",".join((last, *more))
    body = spliced(request.body, [*cuts, (*turns[-1].span, last)])
    return request.but(body=body, conversation=None, origin=request.origin or turns[-1].strict)


def raw(request: Request, turn: Turn) -> bytes:
    """A turn's item, as it stands in the body."""
    return request.body[turn.span[0] : turn.span[1]]


def json_of(value: Any) -> bytes:
    """JSON as UTF-8; broken surrogates, which UTF-8 cannot hold, stay escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
