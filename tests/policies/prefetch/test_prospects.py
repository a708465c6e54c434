"""Calls that might be launched, and what became of them."""

import json

from policies.prefetch.prospects import MOST_CASES, PATIENCE, Fates, prospects
from tests.policies.prefetch.shop import READS, after, call, schooled, visit


def test_only_what_may_be_run_ahead() -> None:
    """No write, nothing that was fetched since the last one."""
    model, state = schooled(), after(visit(40, 3)[:9])
    found = prospects(model, state, model.foretell(state), READS.__contains__, {})
    assert {each.call.name for each in found} <= READS
    assert not {each.call.key for each in found} & state.done.keys()
    assert found[0].call.values() == {"order_id": "#W402777"}
    assert found == sorted(found, key=lambda each: -each.p)


def test_fates() -> None:
    """A call is used when it is made, unused when a write comes first, or nothing for long."""
    model, state = schooled(), after(visit(40, 2)[:5])
    found = prospects(model, state, model.foretell(state), READS.__contains__, {})
    fates = Fates()
    assert fates.foretold(found, 1) == []
    fates = Fates(json.loads(json.dumps(fates.json())))
    assert [used for _, used in fates.made(found[0].call, read_only=True)] == [True]
    ended = fates.made(call("cancel_order", order_id="x"), read_only=False)
    assert ended
    assert not any(used for _, used in ended)
    fates.foretold(found, 1)
    assert len(fates.foretold([], 2 + PATIENCE)) == len(found)


def test_a_call_that_is_foretold_again_is_older() -> None:
    """By each forecast, up to those that are remembered."""
    model, state = schooled(), after(visit(40, 3)[:5])
    fates = Fates()
    for age in range(MOST_CASES + 2):
        found = prospects(model, state, model.foretell(state), READS.__contains__, fates.ages())
        assert found[0].case.age == min(age, MOST_CASES)
        fates.foretold(found, age)
