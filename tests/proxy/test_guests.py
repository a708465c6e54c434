"""The guests are asked in order, and a tool of theirs is offered in the request."""

import json
from typing import Any

import pytest

from proxy.exchange import Exchange
from proxy.policy import Decision, OwnTool
from tests.proxy.house import House, guest, request

pytestmark = pytest.mark.anyio


def tool(name: str = "seek") -> OwnTool:
    """A tool that finds everything."""
    return OwnTool(name, "Seeks.", {"type": "object"}, lambda arguments: "found")


async def test_each_sees_what_the_one_before_has_made() -> None:
    """The request with the first one's tool in it; all tools reach the upstream, in order."""
    seen: list[bytes] = []

    def second(exchange: Exchange) -> Decision:
        seen.append(exchange.request.body)
        return Decision("second", tool=tool("signal"))

    house = House([guest("one", prepare=lambda _: Decision("first", tool=tool())), guest("two", prepare=second)])
    await house.ask()
    assert b'"seek"' in seen[0]
    tools: list[Any] = json.loads(house.place.heard[0].body)["tools"]
    assert [each["function"]["name"] for each in tools] == ["seek", "signal"]


async def test_a_request_that_cannot_hold_a_tool_goes_without() -> None:
    """And the policy is blamed, not the client."""
    asked = request()
    odd = asked.but(body=asked.body[:-1] + b',"tools":7}')
    house = House([guest("one", prepare=lambda _: Decision("offered", tool=tool()))])
    await house.ask(odd)
    assert house.place.heard[0].body == odd.body
    assert [note.kind for note in house.told[0].notes] == ["decision", "fault"]


async def test_a_provider_that_refuses_the_tool_is_asked_without_it() -> None:
    """As with every change that a policy makes."""
    house = House([guest("one", prepare=lambda _: Decision("offered", tool=tool()))])
    house.place.statuses = [400]
    answered, _ = await house.ask()
    assert answered.reply.status == 200
    assert b"tools" in house.place.heard[0].body
    assert b"tools" not in house.place.heard[1].body


async def test_a_model_that_a_policy_names_answers() -> None:
    """Only the name in the body is another. Refused, the request goes again without what others changed, under that
    name still: nobody serves the one it came with."""
    one = request()
    other = one.body[:-1] + b',"odd":1}'
    odd = guest("odd", prepare=lambda exchange: Decision("odd", request=exchange.request.but(body=other)))
    house = House([odd, guest("named", prepare=lambda _: Decision("b will do", model="b"))])
    house.place.statuses = [400]
    await house.ask(one)
    named = [heard.body.replace(b'"b"', b'"gpt-4o"') for heard in house.place.heard]
    assert named == [other, one.body]
    assert all(b'"b"' in heard.body for heard in house.place.heard)
