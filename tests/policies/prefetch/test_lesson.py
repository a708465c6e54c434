"""What is learned, as the store keeps it."""

import json
from typing import Any

from policies.prefetch import lesson as lessons
from policies.prefetch.gate import Gate
from policies.prefetch.lesson import Agent, beliefs, fold, known, tell
from policies.prefetch.model import Model
from policies.prefetch.watch import Watch
from tests.policies.prefetch.shop import ID, READS, after, hear, visit

SHOP = Agent("caller", "clerk", ("find_user", "get_user", "get_order", "cancel_order"))


def told(visits: int, agent: Agent = SHOP) -> Any:
    """A lesson of so many customers, each step told and folded as on the road: through JSON."""
    lesson: Any = None
    for number in range(visits):
        watch, told = Watch(), []
        for line in visit(number, 1 + number % 3):
            if hear(watch.state, line):
                continue
            model = known(lesson, agent) or Model()
            watch.launch(watch.foretell(model, READS.__contains__, Gate()))
            told += [tell(agent, watch.call(model, call, READS.__contains__, ID)[0]) for call in line.calls]
            told.append(tell(agent, watch.end(model, line.says, called=bool(line.calls))))
        lesson = json.loads(json.dumps(fold(lesson, json.loads(json.dumps(told)))))
    return lesson


def test_what_is_told_is_known() -> None:
    """To this agent, and to no other: not of another caller, not with other tools."""
    lesson, state = told(8), after(visit(40)[:5])
    model = known(lesson, SHOP)
    assert model is not None
    assert model.foretell(state).calls[0].call.values() == {"order_id": "#W400777"}
    for other in (SHOP._replace(caller="else"), SHOP._replace(name="x"), SHOP._replace(tools=("get_order",))):
        assert known(lesson, other) is None


def test_the_order_of_tools_does_not_matter() -> None:
    """A set is a set."""
    assert SHOP.key == SHOP._replace(tools=tuple(reversed(SHOP.tools))).key


def test_people_read_what_is_believed() -> None:
    """By the agent's name, which may hold colons."""
    agent = SHOP._replace(name="clerk:night")
    (found,) = beliefs(told(12, agent), "clerk:night")
    assert found["tools"] == ["cancel_order", "find_user", "get_order", "get_user"]
    assert any("call get_order" in each["text"] for each in found["programs"])
    assert beliefs(told(1), "nobody") == []


def test_the_lesson_stays_within_its_bound(monkeypatch: Any) -> None:
    """The agents heard of longest ago are forgotten."""
    first = told(1)
    monkeypatch.setattr(lessons, "MOST_CHARS", 2 * len(json.dumps(first)))
    lesson = first
    for number in range(6):
        steps = fold(lesson, [[SHOP._replace(name=f"clerk{number}").key, [], []]])
        lesson = fold(steps, [[SHOP._replace(name=f"clerk{number}").key, *tell_one()]])
    assert sum(map(len, lesson["agents"].values())) <= lessons.MOST_CHARS
    assert known(lesson, SHOP._replace(name="clerk5")) is not None


def tell_one() -> list[Any]:
    """What one step teaches, without its agent."""
    return tell(SHOP, Watch().end(Model(), "Hello", called=False))[1:]


def test_what_cannot_be_read_is_learned_anew() -> None:
    """Whatever the store gives."""
    for broken in (None, 3, {"agents": 3}, {"agents": {SHOP.key: "%%%"}}, {"agents": {SHOP.key: "aGk="}}):
        lesson = fold(broken, [tell(SHOP, Watch().end(Model(), "Hello", called=False))])
        assert known(lesson, SHOP) is not None
