"""A small shop with an agent that always works alike, as dialogues for the tests of prefetching."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from policies.prefetch.calls import Call
from policies.prefetch.fields import spelled
from policies.prefetch.gate import Gate
from policies.prefetch.model import Model
from policies.prefetch.state import State
from policies.prefetch.watch import Step, Watch, learn

READS = frozenset(("find_user", "get_user", "get_order"))
ID = "call_1"
PEOPLE = ("mia", "noah", "emma", "liam", "ava", "omar", "ines", "yuki", "ravi", "zoe", "karl", "lena")


def call(name: str, **arguments: Any) -> Call:
    """A call as it is compared."""
    return Call(name, {key: spelled(value) for key, value in arguments.items()})


class Line(NamedTuple):
    """What is said: by the user, by the model (`says`, or calls), or by a tool to the call before."""

    user: str = ""
    says: str = ""
    calls: tuple[Call, ...] = ()
    result: str = ""


def visit(number: int, orders: int = 2) -> list[Line]:
    """A customer who wants to cancel the last order."""
    person = PEOPLE[number % len(PEOPLE)]
    mail, user = f"{person}{number}@example.com", f"{person}_{number}{number}"
    ids = [f"#W{number}{each}777" for each in range(orders)]
    lines = [
        Line(user=f"Hi, I want to cancel an order. My e-mail is {mail}."),
        Line(calls=(call("find_user", email=mail),)),
        Line(result=user),
        Line(calls=(call("get_user", user_id=user),)),
        Line(result=json.dumps({"user_id": user, "name": person, "orders": ids})),
    ]
    for each in ids:
        lines += [
            Line(calls=(call("get_order", order_id=each),)),
            Line(result=json.dumps({"order_id": each, "status": "pending", "items": [{"item_id": each[2:]}]})),
        ]
    return [
        *lines,
        Line(says="Shall I cancel the last one? Please confirm."),
        Line(user="Yes, please."),
        Line(calls=(call("cancel_order", order_id=ids[-1], reason="no longer needed"),)),
        Line(result='{"status": "cancelled"}'),
        Line(says="It is cancelled."),
    ]


def hear(state: State, line: Line) -> bool:
    """Takes in what was said to the model; whether it was said to the model."""
    if line.user:
        state.heard_user(line.user)
    elif line.result:
        state.answered(ID, line.result)
    return bool(line.user or line.result)


def watched(model: Model, lines: Sequence[Line], gate: Gate | None = None) -> Iterator[tuple[Step, Line, Watch]]:
    """A session played: before each thing that the model says, what was foretold; it learns from it afterwards."""
    watch, gate = Watch(), gate or Gate()
    for line in lines:
        if hear(watch.state, line):
            continue
        step = watch.foretell(model, READS.__contains__, gate)
        yield step, line, watch
        for case, used in watch.launch(step):
            model.uses.learn(case, used=used)
        for each in line.calls:
            learn(model, watch.call(model, each, READS.__contains__, ID)[0])
        learn(model, watch.end(model, line.says, called=bool(line.calls)))


def schooled(visits: int = 12) -> Model:
    """A model that has seen so many customers."""
    model = Model()
    for number in range(visits):
        for _ in watched(model, visit(number, 1 + number % 3)):
            pass
    return model


def after(lines: Sequence[Line]) -> State:
    """The state after these."""
    state = State()
    for line in lines:
        if hear(state, line):
            continue
        for each in line.calls:
            state.called(each, read_only=each.name in READS, id=ID)
        if not line.calls:
            state.replied(line.says)
    return state
