"""Redaction: what is blotted out, and what is left alone.

It must not know recordings.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.redact import SPELLINGS, Redactor

ALL = Redactor(list(SPELLINGS))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("write to joe.doe+x@mail.example.com, please", "write to [redacted:email], please"),
        ("card 4111 1111 1111 1111 or 4111111111111111 12", "card [redacted:credit_card] or [redacted:credit_card] 12"),
        ("amex 3782-822463-10005.", "amex [redacted:credit_card]."),
        ("call +1 555 123 4567 or (555) 123-4567", "call [redacted:phone] or [redacted:phone]"),
        ("or +4915112345678", "or [redacted:phone]"),
        ("ssn 078-05-1120!", "ssn [redacted:ssn]!"),
        ("use sk-proj-abcdefghijklmnop1234", "use [redacted:api_key]"),
        ("AKIAIOSFODNN7EXAMPLE", "[redacted:api_key]"),
    ],
)
def test_what_is_private_is_named_instead(text: str, clean: str) -> None:
    """Each built-in pattern finds what it is for."""
    assert ALL.text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "on 2024-08-06 at 12:30:45",
        "gpt-4o-2024-08-06",
        "c0ffee00-1234-5678-9abc-def012345678",
        "from 192.168.100.200",
        "000-12-3456 and 666-12-3456",
        "a@b",
        "ask-me-anything-about-this-thing",
        "chatcmpl-9x8y7z6w5v4u3t2s1r0q",
    ],
)
def test_what_only_looks_private_stays(text: str) -> None:
    """Wrong check digits, dates, model names, ids and addresses of machines are left alone."""
    assert ALL.text(text) == text


def test_a_regular_expression_of_the_users_own() -> None:
    """A pattern may be a regular expression; it goes by the name `custom`."""
    assert Redactor([r"ACME-\d+"]).text("order ACME-42") == "order [redacted:custom]"


@pytest.mark.parametrize(
    ("pattern", "words"), [("(", "not a regular expression"), ("emial", "nor one of email"), ("", "nor one of")]
)
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str, words: str) -> None:
    """At start, naming the pattern; a misspelt name is not taken for a regular expression."""
    with pytest.raises(ValueError, match=words):
        Redactor([pattern])


def test_json_stays_json() -> None:
    """Texts and keys are searched, escaped ones too; numbers are not texts."""
    body = rb'{"to": "joe\u0040x.com", "joe@x.com": [1712345678, "4111111111111111"], "n": 12345678901234567890123}'
    assert json.loads(ALL.body(body)) == {
        "to": "[redacted:email]",
        "[redacted:email]": [1712345678, "[redacted:credit_card]"],
        "n": 12345678901234567890123,
    }


def test_a_key_that_stands_twice_hides_nothing() -> None:
    """Of two equal keys a reader sees one; the other must not carry anything past the search."""
    assert b"joe" not in ALL.body(b'{"a":"joe@x.com","a":"fine"}')


@given(JSON, st.integers(0, 4))
def test_a_body_without_matches_keeps_its_bytes(value: object, indent: int) -> None:
    """Spacing, order and number spelling stay where nothing is blotted out."""
    body = json.dumps(value, indent=indent).encode()
    assert Redactor(["\x00never\x00"]).body(body) == body


@given(st.lists(st.text(alphabet="ab", max_size=3), min_size=1, max_size=6), st.data())
def test_a_stream_hides_what_arrives_in_pieces(around: list[str], data: st.DataObject) -> None:
    """However a text is cut into deltas, the address in it is gone, and the rest arrives."""
    text = " ".join([*around, "joe@example.com", *around])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    clean = [json.loads(line[5:]) for line in ALL.body(_stream(pieces)).split(b"\n") if line.startswith(b"data: {")]
    said = "".join(event["choices"][0]["delta"]["content"] for event in clean if event["choices"][0]["index"] == 0)
    assert said == text.replace("joe@example.com", "[redacted:email]")


def _stream(pieces: list[str]) -> bytes:
    """The pieces as deltas of one choice, with those of another between them."""
    events = []
    for piece in pieces:
        for index, content in enumerate((piece, "@")):
            events.append({"object": "chunk", "choices": [{"index": index, "delta": {"content": content}}]})
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"


def test_a_stream_keeps_the_events_that_hide_nothing() -> None:
    """Only changed events are written anew; comments, names and the end stay."""
    stream = (
        b': ping\r\n\r\nevent: x\r\ndata:  {"b" : "fine"}\r\n\r\ndata: {"a":"joe@x.com"}\r\n\r\ndata: [DONE]\r\n\r\n'
    )
    assert ALL.body(stream) == stream.replace(b"joe@x.com", b"[redacted:email]")


def test_bytes_that_are_no_text_are_searched_too() -> None:
    """An upload with audio in it keeps its bytes but for the match."""
    assert ALL.body(b"\xff\x00 joe@x.com \xfe") == b"\xff\x00 [redacted:email] \xfe"


def test_json_too_deep_to_search_is_withheld() -> None:
    """Nothing is recorded unsearched."""
    assert b"joe" not in ALL.body(b"[" * 900 + b'"joe@x.com"' + b"]" * 900)
