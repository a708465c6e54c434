"""Recordings gone through once more."""

import json

from policies.prefetch.rehearsal import rehearsed
from proxy.conversation import Turn
from proxy.wire.forms import Forms
from tests.benchmarks.prefetch.recorded import messages
from tests.policies.prefetch.shop import READS, visit


def history(number: int) -> tuple[Turn, ...]:
    """A visit as its last request tells it."""
    body = json.dumps({"model": "m", "messages": messages(visit(number, 1 + number % 3))}).encode()
    conversation = Forms().of("POST", "/v1/chat/completions").read(body).conversation
    assert conversation is not None
    return conversation.turns


def test_each_session_is_measured_before_it_teaches() -> None:
    """So one alone gains nothing, and many gain much."""
    one, _ = rehearsed([history(0)], READS.__contains__)
    assert (one.sessions, one.reads, one.served, one.right_call) == (1, 3, 0, 0)
    many, model = rehearsed([history(number) for number in range(24)], READS.__contains__)
    assert many.reads == 96
    assert many.served > 48
    assert many.right_call > 0.5 * many.call_steps
    assert model.steps > 200
