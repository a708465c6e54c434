"""The meter believes only the bytes it is given.

They must not know a policy or a proxy; a token is a word here.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.consolidate.meter import continues, leaves
from benchmarks.consolidate.spoken import FORMS
from tests.benchmarks.consolidate.recorded import HISTORY, SYSTEM, TOOLS, assistant, body, meter, user

PLACES = (2, 4, 6, 9)


@pytest.mark.parametrize("form", FORMS)
def test_the_full_history_is_all_there(form: str) -> None:
    """Nothing smaller, nothing lost, no event, no fault."""
    full = meter(form)
    for place in full.spoken.session.asked:
        full.take(place, full.spoken.body(place))
    asked = list(full.asked.values())
    assert [each.sent for each in asked] == [each.full for each in asked]
    assert not any(each.event or each.faults for each in asked)
    assert sum(each.values for each in asked) == sum(each.kept for each in asked) == 3


def test_tokens_leave_out_system_text_and_tools() -> None:
    """Five words of the user, then a call: its name, its argument's two words, and four of its result."""
    full = meter()
    assert full.take(2, full.spoken.body(2)) == 5 + 2
    assert full.take(4, full.spoken.body(4)) == 5 + (1 + 2) + 4 + 2
    assert [(each.full, each.system) for each in full.asked.values()] == [(5, 2), (12, 2)]


def test_a_state_hidden_in_system_text_counts() -> None:
    """Only the client's own system text is free."""
    told = meter()
    more = {"role": "system", "content": "Be brief. State: three more words"}
    told.take(2, body(more, HISTORY[1]))
    told.take(4, body(SYSTEM, {"role": "developer", "content": "two words"}, *HISTORY[1:4]))
    assert [each.sent - each.full for each in told.asked.values()] == [4, 2]


def test_a_value_that_is_gone_is_missed() -> None:
    """`W123` and `250.0` stood in the first result, three items before the reply; `unheard of` nowhere."""
    told = meter()
    told.take(6, body(SYSTEM, user("W123 was found"), HISTORY[5]))
    (asked,) = told.asked.values()
    assert (asked.values, asked.kept) == (2, 1)
    assert [(each.value, each.tool, each.argument, each.age) for each in told.missed] == [("250.0", "look", "total", 3)]


def test_a_changed_beginning_is_an_event() -> None:
    """What comes anew counts as rewritten, less what the client has just said."""
    told = meter()
    told.take(2, body(*HISTORY[:2]))
    told.take(4, body(*HISTORY[:4]))
    told.take(6, body(SYSTEM, user("All in short"), HISTORY[5]))
    assert [each.event for each in told.asked.values()] == [False, False, True]
    assert [each.rewritten for each in told.asked.values()] == [0, 0, 0]
    told.take(9, body(SYSTEM, user("All anew"), *HISTORY[4:9]))
    assert told.asked[9].event
    assert told.asked[9].rewritten == 2 + 3 + 5


def test_other_tools_are_an_event() -> None:
    """Providers cache tools before messages: with other tools nothing is read from the cache."""
    told = meter()
    told.take(2, body(*HISTORY[:2]))
    told.take(4, body(*HISTORY[:4], tools=[*TOOLS, *TOOLS]))
    assert told.asked[4].event


def test_other_spelling_is_an_event() -> None:
    """The same JSON in other bytes is another prefix."""
    told = meter()
    told.take(2, body(*HISTORY[:2]))
    told.take(4, json.dumps({"messages": HISTORY[:4], "model": "gpt-4o", "tools": TOOLS}).encode())
    assert told.asked[4].event


def test_what_cannot_be_read_is_a_fault() -> None:
    """Half a body is no request."""
    told = meter()
    told.take(2, b'{"messages":[{"role"')
    assert "not a chat request" in told.asked[2].faults[0]


@pytest.mark.parametrize(
    ("before", "now", "whether"),
    [
        ('["a"', '["a","b"', True),
        ('["a"', '["a"', True),
        ("[1", "[12", False),
        ('["a"', '["b"', False),
        ("[", "[1", True),
    ],
)
def test_an_array_continues_another(before: str, now: str, whether: bool) -> None:
    """A whole member follows a comma; a longer number is another number."""
    assert continues(before, now) is whether


def test_leaves_are_strings_and_numbers_as_they_stand() -> None:
    """From three characters on, through objects and arrays; truth values and null are no literals."""
    arguments = '{"who":{"id":"x_1","n":12},"paid":[250.00,{"at":"2024-05-15"}],"ok":true,"none":null}'
    assert list(leaves(arguments)) == [("who.id", "x_1"), ("paid", "250.00"), ("paid.at", "2024-05-15")]
    assert list(leaves("{")) == []


@given(st.recursive(st.text(min_size=3), lambda below: st.lists(below) | st.dictionaries(st.text(), below)))
def test_every_text_is_a_leaf(value: object) -> None:
    """Whatever the nesting, no string is passed over."""

    def texts(below: object) -> list[str]:
        if isinstance(below, str):
            return [below]
        inside = list(below.values()) if isinstance(below, dict) else below if isinstance(below, list) else []
        return [text for each in inside for text in texts(each)]

    assert [text for _, text in leaves(json.dumps(value))] == texts(value)


def test_a_call_of_nothing_is_measured_too() -> None:
    """Arguments that are no JSON hold no values."""
    messages = (SYSTEM, user("Go."), assistant(None, ("a", "not JSON")), *HISTORY[7:8])
    told = meter(messages=messages)
    told.take(2, told.spoken.body(2))
    assert told.asked[2].values == 0
