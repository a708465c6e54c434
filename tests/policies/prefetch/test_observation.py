"""Observations as they are told."""

import json

from policies.prefetch.model import Model
from policies.prefetch.observation import Observation
from tests.policies.prefetch.shop import after, call, schooled, visit


def test_it_survives_being_told() -> None:
    """A model that is told of a step learns what it would have learned itself."""
    state, made = after(visit(40)[:5]), call("get_order", order_id="#W400777")
    one, other = schooled(6), schooled(6)
    seen = one.observation(state, made)
    one.learn(seen)
    other.learn(Observation.read(json.loads(json.dumps(list(seen)))))
    assert json.dumps(one.json()) == json.dumps(other.json())


def test_long_values_are_not_told() -> None:
    """A summary is no constant, and nobody's business."""
    seen = Model().observation(after(visit(1)), call("transfer", summary="long " * 40))
    assert seen.arguments == {"summary": ""}
