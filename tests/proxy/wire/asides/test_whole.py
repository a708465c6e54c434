"""Replies that are not streamed, joined to one."""

import json
from typing import Any

import pytest

from tests.live.replies import chat, message, response
from tests.proxy.wire.asides.said import ASIDES, OWN


def whole(form: str, name: str, text: str = "Hm.") -> dict[str, Any]:
    """A reply that says a text and calls this tool."""
    if form == "chat":
        function = {"name": name, "arguments": '{"q":"x"}'}
        return chat(text, tool_calls=[{"id": "c1", "type": "function", "function": function}])
    if form == "messages":
        use = {"type": "tool_use", "id": "t1", "name": name, "input": {"q": "x"}}
        return message({"type": "text", "text": text}, use, stop="tool_use")
    made = response(text=text, store=False)
    made["output"].append({"type": "function_call", "call_id": "c1", "name": name, "arguments": '{"q":"x"}'})
    return made


ANSWERS: dict[str, Any] = {"chat": chat(), "messages": message(), "responses": response(id="resp_8", store=False)}


@pytest.mark.parametrize("form", sorted(ASIDES))
def test_replies_that_are_not_ours_pass_byte_for_byte(form: str) -> None:
    """A plain answer, another tool's call, an error, no JSON, nothing."""
    odd = json.dumps(whole(form, "scout"), indent=3).encode()
    for body in (odd, json.dumps(ANSWERS[form]).encode(), b'{"error":{}}', b"<html>", b"[1]", b""):
        joined = ASIDES[form].joined(OWN, events=False)
        assert list(joined.feed(body[:7])) == list(joined.feed(body[7:])) == []
        assert b"".join(joined.over()) == body
        assert joined.wanted is None


@pytest.mark.parametrize("form", sorted(ASIDES))
def test_two_replies_are_one(form: str) -> None:
    """The first one's id, both texts, the usage of both, the last one's end."""
    joined = ASIDES[form].joined(OWN, events=False)
    joined.feed(json.dumps(whole(form, "seek")).encode())
    assert joined.over() == ()
    assert joined.wanted
    assert joined.wanted.calls[0].name == "seek"
    joined.next()
    joined.feed(json.dumps(ANSWERS[form]).encode())
    made = json.loads(b"".join(joined.over()))
    assert made["id"] == whole(form, "seek")["id"]
    assert "seek" not in json.dumps(made)
    said = json.dumps(made)
    assert said.index("Hm.") < said.index("Ahead.")
    first, second = whole(form, "seek")["usage"], ANSWERS[form]["usage"]
    name = "prompt_tokens" if form == "chat" else "input_tokens"
    assert made["usage"][name] == first[name] + second[name]
