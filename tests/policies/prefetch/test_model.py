"""A model of an agent."""

import json
from time import process_time

from policies.prefetch.model import Model
from tests.policies.prefetch.shop import ID, after, call, schooled, visit


def test_whole_calls_are_foretold() -> None:
    """Of a customer never seen, all arguments and all."""
    model, lines = schooled(), visit(40, 2)
    foretold = [model.foretell(after(lines[:count])).calls[0].call.key for count in (1, 3, 5, 7)]
    assert foretold == [each.key for each in made(lines)][:4]


def test_few_sessions_are_enough() -> None:
    """Eight of them, for an agent that works alike."""
    model, lines = schooled(8), visit(40, 2)
    foretold = [model.foretell(after(lines[:count])).calls[0].call.key for count in (1, 3, 5, 7)]
    assert foretold == [each.key for each in made(lines)][:4]


def test_it_survives_the_store() -> None:
    """What the store gives back foretells the same."""
    model, state = schooled(), after(visit(40)[:5])
    again = Model(json.loads(json.dumps(model.json())))
    one, other = model.foretell(state), again.foretell(state)
    assert [each.call.key for each in one.calls] == [each.call.key for each in other.calls]
    assert all(abs(one.labels[name] - other.labels[name]) < 0.02 for name in one.labels)


def test_nothing_is_known_at_first() -> None:
    """And nothing foretold."""
    assert Model().foretell(after(visit(1)[:5])).calls == ()


def test_probabilities_add_up() -> None:
    """Over labels to one, over calls to one at most."""
    forecast = schooled().foretell(after(visit(40)[:5]))
    assert abs(sum(forecast.labels.values()) - 1) < 1e-6
    assert sum(each.p for each in forecast.calls) < 1.001


def test_a_forecast_is_cheap_late_in_a_session() -> None:
    """At 200 turns it costs what it costs at 10."""
    model, state = schooled(), after(visit(40, 3)[:7])
    early = cost(model, state)
    for number in range(200):
        state.heard_user(f"And order #W{number}999, please?")
        state.called(call("get_order", order_id=f"#W{number}999"), read_only=True, id=ID)
        state.answered(ID, json.dumps({"order_id": f"#W{number}999", "status": "pending"}))
    assert cost(model, state) < 20 * early


def cost(model: Model, state: object) -> float:
    """Processor seconds of a forecast, the least of some."""
    costs = []
    for _ in range(5):
        began = process_time()
        model.foretell(state)  # type: ignore[arg-type]
        costs.append(process_time() - began)
    return min(costs)


def made(lines: list) -> list:  # type: ignore[type-arg]
    """The calls of a session."""
    return [each for line in lines for each in line.calls]
