"""Edits: one field or one cut changes, every other byte stays.

It must not know any wire form.
"""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from proxy.wire import Malformed
from proxy.wire.document import members
from proxy.wire.edit import set_field, splice

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = st.sampled_from(["model", "messages", "a", 'quo"te', "back\\slash", "ünï", "🐎", "\ud800", ""])
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["}", "]", '\\"', "model"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
SPACES = st.sampled_from(["", " ", "\n  ", "\t\r\n"])


@st.composite
def objects(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, str]]]:
    """A JSON object as bytes, in any spacing and spelling, names repeated; and its members as written."""
    pieces, written = [], []
    for name in draw(st.lists(NAMES, max_size=5)):
        key = (
            json.dumps(name)
            if draw(st.booleans())
            else '"' + "".join(f"\\u{ord(c):04x}" for c in name if ord(c) < 0x10000) + '"'
        )
        value = json.dumps(draw(VALUES), indent=draw(st.none() | st.just(1)), ensure_ascii=draw(st.booleans()))
        value = value.encode("utf-8", "replace").decode()
        written.append((json.loads(key), value))
        gaps = [draw(SPACES) for _ in range(4)]
        pieces.append(gaps[0] + key + gaps[1] + ":" + gaps[2] + value + gaps[3])
    return (draw(SPACES) + "{" + (",".join(pieces) or draw(SPACES)) + "}" + draw(SPACES)).encode(), written


@calm
@given(objects())
def test_members(made: tuple[bytes, list[tuple[str, str]]]) -> None:
    """Every member is found under its name, exactly where it stands."""
    body, written = made
    assert [(name, body[start:end].decode()) for name, (start, end) in members(body)] == written


@calm
@given(objects(), NAMES.filter(lambda name: name != "\ud800"), st.integers())
@example((b'{"mod\\u0065l": "a", "x": {"model": 1}}', []), "model", 3)
@example((b'{"model":1,"model":12 }', []), "model", 3)
@example((b'\xef\xbb\xbf{"model": NaN}', []), "model", 3)
@example((b"{ }", []), "model", 3)
def test_set_field(made: tuple[bytes, list[tuple[str, str]]], name: str, value: int) -> None:
    """The field has its new value, the others theirs, and the bytes around it are the same."""
    body, _ = made
    before: dict[str, Any] = json.loads(body)
    raw = str(value).encode()
    after = set_field(body, name, raw)
    expected = {**before, name: value}
    assert repr(json.loads(after)) == repr(expected)
    if name in before:
        start, end = [span for member, span in members(body) if member == name][-1]
        assert after == body[:start] + raw + body[end:]
    else:
        assert set(after) - set(body) <= set(json.dumps({name: value}, ensure_ascii=False).encode()) | set(b",\\")
        brace = body.rindex(b"}")
        assert after.startswith(body[:brace])
        assert after.endswith(body[brace:])


@pytest.mark.parametrize(
    "body", [b"", b"[1]", b"{", b'{"a" 1}', b'{"a":1', b'{"a":[}', b'{"a":1 2}', b'{"a":}x', b'"{"']
)
def test_no_object(body: bytes) -> None:
    """What is no JSON object is refused."""
    with pytest.raises(Malformed, match="not a JSON object"):
        set_field(body, "b", b"1")


@calm
@given(st.binary(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=5)), max_size=5))
def test_splice(body: bytes, wishes: list[tuple[int, bytes]]) -> None:
    """Cuts take the place of what they cover, in any order; the rest stays."""
    places = sorted({min(at, len(body)) for at, _ in wishes})
    cuts = [(start, end, b"<" + new + b">") for (start, end), (_, new) in zip(pairwise(places), wishes, strict=False)]
    expected, cursor = b"", 0
    for start, end, new in cuts:
        expected, cursor = expected + body[cursor:start] + new, end
    assert splice(body, cuts[::-1]) == expected + body[cursor:]


def test_splice_overlap() -> None:
    """Two cuts through the same bytes contradict each other."""
    with pytest.raises(ValueError, match="overlaps"):
        splice(b"0123456789", [(0, 5, b""), (4, 6, b"")])
    with pytest.raises(ValueError, match="leaves"):
        splice(b"0123", [(2, 5, b"")])


def test_inserts_keep_their_order() -> None:
    """Two insertions at one place stand in the order in which they were given."""
    assert splice(b"ab", [(1, 1, b"1"), (1, 1, b"2")]) == b"a12b"
