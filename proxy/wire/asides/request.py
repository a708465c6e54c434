"""The request's side of asides: one more tool, more items at the end, both spliced into the body.

It must not know a wire form beyond the name of a field.
"""

from collections.abc import Sequence

from proxy.wire.document import members
from proxy.wire.edit import set_field, splice


def with_tool(body: bytes, tool: bytes) -> bytes:
    """The body with a raw tool at the end of its `tools`, or with `tools` where it has none.

    Raises `Malformed` when the body is no JSON object, `ValueError` when `tools` is no array.
    """
    span = next((span for name, span in reversed(members(body)) if name == "tools"), None)
    if span is None or body[span[0] : span[1]] == b"null":
        return set_field(body, "tools", b"[" + tool + b"]")
    return splice(body, [appended(body, span, [tool])])


def with_items(body: bytes, field: str, items: Sequence[bytes]) -> bytes:
    """The body with raw items at the end of its array `field`; a conversation given as a string becomes its first item.

    Raises `Malformed` when the body is no JSON object, `ValueError` when it has no such field.
    """
    span = next((span for name, span in reversed(members(body)) if name == field), None)
    if span is None:
        raise ValueError(f"the body has no {field}")
    if body[span[0] : span[0] + 1] == b'"':
        first = b'{"role":"user","content":' + body[span[0] : span[1]] + b"}"
        return splice(body, [(*span, b"[" + b",".join((first, *items)) + b"]")])
    return splice(body, [appended(body, span, items)])


def appended(body: bytes, span: tuple[int, int], items: Sequence[bytes]) -> tuple[int, int, bytes]:
    """The cut that puts items right behind the last one of the array at `span`. Raises `ValueError` for no array."""
    if body[span[0] : span[0] + 1] != b"[":
        raise ValueError(f"no array at {span[0]}")
    inside = body[span[0] + 1 : span[1] - 1].rstrip()
    end = span[0] + 1 + len(inside)
    joined = b",".join(items)
    return end, end, b"," + joined if inside else joined
