"""The most that calls ahead of one reply could save: a guest that knows what was recorded.

It must not know the proxy beyond a guest's page.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from policies.prefetch.calls import Call
from proxy.conversation import ToolCall
from proxy.exchange import Exchange
from proxy.policy import Decision, Plan, Policy, Tool, ask_all


class Oracle(Policy):
    """Wishes every read of the next reply as soon as its request comes, and nothing besides."""

    name = "oracle"

    def __init__(self, messages: Sequence[Mapping[str, Any]], reads: Collection[str]) -> None:
        self._messages = messages
        self._reads = reads

    def meanwhile(self, exchange: Exchange) -> Decision | None:
        """The reads of the recorded reply, up to its first write."""
        conversation = exchange.request.conversation
        place = len(conversation.turns) if conversation else len(self._messages)
        wishes = []
        for raw in self._messages[place].get("tool_calls") or () if place < len(self._messages) else ():
            function = raw["function"]
            call = Call.read(ToolCall("", function["name"], function["arguments"]))
            if call is None or call.name not in self._reads:
                break
            wishes.append(Tool(call.name, call.values(), window="thinking"))
        return Decision("knows", errand=_wished(wishes), quiet=True) if wishes else None


def _wished(wishes: Sequence[Tool]) -> Plan:
    yield from ask_all(*wishes)
