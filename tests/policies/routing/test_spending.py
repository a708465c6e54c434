"""How long replies will be, from the tokens that were seen."""

import json

import pytest

from policies.routing.outcomes import fold
from policies.routing.spending import REPLY_TOKENS, reply_tokens, spent
from proxy.exchange import Completion, Usage

CODING = frozenset({"code"})


def test_only_whole_replies_that_were_counted_teach() -> None:
    """A failure, a reply cut short, one without counts: nothing."""
    usage = Usage(100, 900, reasoning=700)
    found = spent("m", ["code"], Completion(200, usage=usage))
    assert found is not None
    assert found.told() == ["m", ["code"], 900.0, 1.0]
    assert spent("m", [], Completion(200)) is None
    assert spent("m", [], Completion(500, usage=usage)) is None
    assert spent("m", [], Completion(200, usage=usage, whole=False)) is None


def test_a_model_that_thinks_at_length_is_known_by_its_replies() -> None:
    """Nothing seen: the usual. Some replies move it, on their kind of question above all; the lesson is JSON."""
    told = [["m", ["code"], 6_000.0, 1.0]] * 30 + [["m", [], 300.0, 1.0]] * 30
    lesson = json.loads(json.dumps(fold(None, told)))
    assert reply_tokens(None, "m", CODING) == REPLY_TOKENS
    assert reply_tokens(lesson, "n", CODING) == REPLY_TOKENS
    assert reply_tokens(lesson, "m", CODING) > 5_000
    assert reply_tokens(lesson, "m", frozenset()) == pytest.approx(3_150, rel=0.1)
