"""JSON as an outline: what it looks like, what stands in it word for word, what is left alone."""

import json

import pytest
from hypothesis import given

from policies.consolidate.expanded import expanded
from policies.consolidate.outline import outline
from tests.policies.consolidate.documents import exactly, texts, words


def test_an_object_reads_as_lines_and_tables() -> None:
    """Every form there is, as a model sees it."""
    text = """{"status": "active", "zip": "02134", "code": "12", "total": 1.50, "none": null, "tags": ["a", "b c"],
      "address": {"city": "D\\u00fcren", "line": "1 Main St, Apt 2"}, "empty": {}, "no": [],
      "flights": [{"number": "HAT069", "from": "JFK", "price": {"low": 121, "high": 1e3}},
                  {"number": "HAT083", "from": "JFK", "price": {"low": 94, "high": 200}}],
      "cards": {"c1": {"id": "c1", "brand": "visa"}, "c2": {"id": "c2"}, "c3": {"id": "c3", "brand": "master"}},
      "seats": {"12A": {"free": true}, "12B": {"free": false}},
      "notes": [{"title": "one", "by": {"name": "Ann"}}, {"text": "two"}],
      "log": "first line\\nsecond \\"line\\"\\n\\tthird\\nfourth\\nfifth\\nsixth\\nseventh\\neighth line"}"""
    made = outline(text)
    assert made == (
        'status:active\nzip:02134\ncode:"12"\ntotal:1.50\nnone:null\ntags:[a,b c]\n'
        "address:\n city:Düren\n line:1 Main St, Apt 2\nempty:{}\nno:[]\n"
        "flights[2]{number,from=JFK,price.low,price.high}:\n HAT069,121,1e3\n HAT083,94,200\n"
        "cards[3] by id{id,brand}:\n c1,visa\n c2,\n c3,master\n"
        "seats[2] by (key){(key),free}:\n 12A,true\n 12B,false\n"
        "notes[2]:\n-title:one\n by:\n  name:Ann\n-text:two\n"
        'log:```\nfirst line\nsecond "line"\n\tthird\nfourth\nfifth\nsixth\nseventh\neighth line\n```'
    )
    assert exactly(expanded(made)) == exactly(text)


def test_arrays_of_arrays_share_one_header() -> None:
    """Each inner array begins with a dash."""
    text = '[[{"to": "LGA", "seats": 3}, {"to": "PHL", "seats": 4}], [{"to": "ORD", "seats": -5}]]'
    made = outline(text)
    assert made == "[2][]{to,seats}:\n-LGA,3\n PHL,4\n-ORD,-5"
    assert exactly(expanded(made)) == exactly(text)


def test_records_inside_records_take_the_shorter_form() -> None:
    """Rows whose cells would hold long arrays of objects become a list with tables in it."""
    bills = [
        {
            "bill": bill,
            "line_items": [{"description": "kilowatt hours", "amount": at, "price": bill} for at in range(6)],
        }
        for bill in (1, 2)
    ]
    made = outline(json.dumps(bills))
    assert made is not None
    assert made.startswith("[2]:\n-bill:1\n line_items[6]{description=kilowatt hours,amount,price=1}:\n  0\n  1\n")
    assert made.count("description") == 2


@given(texts)
def test_every_value_stands_word_for_word(text: str) -> None:
    """A later tool argument is looked for as a part of the text: what was found in JSON is found in the outline."""
    made = outline(text)
    if made is None:
        return
    for word in words(exactly(text)):
        is_plain = len(word) >= 3 and json.dumps(word, ensure_ascii=False) == f'"{word}"'
        assert not is_plain or word in made


@given(texts)
def test_making_it_again_gives_the_same(text: str) -> None:
    """The bytes sent upstream never depend on chance."""
    assert outline(text) == outline(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "12.0",
        '"text"',
        "null",
        "{}",
        "[]",
        '{"a": 1} and more',
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": 1}}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": "\\ud800"}',
        '{"\\ud800": 1}',
        '{"a": 01}',
        "[" * 100_000,
        "[" * 900 + "]" * 900,
    ],
    ids=lambda text: text[:12],
)
def test_what_cannot_come_back_is_left_alone(text: str) -> None:
    """No outline for what is no JSON, says a thing twice, or cannot be sent."""
    made = outline(text)
    assert made is None or exactly(expanded(made)) == exactly(text)
    assert made is None or text.startswith("[[")
