"""The engine: six moments in order, failing open. Real store, real wire forms, guests made for it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest

from policies.session import Session
from proxy.exchange import Completion, Exchange, Request, Usage
from proxy.policy import Budget, Call, Claim, Decision, Failure, Plan, ask, ask_all
from proxy.recording import read
from proxy.store import Changes, Remembered
from proxy.upstreams import UpstreamError
from tests.proxy.house import JSON, House, guest, request, said

pytestmark = pytest.mark.anyio


async def test_without_policies_the_request_goes_through_unchanged() -> None:
    """No policy: the same request object reaches the upstream, its bytes reach the client, sinks hear of it."""
    house = House()
    one = request()
    answered, body = await house.ask(one)
    assert house.place.heard == [one]
    assert body == said("I am gpt-4o")
    assert answered.reply.status == 200
    [exchange] = house.told
    assert exchange.completion is not None
    assert exchange.completion.usage == Usage(10, 3)
    assert exchange.completion.whole
    assert house.place.closed == 1


async def test_moments_come_in_order() -> None:
    """identify, prepare, meanwhile, answer, relay, learn; and a quiet policy changes nothing."""
    heard: list[str] = []

    def note(moment: str) -> Callable[[Any], None]:
        return lambda _subject: heard.append(moment)

    moments = ("learn", "answer", "relay", "meanwhile", "identify", "prepare")
    told: dict[str, Any] = {moment: note(moment) for moment in moments}
    house = House([guest(**told)])
    await house.ask()
    assert heard == ["identify", "prepare", "meanwhile", "answer", "relay", "learn"]


async def test_each_prepare_sees_the_last_ones_request() -> None:
    """Down the list; the prepared request is read again and reaches the upstream; the reasons are told."""

    def to(model: str) -> Callable[[Exchange], Decision]:
        return lambda exchange: Decision(f"{exchange.request.model} to {model}", request=swap(exchange, model))

    def swap(exchange: Exchange, model: str) -> Request:
        body = orjson.loads(exchange.request.body)
        return exchange.request.but(body=orjson.dumps({**body, "model": model}), model=model)

    house = House([guest("first", prepare=to("b")), guest("second", prepare=to("c"))])
    answered, body = await house.ask(request("a"))
    assert body == said("I am c")
    assert answered.exchange is not None
    assert [note.reason for note in answered.exchange.notes] == ["a to b", "b to c"]


@pytest.mark.parametrize("moment", ["identify", "prepare", "answer", "meanwhile", "relay", "learn"])
async def test_a_fault_in_any_moment_never_reaches_the_client(moment: str) -> None:
    """Every moment may raise; the client gets the upstream's bytes, and the fault is noted."""

    def fall(_subject: object) -> None:
        raise RuntimeError("oh no")

    told: dict[str, Any] = {moment: fall}
    house = House([guest(**told)])
    answered, body = await house.ask()
    assert body == said("I am gpt-4o")
    assert answered.reply.status == 200
    assert [note.kind for note in house.told[0].notes] == ["fault"]


async def test_first_answer_wins_and_the_upstream_is_not_asked() -> None:
    """A policy may answer; later ones are not answered by, nor is the pool."""
    first = guest("first", answer=lambda _e: Decision("known", answer=Completion(200, (JSON,), said("cached"))))
    second = guest("second", answer=lambda _e: Decision("late", answer=Completion(500)))
    house = House([first, second])
    _, body = await house.ask()
    assert body == said("cached")
    assert house.place.heard == []


async def test_a_plan_asks_models_and_its_calls_are_children() -> None:
    """A plan's calls are recorded with a purpose and charged to the parent; the tail call streams to the client."""

    def plan(exchange: Exchange) -> Plan:
        answers = yield from ask_all(*(Call(request(model), "node") for model in ("x", "y")))
        assert [answer.body for answer in answers] == [said("I am x"), said("I am y")]
        return Call(request("z"))

    house = House([guest(answer=lambda exchange: Decision("ask three", answer=plan(exchange)))])
    _, body = await house.ask()
    assert body == said("I am z")
    assert [exchange.purpose for exchange in house.told] == ["node", "node", ""]
    session = house.told[-1].session.id
    lines = [read(line) for line in await house.store.recording("me", session)]
    assert [line.purpose for line in lines] == ["node", "node", ""]


async def test_a_child_passes_the_policies_that_care_about_its_purpose() -> None:
    """Purposes choose who sees a child exchange; the ordinary policies do not."""
    seen: list[tuple[str, str]] = []

    def watch(name: str) -> Callable[[Exchange], None]:
        return lambda exchange: seen.append((name, exchange.purpose))

    def plan() -> Plan:
        yield from ask(Call(request("x"), "node"))
        return Call(request("z"))

    house = House(
        [
            guest("clients", prepare=watch("clients")),
            guest("nodes", purposes=("node",), prepare=watch("nodes")),
            guest("plan", answer=lambda _e: Decision("plan", answer=plan())),
        ]
    )
    await house.ask()
    assert seen == [("clients", ""), ("nodes", "node")]


