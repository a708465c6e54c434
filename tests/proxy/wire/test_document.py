"""Reading a body as JSON: what is found where, and what is said when nothing can be read.

It must not know any wire form.
"""

import pytest

from proxy.wire import Malformed
from proxy.wire.document import Document, loads, parse


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":[{"a":1},2,"x"],"model":"m"}',
        b'{"x":{"messages":[1,2]},"messages":[1,2],"y":[1,2]}',
        b'{"messages":[9],"messages" : [ 1 , 2 ] }',
        b'{"x":"[1,2]","messages":[1,2]}',
        b'{"messa\\u0067es":[\n 1,\t2\r\n]}',
        b'{"messages":[]}',
        b'{"tools":[],"messages":[]}',
        b'{"messages":[[[]],[],[]]}',
        b'{"x":{"messages":[1,2]},"messa\\u0067es":[1,2]}',
        b'{"x":"messages","messages":[3]}',
        b'{"x\\"messages":[7],"messages":[8]}',
        b'{"messages" :[1],"model":"m"}',
        b'{"messages":\n [1 , {"a":"]"}\n ]\n}',
        b'{"model":"m","messages": [{"role": "user"}, {"role": "assistant"}]}',
        '{"ü":"ä🐎","messages":["🐎",{"ß":"ü"}],"z":"🐎"}'.encode(),
    ],
)
def test_spans(body: bytes) -> None:
    """Every item's span holds exactly that item, be the array repeated, quoted, empty or spelled with escapes."""
    document = parse(body, "messages")
    assert document.spans is not None
    assert [loads(body[start:end]) for start, end in document.spans] == document.fields["messages"]
    assert loads(body[document.start : document.end]) == document.fields["messages"]


@pytest.mark.parametrize(
    "body", [b'{"a":"\\ud800"}', b'{"a":NaN}', b'\xef\xbb\xbf{"a":1}', b'{"a":1e999}', b'{"a":' + b"9" * 5000 + b"}"]
)
def test_lenient(body: bytes) -> None:
    """What providers take and a strict parser refuses is read, without offsets."""
    document = parse(body, "messages")
    assert not document.sliced
    assert "a" in document.fields


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"a": 1,\n "b" 2}', "line 2, column 6: expecting ':' delimiter, found '2' near"),
        (b'{"a": [1, 2}', r"found '}' near '\"a\": \[1, 2}'"),
        (b'{"a": 1', "found the end of the body"),
        (b"{'a': 1}", 'found "\'"'),
        (b'{"a":"\xff"}', "not valid UTF-8: byte 0xff at offset 6"),
        (b"[1]", "an array"),
        (b'"x"', "a string"),
        (b"12", "a number"),
        (b"null", "null"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    ],
)
def test_malformed(body: bytes, words: str) -> None:
    """The message says where the body ceases to be JSON, what stands there and what was expected."""
    with pytest.raises(Malformed, match=words) as caught:
        parse(body, "messages")
    assert len(str(caught.value)) < 160


def reading(body: bytes) -> Document | str:
    try:
        return parse(body, "messages")
    except Malformed as error:
        return str(error)


@pytest.mark.parametrize("depth", range(300, 1200, 100))
def test_nesting(depth: int) -> None:
    """However deep a body is nested, it is read, read without offsets, or refused: nothing else happens."""
    body = b'{"messages":[' + b"[" * depth + b"]" * depth + b"]}"
    outcome = reading(body)
    assert isinstance(outcome, Document) or "nested" in outcome


def test_loads() -> None:
    """A reply's chunk is read by whichever parser takes it, or by none."""
    assert loads(b'{"a":1}') == {"a": 1}
    assert loads(b'"\\ud83d"') == "\ud83d"
    assert loads(b"{") is None
    assert loads(b"[" * 100_000) is None
