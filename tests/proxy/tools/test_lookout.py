"""Which replies are listened to, and for whom."""

import json
from collections.abc import AsyncIterator

import pytest

from proxy.conversation import Conversation, ToolCall
from proxy.exchange import Exchange, Reply, Request, Session
from proxy.tools import Owner
from proxy.tools.catalogue import Catalogue, Listing
from proxy.tools.emitted import Emitted
from proxy.tools.lookout import Lookout
from proxy.wire.forms import Forms
from tests.live.replies import delta, tool_call

FORMS = Forms()
NOTHING: tuple[bytes, ...] = ()
STREAM = ((b"content-type", b"text/event-stream; charset=utf-8"),)


async def nothing() -> AsyncIterator[bytes]:
    for each in NOTHING:
        yield each


def exchange(*tools: str) -> Exchange:
    request = Request("POST", "/v1/chat/completions", form="chat", caller="me", conversation=Conversation(tools=tools))
    return Exchange("x", request, Session("s1"))


def looking() -> tuple[Lookout, Emitted]:
    catalogue = Catalogue({"shop": Listing(({"name": "read"},))})
    emitted = Emitted(lambda: catalogue, lambda: 0.0)
    return Lookout(emitted, FORMS.named), emitted


def test_calls_of_the_servers_tools_are_noted_for_the_session() -> None:
    """The client's own are not."""
    lookout, emitted = looking()
    feed = lookout(exchange("read", "bash"), Reply(200, STREAM, nothing()))
    assert feed is not None
    for index, name in enumerate(("bash", "read")):
        call = tool_call(index, '{"key": "a"}', f"c{index}", name)
        feed(f"data: {json.dumps(delta(tool_calls=[call]))}\n\n".encode())
    assert [(held.owner, held.id) for held in emitted.waiting(Owner("me", "s1"))] == [(Owner("me", "s1"), "c1")]


@pytest.mark.parametrize(
    ("asked", "status"),
    [(exchange(), 200), (exchange("read"), 429), (Exchange("x", Request("GET", "/"), Session("s")), 200)],
)
def test_replies_without_tool_calls_cost_nothing(asked: Exchange, status: int) -> None:
    """No tools on offer, an error, a request that was not read."""
    lookout, _ = looking()
    assert lookout(asked, Reply(status, STREAM, nothing())) is None


def test_the_same_call_is_noted_once() -> None:
    """However often it is told."""
    _, emitted = looking()
    for _ in range(2):
        emitted.hear(Owner("me", "s1"), ToolCall("c1", "read", "{}"))
    assert len(emitted) == 1
