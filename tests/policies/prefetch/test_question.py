"""What a model is asked."""

import json
import re

import pytest

from policies.prefetch.history import Trace
from policies.prefetch.language import parse
from policies.prefetch.question import MOST_CHARS, TASK, asked, question
from proxy.exchange import Request
from tests.policies.prefetch.shop import schooled
from tests.policies.prefetch.test_history import trace


def test_the_example_in_it_is_a_program() -> None:
    """The language that is told is the one that is read."""
    example = json.loads(TASK[TASK.index("Example: ") + len("Example: ") :])
    assert len(parse(example["programs"][0]).rules) == 3


def test_it_tells_sources_and_no_values() -> None:
    """Tools with where their arguments stood; sessions with the sources of each argument."""
    told = question(schooled(), [trace(number) for number in range(20, 26)])
    assert "get_order, called" in told
    assert re.search(r"order_id from [^;\n]*get_user:orders\[\] \d+/\d+", told)
    assert re.search(r"agent calls get_order\(order_id = \"#\w+\" from [^)]*get_user:orders\[\]", told)
    assert "find_user: " in told
    assert not re.search(r"W2\d\d777|mia2|example\.com", told.partition("SESSION 1")[2])


def test_it_has_a_bound() -> None:
    """However long the sessions are."""
    long = Trace("s", [["user", "a word " * 30] for _ in range(400)])
    assert len(question(schooled(2), [long] * 8)) < MOST_CHARS + 10_000


@pytest.mark.parametrize(
    ("form", "model", "fields"),
    [
        ("chat", "gpt-4o", {"model", "messages", "max_tokens"}),
        ("chat", "openai/gpt-5-mini", {"model", "messages", "max_completion_tokens"}),
        ("responses", "gpt-5", {"model", "input", "max_output_tokens", "store"}),
        ("messages", "claude-next", {"model", "messages", "max_tokens"}),
    ],
)
def test_it_goes_in_the_form_of_the_agents_own_requests(form: str, model: str, fields: set[str]) -> None:
    """With its credentials, and without what was meant for the client's own request."""
    headers = ((b"authorization", b"Bearer k"), (b"idempotency-key", b"1"))
    request = asked(Request("POST", "/v1/x", headers, b"{}", form=form, stream=True), model, "Q", "A", "Again")
    body = json.loads(request.body)
    assert body.keys() == fields
    assert [each["role"] for each in body.get("messages", body.get("input"))] == ["user", "assistant", "user"]
    assert (request.model, request.stream, request.headers) == (model, False, headers[:1])
