"""A request is read back as what was said in it, in each wire form.

They must not know the proxy's readers.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.consolidate.items import Item, Unreadable, plain, read
from benchmarks.consolidate.spoken import FORMS, spoken
from tests.benchmarks.consolidate.recorded import SYSTEM, assistant, body, session, user

TOLD = [
    Item("system", "Be brief."),
    Item("user", "Find the order of mia_li_3668."),
    Item("call", '{"user":"mia_li_3668"}', "a", "look"),
    Item("result", '{"order": "W123", "total": 250.0}', "a"),
    Item("assistant", "Which of them?"),
]


@pytest.mark.parametrize("form", FORMS)
def test_the_three_forms_say_the_same(form: str) -> None:
    """System text, messages, calls and results come out alike, wherever the form keeps them."""
    said = spoken(session(), form, "gpt-4o")
    found = [item._replace(text=item.text.replace(": ", ":")) for item in read(form, said.body(6)).items]
    assert found[:5] == [item._replace(text=item.text.replace(": ", ":")) for item in TOLD]
    assert [item.kind for item in found[5:]] == ["user"]


def test_the_array_is_found_as_it_was_written() -> None:
    """The stretch is the array without its closing bracket; the rest is all around it."""
    got = read("chat", b'{"model":"m", "messages": [ {"role":"user","content":"a \\"messages\\": [b]"} ], "n":1}')
    assert got.stretch == '[ {"role":"user","content":"a \\"messages\\": [b]"} '
    assert got.rest == '{"model":"m", "messages": , "n":1}'


@pytest.mark.parametrize(
    "wrong", [b"", b"[]", b"\xff", b'{"messages":[1]}', b'{"messages":{"a":[]}}', b'{"messages":[]']
)
def test_what_is_no_request_says_so(wrong: bytes) -> None:
    """Half a body, other JSON and other bytes are not measured as if they were empty."""
    with pytest.raises(Unreadable):
        read("chat", wrong)


def test_parts_are_read_by_their_text() -> None:
    """Content may be a string, parts, or nothing at all."""
    assert plain([{"type": "text", "text": "one"}, {"type": "image_url"}, {"text": "two"}]) == "one\ntwo"
    assert plain(None) == ""


@given(st.text(), st.text())
def test_any_text_comes_back(one: str, other: str) -> None:
    """What is written is read, whatever it holds."""
    said = body(SYSTEM, user(one), assistant(other))
    assert [item.text for item in read("chat", said).items] == ["Be brief.", one, other]
