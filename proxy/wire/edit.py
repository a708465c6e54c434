"""Edits of a body's raw bytes that leave every other byte as it was.

It must not know any wire form, and never writes JSON of its own beyond the one member it is asked for.
"""

from collections.abc import Sequence

import orjson

from proxy.wire.document import members

Cut = tuple[int, int, bytes]
"""Start and end offset in the body, and the bytes that take their place."""


def splice(body: bytes, cuts: Sequence[Cut]) -> bytes:
    """The body with each cut's bytes replaced; cuts at the same place keep their order.

    Raises `ValueError` when cuts overlap or leave the body.
    """
    pieces: list[bytes] = []
    cursor = 0
    for start, end, replacement in sorted(cuts, key=lambda cut: cut[:2]):
        if not cursor <= start <= end <= len(body):
            raise ValueError(f"the cut {start}:{end} overlaps another one or leaves the body")
        pieces += (body[cursor:start], replacement)
        cursor = end
    pieces.append(body[cursor:])
    return b"".join(pieces)


def set_field(body: bytes, name: str, raw_value: bytes) -> bytes:
    """The JSON object with its top-level field `name` set to the JSON text `raw_value`; added last when absent.

    Of a repeated name the last one is replaced, which is the one that JSON parsers keep. Raises `Malformed` when the
    body is no JSON object.
    """
    fields = members(body)
    spans = [span for member, span in fields if member == name]
    if spans:
        return splice(body, [(*spans[-1], raw_value)])
    brace = body.find(b"}", fields[-1][1][1] if fields else 0)
    comma = b"," if fields else b""
    return splice(body, [(brace, brace, comma + orjson.dumps(name) + b":" + raw_value)])
