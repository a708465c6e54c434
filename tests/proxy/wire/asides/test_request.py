"""Tools and items spliced into a request: everything else stays as it was written."""

import json

import pytest

from proxy.wire import Malformed
from proxy.wire.asides.request import with_items, with_tool

TOOL = b'{"name":"seek"}'


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"a": 1}', b'{"a": 1,"tools":[{"name":"seek"}]}'),
        (b"{}", b'{"tools":[{"name":"seek"}]}'),
        (b'{"tools": [],  "a": 1}', b'{"tools": [{"name":"seek"}],  "a": 1}'),
        (b'{"tools": null}', b'{"tools": [{"name":"seek"}]}'),
        (b'{"tools": [ {"name": "x"} ] }', b'{"tools": [ {"name": "x"},{"name":"seek"} ] }'),
        (b'{"m": [{"tools": []}], "tools": [1]}', b'{"m": [{"tools": []}], "tools": [1,{"name":"seek"}]}'),
    ],
)
def test_a_tool_comes_last(body: bytes, wanted: bytes) -> None:
    """Where there are tools, and where there are none; never inside of something else."""
    assert with_tool(body, TOOL) == wanted


def test_what_holds_no_array_is_refused() -> None:
    """The request then goes without the tool."""
    with pytest.raises(ValueError, match="no array"):
        with_tool(b'{"tools": {"a": 1}}', TOOL)
    with pytest.raises(Malformed):
        with_tool(b"[]", TOOL)


def test_items_come_last() -> None:
    """Right behind the last one, with the client's own white space after them."""
    assert with_items(b'{"messages": [ 1, 2 ], "x": 3}', "messages", [b"4", b"5"]) == (
        b'{"messages": [ 1, 2,4,5 ], "x": 3}'
    )


def test_a_conversation_that_is_a_string_becomes_an_item() -> None:
    """As the Responses API reads it."""
    body = with_items(b'{"input": "Where?", "x": 3}', "input", [b"4"])
    assert json.loads(body) == {"input": [{"role": "user", "content": "Where?"}, 4], "x": 3}
    with pytest.raises(ValueError, match="no input"):
        with_items(b"{}", "input", [b"4"])
