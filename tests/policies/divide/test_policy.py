"""`divide/MODEL` in a house whose engine, store and forms are real: who is asked, what is refused, what is told."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from policies.divide import Divide, Limits, Point, Wishes
from proxy.exchange import Reply, Request
from tests.policies.ensemble.table import READ, last, said
from tests.proxy.house import House, Place

pytestmark = pytest.mark.anyio
JSON = (b"content-type", b"application/json")
ASK = "How much does box 77 hold?"
LINES = "\n".join(
    f"Box {number} holds {number * 7} pounds of oats, and stands in row {number % 9}." for number in range(300)
)
LONG = f"{ASK}\n\n{LINES}"


@dataclass
class Reader(Place):
    """A model that finds the box in what it is told, if it is not told too much; a planner that only thinks."""

    most: int = 8_000

    async def send(self, request: Request, *, pinned: str = "") -> Reply:
        self.heard.append(request)
        words = last(request)
        line = next((line for line in words.splitlines() if line.startswith("Box 77 ")), "")
        told = "I cannot read all that." if len(words) > self.most else line or "NOTHING"
        return Reply(200, (JSON,), _once(said(request.model, told).body), "place")


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def chat(model: str = "divide/small", text: str = LONG) -> Request:
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    return READ(Request("POST", "/v1/chat/completions", (JSON,), json.dumps(body).encode(), caller="me"))


def house(**wishes: Any) -> House:
    told = {"size": 1_000, "planner": "-", **wishes}
    return House([Divide(Wishes(**told))], place=Reader())


async def answer(made: House, request: Request) -> dict[str, Any]:
    _, body = await made.ask(request)
    found: dict[str, Any] = json.loads(body)
    return found


def reasons(made: House) -> str:
    return "; ".join(note.reason for note in made.told[-1].notes)


async def test_what_one_call_cannot_read_is_read_in_parts() -> None:
    """The answer is right where the model alone was wrong; the usage is that of all calls."""
    made = house()
    found = await answer(made, chat())
    assert found["choices"][0]["message"]["content"].startswith("Box 77 holds 539 pounds")
    assert len(made.place.heard) > 4
    assert {request.model for request in made.place.heard} == {"small"}
    assert found["usage"]["prompt_tokens"] == 10 * len(made.place.heard)
    assert "parts of 1000 tokens (as set), instructions: default" in reasons(made)
    assert made.told[-1].figures["divide.parts"] == len(made.place.heard) - 1
    alone = await answer(house(), chat("small"))
    assert alone["choices"][0]["message"]["content"] == "I cannot read all that."


async def test_what_is_short_goes_whole() -> None:
    """To the model of the name, and once."""
    made = house()
    await answer(made, chat(text=f"{ASK}\n\n{LINES[:900]}"))
    assert [request.model for request in made.place.heard] == ["small"]
    assert "whole: nothing in it is long" in reasons(made)
    made = house(size=0)
    await answer(made, chat())
    assert len(made.place.heard) == 1
    assert "no more than a part" in reasons(made)


async def test_over_a_limit_without_the_name() -> None:
    """Any single model's request is divided from there on, and none below it; a planner writes first."""
    made = house(over=3_000, planner="big")
    await answer(made, chat("small"))
    assert len(made.place.heard) > 4
    assert made.place.heard[0].model == "big"
    made = house(over=30_000)
    await answer(made, chat("small"))
    assert len(made.place.heard) == 1


async def test_the_curve_says_no() -> None:
    """Flat and low: the task's own noise, which parts would not mend."""
    points = [Point(tokens, 0.1, 0.05, 0.15) for tokens in (500, 4_000)]
    made = house(size=0, curve=lambda _shared, _agent, _model: points)
    await answer(made, chat())
    assert len(made.place.heard) == 1
    assert "parts would not mend that" in reasons(made)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("divide", "no model is named"),
        ("divide/", "no model is named"),
        ("divide/goa:one,two", "goa:one,two is itself no single model"),
        ("divide/auto/cheap", "auto/cheap is itself no single model"),
        ("divide/divide/small", "divide/small is itself no single model"),
    ],
)
async def test_what_is_no_single_model_is_refused(model: str, why: str) -> None:
    """400 in the API's shape, and nobody is asked."""
    made = house(virtual=("goa", "auto"))
    answered, body = await made.ask(chat(model))
    error = json.loads(body)["error"]
    assert answered.reply.status == 400
    assert why in error["message"]
    assert error["code"] == "invalid_divide"
    assert made.place.heard == []


async def test_the_work_is_looked_at() -> None:
    """What the manager made of the notes, beside the client; the report is in the session's memory."""
    seen: list[Any] = []

    def look(notes: Any, said: str) -> dict[str, Any]:
        seen.append((list(notes), said))
        return {"attribution": "aggregator"}

    made = house(examined=look)
    await answer(made, chat())
    await made.engine.aclose()
    ((notes, said),) = seen
    assert sum(note.startswith("Box 77") for note in notes) == 1
    assert said.startswith("Box 77")


async def test_a_budget() -> None:
    """Beyond it no more workers are asked; with too few parts read the model gets the whole."""
    made = house(limits=Limits(at_once=1, tokens=20))
    found = await answer(made, chat())
    assert found["choices"][0]["message"]["content"] == "I cannot read all that."
    assert "parts were read" in reasons(made)
