"""Calls as they are compared."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.prefetch.calls import Call
from proxy.conversation import ToolCall

ARGUMENTS = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()))


@settings(deadline=None)
@given(ARGUMENTS)
def test_order_and_spacing_do_not_matter(arguments: dict[str, object]) -> None:
    """Two spellings of the same call are the same call, and its arguments come back."""
    backwards = dict(reversed(arguments.items()))
    one = Call.read(ToolCall("", "f", json.dumps(arguments)))
    other = Call.read(ToolCall("x", "f", json.dumps(backwards, indent=2)))
    assert one is not None
    assert other is not None
    assert one.key == other.key
    assert one.values() == arguments


def test_another_value_is_another_call() -> None:
    """A number is no string, a tool no other tool."""
    keys = {
        call.key
        for name, arguments in (("f", '{"a": 1}'), ("f", '{"a": "1"}'), ("g", '{"a": 1}'), ("f", "{}"))
        if (call := Call.read(ToolCall("", name, arguments)))
    }
    assert len(keys) == 4


def test_what_is_no_object_is_no_call() -> None:
    """Nothing can be compared with it."""
    assert [Call.read(ToolCall("", "f", text)) for text in ("[1]", "{", "null")] == [None, None, None]
