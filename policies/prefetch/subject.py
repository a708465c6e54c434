"""Whose request it is, and whether it can be foretold what follows it.

It must not know what is learned of it.
"""

from policies.prefetch.lesson import Agent
from proxy.exchange import Exchange, Request

FORMS = ("chat", "responses", "messages")


def readable(request: Request) -> bool:
    """Whether the request holds its whole history and offers tools."""
    conversation = request.conversation
    if request.form not in FORMS or conversation is None or not conversation.tools:
        return False
    return not any(conversation.fields.get(name) for name in ("previous_response_id", "conversation"))


def agent_of(exchange: Exchange) -> Agent:
    """Whose sessions teach this one."""
    request = exchange.asked or exchange.request
    tools = request.conversation.tools if request.conversation else ()
    return Agent(request.caller, exchange.session.agent, tools)
