"""A choice in words."""

import json

from policies.routing.choice import Candidate, Field
from policies.routing.saying import described, refusal
from proxy.exchange import Request
from proxy.roster import Model

ONE = Candidate(Model("one", "a"), 0.8, 12, 0.0041, 1.25, 0.2)
TWO = Candidate(Model("two", "a"), 0.6, 0, None, 0.0)


def test_what_speaks_for_it_and_for_the_next() -> None:
    """Quality and what it rests on, price, wait, failures; and who was left out."""
    field = Field((ONE, TWO), (("three", "it cannot call tools"), ("four", "tired")), (("four", "tired"),))
    assert described(ONE, field) == (
        "one of 2: quality 0.80 by 12 scores, about $0.0041, 1.2 s, 20% failing; "
        "next two: quality 0.60 by its card, price unknown; without four: tired"
    )
    assert described(TWO, Field((TWO,), ())) == "two of 1: quality 0.60 by its card, price unknown"


def test_a_refusal_has_the_shape_of_its_api() -> None:
    """Messages have one of their own."""
    for form, kind in (("chat", "outrider_error"), ("messages", "invalid_request_error")):
        completion = refusal(Request("POST", "/", form=form), "nobody")
        assert json.loads(completion.body)["error"]["type"] == kind
        assert completion.status == 400
