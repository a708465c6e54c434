"""Items changed and items put behind, in three forms; no other byte is touched."""

import json

import pytest

from policies.inner.splicing import changed, json_of, spliced
from proxy.exchange import Request
from proxy.reader import Reader
from proxy.wire.forms import Forms

READ = Reader(Forms(0), most=1 << 20)


def request(body: bytes, path: str = "/v1/chat/completions", **more: bytes) -> Request:
    """As it is read on the road."""
    headers = tuple((name.encode(), value) for name, value in more.items())
    return READ(Request("POST", path, headers, body))


def test_cuts_do_not_overlap() -> None:
    """In any order; an insertion is a cut of nothing."""
    assert spliced(b"abcdef", [(4, 5, b"X"), (1, 1, b"_"), (1, 3, b"")]) == b"a_dXf"
    with pytest.raises(ValueError, match="overlaps"):
        spliced(b"abcdef", [(1, 4, b""), (3, 5, b"")])


def test_other_bytes_stay() -> None:
    """Spaces, unknown fields, numbers as they were written."""
    body = b'{ "model":"m", "messages" : [ {"role":"user","content":"a"} , {"role":"user","content":"b"}\n], "t":1.50 }'
    got = changed(request(body), {0: b'{"role":"user","content":"A"}'}, [("assistant", "c"), ("user", "é")])
    assert got.body == (
        b'{ "model":"m", "messages" : [ {"role":"user","content":"A"} , {"role":"user","content":"b"},'
        b'{"role":"assistant","content":"c"},{"role":"user","content":"' + "é".encode() + b'"}\n], "t":1.50 }'
    )
    assert got.origin


def test_the_last_item_may_be_changed_too() -> None:
    """And have others behind it."""
    got = changed(request(b'{"messages":[{"role":"user","content":"a"}]}'), {0: b"1"}, [("user", "b")])
    assert json.loads(got.body)["messages"] == [1, {"role": "user", "content": "b"}]


def test_a_text_as_the_whole_input() -> None:
    """It stays one where nothing is put behind it, and becomes a message beside others."""
    asked = request(b'{"model":"m","input":"a"}', "/v1/responses")
    assert json.loads(changed(asked, {0: b'"b"'}).body)["input"] == "b"
    assert json.loads(changed(asked, {}, [("assistant", "c")]).body)["input"] == [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "c"},
    ]


def test_what_cannot_be_changed() -> None:
    """No conversation, an empty one, a compressed body."""
    for one in (Request("POST", "/v1/embeddings"), request(b'{"messages":[]}')):
        with pytest.raises(ValueError, match="nothing that can be"):
            changed(one, {})
    whole = request(b'{"messages":[{"role":"user","content":"a"}]}')
    with pytest.raises(ValueError, match="nothing that can be"):
        changed(whole.but(headers=((b"content-encoding", b"gzip"),)), {})


def test_broken_surrogates_stay_escaped() -> None:
    """UTF-8 cannot hold them."""
    assert json.loads(json_of({"a": "\ud800"})) == {"a": "\ud800"}
