"""Whose request it is, and whether it can be foretold what follows."""

from policies.prefetch.subject import agent_of, readable
from tests.benchmarks.prefetch.recorded import messages
from tests.policies.prefetch.shop import visit
from tests.policies.prefetch.test_prefetch import exchange


def test_a_request_with_its_history_and_tools() -> None:
    """Others are left alone."""
    items = messages(visit(1))
    whole = exchange(items[:2], items[2])
    assert readable(whole.request)
    assert not readable(whole.request.but(form="embeddings"))
    assert not readable(whole.request.but(conversation=None))
    assert not readable(exchange(items[:2], items[2], tools=[]).request)


def test_an_agent_is_its_caller_its_name_and_its_tools() -> None:
    """As the client sent them, whatever policies made of the request."""
    items = messages(visit(1))
    asked = exchange(items[:2], items[2])
    agent = agent_of(asked)
    assert (agent.caller, agent.name, len(agent.tools)) == ("me", "clerk", 4)
    assert agent_of(asked.but(request=asked.request.but(conversation=None))) == agent
