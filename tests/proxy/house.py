"""A house for tests of the engine: everything real but the upstream, which answers with the model's name.

It must not know any single test.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from proxy.audience import Sink
from proxy.engine import Answered, Engine
from proxy.exchange import Exchange, Reply, Request, Usage
from proxy.policy import Budget, Policy
from proxy.reader import Reader
from proxy.recording import write
from proxy.roster import Roster
from proxy.services import Services
from proxy.store import Limits, Store
from proxy.store.embedded import EmbeddedStore
from proxy.upstreams import UpstreamError
from proxy.wire import Outcome
from proxy.wire.forms import Forms

FORMS = Forms()
READ = Reader(FORMS, most=1 << 20)
JSON = (b"content-type", b"application/json")


@dataclass
class Place:
    """An upstream that answers with the model's name, and keeps what reached it."""

    heard: list[Request] = field(default_factory=list)
    faults: list[UpstreamError] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """Of the next replies; then 200."""
    closed: int = 0

    async def send(self, request: Request, *, pinned: str = "") -> Reply:
        self.heard.append(request)
        if self.faults:
            raise self.faults.pop(0)
        return Reply(self.statuses.pop(0) if self.statuses else 200, (JSON,), self._body(request), "place")

    async def _body(self, request: Request) -> AsyncIterator[bytes]:
        try:
            yield said(f"I am {request.model}")
        finally:
            self.closed += 1

    def roster(self) -> Roster:
        return Roster()


def said(text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
    return orjson.dumps({"id": "c1", "model": "gpt-4o", "choices": [choice], "usage": usage})


def request(model: str = "gpt-4o", text: str = "hello") -> Request:
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    return READ(Request("POST", "/v1/chat/completions", (JSON,), orjson.dumps(body), caller="me"))


@dataclass
class House:
    """An engine with everything around it that is real, but the upstream."""

    policies: Sequence[Policy] = ()
    store: Store = field(default_factory=lambda: EmbeddedStore(Limits()))
    budget: Budget = field(default_factory=Budget)
    place: Place = field(default_factory=Place)
    told: list[Exchange] = field(default_factory=list)
    sinks: list[Sink] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pupil: Callable[[str, Any], None] = lambda _policy, _told: None

        def record(exchange: Exchange, parent: str) -> bytes:
            return write(exchange, mode="full", parent=parent)

        def charge(_exchange: Exchange, outcome: Outcome, _upstream: str) -> tuple[Usage | None, float | None]:
            return outcome.usage, None

        self.sinks.append(self.told.append)
        services = Services(
            self.store,
            self.place,
            FORMS.named,
            READ,
            time.time,
            time.perf_counter,
            record,
            charge,
            sinks=self.sinks,
            teach=lambda policy, told: self.pupil(policy, told),
        )
        self.engine = Engine(tuple(self.policies), services, budget=self.budget)

    def teach(self, pupil: Callable[[str, Any], None]) -> None:
        """Who is handed what policies tell."""
        self.pupil = pupil

    async def ask(self, one: Request | None = None) -> tuple[Answered, bytes]:
        answered = await self.engine.run(one or request(), time.perf_counter())
        body = b"".join([chunk async for chunk in answered.reply.chunks])
        await self.engine.aclose()
        return answered, body


def guest(name: str = "guest", purposes: tuple[str, ...] = ("",), **moments: Any) -> Policy:
    """A policy with these moments."""

    def bound(moment: Callable[..., Any]) -> Callable[..., Any]:
        return lambda _self, subject: moment(subject)

    made = type("Guest", (Policy,), {moment: bound(answer) for moment, answer in moments.items()})
    policy: Policy = made()
    policy.name, policy.purposes = name, purposes
    return policy
