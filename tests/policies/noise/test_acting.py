"""Dialogues with the plan before an aggregator's reply: what it wishes, what it comes to, and what if it breaks."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from policies.noise.acting import Case, acted
from policies.noise.aggregation import Reading, noted
from policies.noise.amending import judged
from proxy.conversation import ToolCall, Turn
from proxy.exchange import Completion, Usage
from proxy.policy import Call, Decision, Failure, Journal, Refusal, Say, Together, Work
from tests.policies.noise.asking import items, request, user
from tests.policies.noise.team import AGGREGATE, WORKERS

FALSE = AGGREGATE.replace("85 employees", "58 employees")
TOLD = "Join.\n\n" + "\n\n".join(WORKERS)
CALL = ToolCall("1", "f", "{}")
GONE = Failure("status 500", Completion(500, usage=Usage(7, 0)))


def entries(workers: Any = WORKERS) -> list[Any]:
    """What they have left in the journal."""
    found = [noted(Reading(f"e{n}", f"s{n}", f"a{n}", "", 1.0, "", text), 2.0) for n, text in enumerate(workers)]
    return [each for each in found if each]


def case(action: str, *, told: str = TOLD, holds: bool = True, affords: bool = True) -> Case:
    """An aggregator's request."""
    asked = request([user(told)])
    return Case(asked, Reading("e", "s", "editor", "", 9.0, told, ""), action, holds, affords)


def reply(text: str, **more: Any) -> Completion:
    """A model's."""
    given = {"body": text.encode(), "turns": (Turn("assistant", text),), "usage": Usage(100, 10), "cost": 0.5}
    return Completion(200, **{**given, **more})


class Road:
    """Fulfils wishes, and keeps what was said and asked."""

    def __init__(self, *replies: Completion | Failure, journal: Any = None, breaks: Any = ()) -> None:
        self.replies = [*replies]
        self.journal = entries() if journal is None else journal
        self.breaks = breaks
        """Functions that raise."""
        self.calls: list[Call] = []
        self.said: list[Say] = []
        self.worked: list[Callable[..., Any]] = []

    def carry(self, case: Case) -> Any:
        """What the plan comes to."""
        plan = acted(case)
        answer: Any = None
        try:
            while True:
                answer = self.fulfil(plan.send(answer))
        except StopIteration as stop:
            return stop.value

    def fulfil(self, wish: Any) -> Any:
        """As the engine does."""
        match wish:
            case Together():
                return tuple(self.fulfil(each) for each in wish.wishes)
            case Journal():
                return self.journal
            case Work():
                self.worked.append(wish.function)
                if wish.function.__name__ in self.breaks:
                    return Failure("it broke")
                try:
                    return wish.function(*wish.arguments)
                except Exception as fault:
                    return Failure(str(fault))
            case Call():
                self.calls.append(wish)
                return self.replies.pop(0)
        self.said.append(wish)
        return None


@pytest.mark.parametrize("journal", [[], entries()[:1], Failure("slow")])
def test_without_workers_nothing_is_computed(journal: Any) -> None:
    """Nobody, one, a journal that does not answer: declined before anything is done."""
    road = Road(journal=journal)
    assert isinstance(road.carry(case("repair")), Decision)
    assert not road.worked
    assert not road.calls


def test_the_readers_own_outputs_are_no_workers() -> None:
    """A session that goes on costs nothing."""
    own = [each | {"output": [each["output"][0], "s", *each["output"][2:]]} for each in entries()]
    road = Road(journal=own)
    assert isinstance(road.carry(case("repair")), Decision)
    assert not road.worked


def test_who_quotes_nobody_is_not_held() -> None:
    """The plain way."""
    road = Road()
    assert isinstance(road.carry(case("repair", told="Write something about bridges, and make it long.")), Decision)
    assert not road.calls


def test_annotate() -> None:
    """The reply, and what was lost in words without content."""
    road = Road(reply(FALSE))
    assert road.carry(case("annotate")).body == FALSE.encode()
    (said,) = road.said
    assert said.reason == "made of 5 outputs; changed (aggregator)"
    assert said.facts["tokens"] == 100
    assert not any(word in json.dumps(dict(said.facts)) for word in ("58", "85", "employees"))
    (call,) = road.calls
    assert call.own
    assert call.request == case("annotate").request


