"""What a request needs."""

import json
from typing import Any

from policies.routing.need import Need
from proxy.exchange import Request
from proxy.reader import Reader
from proxy.wire.forms import Forms


def need(path: str, body: dict[str, Any]) -> Need:
    """Of a body as it comes in."""
    read = Reader(Forms(0), most=1 << 20)
    return Need.of(read(Request("POST", path, body=json.dumps(body).encode())))


def test_a_plain_question_needs_little() -> None:
    """Words only: a few tokens, no tools, nothing but text."""
    found = need("/v1/chat/completions", {"model": "auto", "messages": [{"role": "user", "content": "Who is there?"}]})
    assert found.asks == frozenset()
    assert 0 < found.tokens < 50
    assert not found.tools
    assert found.modalities == frozenset()
    assert not found.bound


def test_pictures_and_tools_are_seen_in_each_form() -> None:
    """An image of the Chat and of the Responses form; a tool on offer."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
    chat = {"model": "auto", "messages": [{"role": "user", "content": [{"type": "text", "text": "See?"}, image]}]}
    tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
    found = need("/v1/chat/completions", {**chat, "tools": [tool]})
    assert found.tools
    assert found.modalities == {"image"}
    asked = {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": "https://x/y.png"}]}
    assert need("/v1/responses", {"model": "auto", "input": [asked]}).modalities == {"image"}


def test_state_elsewhere_binds() -> None:
    """A response that only its maker knows."""
    assert need("/v1/responses", {"model": "auto", "input": "go on", "previous_response_id": "resp_1"}).bound
