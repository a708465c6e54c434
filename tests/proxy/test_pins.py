"""Pins: state that one upstream made is carried on by that upstream alone."""

from typing import Any

import pytest

from proxy.conversation import Conversation, Turn
from proxy.exchange import Exchange, Request, Session
from proxy.pins import pinned

MEMORY: dict[str, Any] = {"session": {"pin": "east"}}


def exchange(conversation: Conversation | None, path: str = "/v1/responses", memory: Any = MEMORY) -> Exchange:
    return Exchange("x", Request("POST", path, conversation=conversation), Session("s"), memory=memory)


@pytest.mark.parametrize("field", ["previous_response_id", "conversation"])
def test_references_to_stored_state_are_pinned(field: str) -> None:
    """`previous_response_id` and `conversation` mean something to their maker only."""
    assert pinned(exchange(Conversation(fields={field: "resp_1"}))) == "east"


def test_sealed_items_are_pinned() -> None:
    """Encrypted and signed items can be read by the account that made them."""
    assert pinned(exchange(Conversation((Turn("reasoning", opaque=True),)))) == "east"


def test_a_response_by_its_path_is_pinned() -> None:
    """Retrieve, cancel and input items go where the response is."""
    assert pinned(exchange(None, "/v1/responses/resp_1/cancel")) == "east"


def test_what_any_upstream_can_answer_is_free() -> None:
    """A conversation that carries all its words with it is not pinned; nor is a session without a pin."""
    assert pinned(exchange(Conversation((Turn("user", "hello"),)))) == ""
    assert pinned(exchange(None, "/v1/files")) == ""
    assert pinned(exchange(Conversation(fields={"conversation": "c"}), memory={})) == ""
    assert pinned(exchange(Conversation(fields={"conversation": "c"}), memory={"session": {"pin": 7}})) == ""
