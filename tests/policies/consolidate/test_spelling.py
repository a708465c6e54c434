"""One value spelled and read again: bare where it is clear, as JSON where it is not."""

import pytest
from hypothesis import given

from policies.consolidate.spelling import (
    LINE,
    Json,
    Number,
    joined_keys,
    meant,
    parsed,
    quoted,
    read,
    read_key,
    spelled,
    spelled_key,
    written,
)
from tests.policies.consolidate.documents import exactly, keys, strings, texts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("words here", "words here"),
        ("it's 5:30", "it's 5:30"),
        ('say "hi"', 'say "hi"'),
        ("C:\\dir", "C:\\dir"),
        ("007", "007"),
        ("+49 2421", "+49 2421"),
        ("a,b", '"a,b"'),
        ("12", '"12"'),
        ("-1.5e3", '"-1.5e3"'),
        ("true", '"true"'),
        ("", '""'),
        (" x", '" x"'),
        ("x\n", '"x\\n"'),
        ("[x", '"[x"'),
        ("x]", '"x]"'),
        ("`x`", '"`x`"'),
        (Number("1.0"), "1.0"),
        (True, "true"),
        (None, "null"),
        (["a", Number("1"), []], "[a,1,[]]"),
        ({"a b": "c", "d.e": {}}, '{a b:c,"d.e":{}}'),
    ],
)
def test_a_value_is_bare_where_that_is_clear(value: Json, expected: str) -> None:
    """What could be taken for something else stands in quotes."""
    assert spelled(value) == expected
    found, end = read(expected, 0)
    assert (found, type(found), end) == (value, type(value), len(expected))


def test_the_rest_of_a_line_may_hold_commas() -> None:
    """Nothing follows that they could part it from."""
    assert spelled("1 Main St, Apt 2 [rear]", LINE) == "1 Main St, Apt 2 [rear]"
    assert spelled("[rear]", LINE) == '"[rear]"'


@given(strings)
def test_a_string_comes_back_to_the_letter(text: str) -> None:
    """Alone, in an array, as the rest of a line."""
    values: tuple[Json, ...] = (text, [text, text], {text: text})
    for value in values:
        assert read(spelled(value) + ",", 0)[0] == value
    line = spelled(text, LINE)
    assert (meant(line) if line[0] not in '"[{' else read(line, 0)[0]) == text
    assert type(read(spelled(text), 0)[0]) is str


@given(keys)
def test_a_key_ends_where_it_ends(key: str) -> None:
    """Whatever may follow a key."""
    for after in (":", "[2]", ".b", "=c", ",", "{", "}"):
        assert read_key(spelled_key(key) + after, 0) == (key, len(spelled_key(key)))


def test_a_path_is_dotted() -> None:
    """A dot inside a key is in quotes."""
    assert joined_keys(("prices", "basic economy", "v1.0")) == 'prices.basic economy."v1.0"'


@given(texts)
def test_json_comes_back_from_what_was_parsed(text: str) -> None:
    """No number is spelled anew, no key moves."""
    assert exactly(written(parsed(text))) == exactly(text)
    assert len(written(parsed(text))) <= len(text)


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', "NaN", "[Infinity]", "{a: 1}", ""])
def test_what_is_not_strictly_json_is_refused(text: str) -> None:
    """A value that was said twice, or is no JSON number, would not come back."""
    with pytest.raises(ValueError, match=r"twice|not JSON|Expecting"):
        parsed(text)


@pytest.mark.parametrize("text", ["[a", "{a:b", "[a}", '"a', "{:b}", "{a,b}"])
def test_half_a_value_is_refused(text: str) -> None:
    """The reader does not guess."""
    with pytest.raises(ValueError, match=r"no |Unterminated"):
        read(text, 0)


def test_quotes_escape_no_more_than_they_must() -> None:
    """Letters of every script stand as they are."""
    assert quoted('ü/東"\n') == '"ü/東\\"\\n"'