async def test_a_failed_plan_falls_back_to_the_pool() -> None:
    """A plan that raises, overspends or returns nonsense: the prepared request is answered by the pool."""

    def raises() -> Plan:
        yield from ask(Call(request("x"), "node"))
        raise ValueError("cannot decide")

    def overspends() -> Plan:
        yield from ask_all(Call(request("x"), "node"), Call(request("x"), "node"))
        return None

    for plan in (raises, overspends):
        house = House([guest(answer=lambda _e, plan=plan: Decision("plan", answer=plan()))], budget=Budget(calls=1))
        _, body = await house.ask()
        assert body == said("I am gpt-4o")
        assert "fault" in [note.kind for note in house.told[-1].notes]


async def test_a_failing_call_is_a_value_for_the_plan() -> None:
    """An upstream that cannot be reached comes back as a `Failure`, and the plan goes on."""
    got: list[Any] = []

    def plan() -> Plan:
        got.append((yield from ask(Call(request("x"), "node"))))
        return Call(request("z"))

    house = House([guest(answer=lambda _e: Decision("plan", answer=plan()))])
    house.place.faults = [UpstreamError("no route", code="connect", status=502)]
    _, body = await house.ask()
    assert isinstance(got[0], Failure)
    assert "no route" in got[0].reason
    assert body == said("I am z")


async def test_nesting_is_bounded() -> None:
    """A policy that answers its own calls with more calls ends at the budget's depth, not never."""

    def again(_exchange: Exchange) -> Decision:
        def plan() -> Plan:
            answer = yield from ask(Call(request("x"), "node"))
            return answer if isinstance(answer, Completion) else Call(request("z"))

        return Decision("deeper", answer=plan())

    house = House([guest(purposes=("", "node"), answer=again)], budget=Budget(depth=3))
    _, body = await house.ask()
    assert body == said("I am z")
    assert max(exchange.depth for exchange in house.told) == 3


async def test_no_answer_is_raised_and_recorded() -> None:
    """When nobody has an answer the fault goes to the server, and the exchange is settled with it."""
    house = House()
    house.place.faults = [UpstreamError("no route", code="connect", status=502, upstream="place")]
    with pytest.raises(UpstreamError, match="no route"):
        await house.ask()
    await house.engine.aclose()
    completion = house.told[0].completion
    assert completion is not None
    assert (completion.status, completion.whole, completion.error) == (502, False, "no route")


class Upper:
    """A filter that shouts."""

    held = b""

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        return (chunk.upper(),)

    def end(self) -> Sequence[bytes]:
        return (b"!",)


class Holder:
    """A filter that holds everything, and may fall over."""

    def __init__(self, falls: bool) -> None:
        self.falls = falls
        self.held = b""

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        self.held += chunk
        return ()

    def end(self) -> Sequence[bytes]:
        if self.falls:
            raise RuntimeError("dropped it")
        return (self.held,)


async def test_filters_work_up_the_list() -> None:
    """The last policy's filter meets the upstream's bytes first."""
    house = House(
        [
            guest("outer", relay=lambda _e: Decision("shout", filter=Upper())),
            guest("inner", relay=lambda _e: Decision("hold", filter=Holder(falls=False))),
        ]
    )
    answered, body = await house.ask()
    assert body == said("I am gpt-4o").upper() + b"!"
    assert not [name for name, _ in answered.reply.headers if name == b"content-length"]


async def test_a_filter_that_faults_gives_back_what_it_held() -> None:
    """Nothing is lost when a filter falls over: what it held goes out, the rest passes raw."""
    house = House([guest(relay=lambda _e: Decision("hold", filter=Holder(falls=True)))])
    _, body = await house.ask()
    assert body == said("I am gpt-4o")
    assert "fault" in [note.kind for note in house.told[0].notes]


class Slow:
    """A store that is there and never answers, or always fails."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault

    async def _late(self) -> Any:
        if self.fault:
            raise self.fault
        await asyncio.sleep(60)

    async def load(self, scope: str, claim: Claim, fresh: str) -> Remembered:
        return Remembered(str(await self._late()))

    async def save(self, scope: str, changes: Changes) -> Remembered | None:
        await self._late()
        return None


@pytest.mark.parametrize("fault", [None, OSError("gone")])
async def test_a_store_that_is_slow_or_gone_costs_the_client_nothing(fault: Exception | None) -> None:
    """The 20 ms are all that is waited; the answer comes, the session is a new one, and the fault is noted."""
    broken: Any = Slow(fault)
    house = House([Session()], store=broken)
    answered, body = await house.ask()
    assert body == said("I am gpt-4o")
    assert answered.exchange is not None
    assert answered.exchange.session.id
    assert [note.moment for note in house.told[0].notes] == ["load", "save"]