def test_repair() -> None:
    """The better reply; the client is told the usage of the other one beside its own."""
    road = Road(reply(FALSE), reply(AGGREGATE, usage=Usage(300, 20)))
    assert road.carry(case("repair")).body == AGGREGATE.encode()
    (said,) = road.said
    assert said.reason == "made of 5 outputs; repaired (1 before); nothing surely lost"
    assert said.facts["bill"][:3] == [1, 100, 10]
    assert said.facts["figures"] == {"extra_calls": 1.0, "extra_usd": 0.5, "repaired": 1.0}
    assert said.facts["first"] == "aggregator"


@pytest.mark.parametrize(
    "second",
    [reply(FALSE), reply(""), reply("Sorry."), GONE, reply(AGGREGATE, turns=(Turn("assistant", AGGREGATE, (CALL,)),))],
)
def test_a_repair_that_is_no_better(second: Any) -> None:
    """The first reply, and both on the bill; a call of a tool in the second is none of the client's."""
    road = Road(reply(FALSE), second)
    assert road.carry(case("repair")).body == FALSE.encode()
    assert "asked again, no better" in road.said[0].reason
    assert road.said[0].facts["bill"][0] == 1
    assert road.said[0].facts["figures"]["extra_calls"] == 1.0


def test_nobody_is_asked_again_without_need_or_means() -> None:
    """A good reply; no calls left for today."""
    road = Road(reply(AGGREGATE))
    assert road.carry(case("repair")).body == AGGREGATE.encode()
    road = Road(reply(FALSE))
    assert road.carry(case("repair", affords=False)).body == FALSE.encode()
    assert "today's calls are spent" in road.said[0].reason


def test_refuse() -> None:
    """An error that names places; the report goes on to the page, by a way that nobody records."""
    road = Road(reply(FALSE))
    refused = road.carry(case("refuse"))
    assert isinstance(refused, Refusal)
    assert refused.status == 422
    assert "changed: '58' (answer), '85' (output 2)" in refused.message
    (said,) = road.said
    assert said.facts["refused"]
    report = json.loads(said.texts[0])
    assert report["findings"][0]["evidence"][0]["text"] == "58"
    assert Road(reply(AGGREGATE)).carry(case("refuse")).status == 200


def test_prepare() -> None:
    """What is sent has each output once; a stream goes by the tail, and as it came if that is refused."""
    twice = f"{TOLD}\n\n{WORKERS[0]}"
    road = Road(reply(AGGREGATE))
    road.carry(case("prepare", told=twice))
    assert items(road.calls[0].request)[0]["content"].count(WORKERS[0]) == 1
    road = Road()
    tail = road.carry(case("prepare", told=twice, holds=False))
    assert isinstance(tail, Call)
    assert items(tail.request)[0]["content"].count(WORKERS[0]) == 1
    assert tail.instead == (case("prepare", told=twice).request,)
    assert road.said[0].reason == "made of 5 outputs; 1 repeated; not examined"
    assert isinstance(Road().carry(case("prepare", holds=False)), Decision)


@pytest.mark.parametrize("broken", ["team_of", "prepared", "judged", "asked_again"])
@pytest.mark.parametrize("action", ["annotate", "prepare", "repair", "refuse"])
def test_whatever_breaks_the_client_has_its_reply(broken: str, action: str) -> None:
    """The plain one, and never two calls where one is there already."""
    road = Road(reply(AGGREGATE if action == "refuse" else FALSE), reply(FALSE), breaks=(broken,))
    came = road.carry(case(action))
    assert isinstance(came, Completion | Decision)
    assert isinstance(came, Decision) == (broken == "team_of")
    assert not isinstance(came, Completion) or came.body in (FALSE.encode(), AGGREGATE.encode())


@pytest.mark.parametrize("first", [GONE, Failure("cut short"), reply("x", body=b"")])
def test_a_first_call_that_fails(first: Any) -> None:
    """The client gets what comes of the request as it is without the plan."""
    road = Road(first)
    assert isinstance(road.carry(case("repair")), Decision)


def test_calls_of_tools_are_not_examined() -> None:
    """The aggregator has not answered yet."""
    called = reply("I look it up.", turns=(Turn("assistant", "I look it up.", (CALL,)),))
    road = Road(called)
    assert road.carry(case("repair")) is called
    assert judged not in road.worked
