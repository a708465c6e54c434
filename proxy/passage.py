"""One exchange under way, and what the learners want written of it.

It must not know who carries it, nor who writes: the engine and the settlement hand it to each other.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from proxy.exchange import REFUSED, Aside, Asked, Completion, Exchange, Note, Reply, Request
from proxy.figures import counted
from proxy.naming import named
from proxy.policy import Decision, Link, OwnTool, Plan
from proxy.relay import Tap
from proxy.wire import Form


class Owned(NamedTuple):
    """A tool on offer, and the policy it belongs to."""

    policy: str
    tool: OwnTool


@dataclass(slots=True)
class Passage:
    """One exchange under way: the value as it stands, and the road's own bookkeeping. Never shown to a policy."""

    exchange: Exchange
    form: Form
    arrived: float
    version: int
    notes: list[Note]
    parent: Self | None = None
    """The passage whose plan asked for this one."""
    waited: float = 0.0
    overhead_s: float = 0.0
    reply: Reply | None = None
    tap: Tap | None = None
    seen: Tap | None = None
    settled: bool = False
    closed: bool = False
    """What was learned of it is written."""
    closing: "asyncio.Future[None] | None" = None
    """Who waits for that; there is one only while somebody does."""
    lines: list[bytes] = field(default_factory=list)
    """Recorded and not yet written: its own, and those of the calls its plans made."""
    spent: list[float] = field(default_factory=list)
    """US dollars of the calls its plans made, where known, and not yet charged to anything."""
    planned: bool = False
    """Its answer was made by a plan: it cost what the plan's calls cost, and nothing of its own."""
    stored: Mapping[str, Any] = field(default_factory=dict)
    """The session's memory as the store has it, as far as this exchange knows."""
    completion: Completion = field(default_factory=lambda: Completion(0, whole=False))

    before: Exchange | None = None
    """As it was before any policy changed it."""
    model: str = ""
    """What a policy named to answer, in place of what the client did."""
    instead: tuple[str, ...] = ()
    """What is asked where that one has no answer."""
    own: list[Owned] = field(default_factory=list)
    """Tools that policies offer in its request."""
    calls: list[Asked] = field(default_factory=list)
    """What its plans asked, and what came of it."""
    asides: list[Aside] = field(default_factory=list)
    """What was said about them, which the client does not know."""
    head: Reply | None = None
    """The reply whose status and headers are the client's, where it is carried on."""

    @property
    def unchanged(self) -> Request | None:
        """The request as the client sent it, but under the model that a policy named; None where no client asked."""
        asked = self.exchange.asked
        return named(asked, self.model) if asked and self.model else asked

    def now_asks(self, request: Request, why: str, facts: Mapping[str, Any]) -> None:
        """Another model is asked with the same request."""
        self.model = request.model
        self.notes.append(Note("road", "answer", why, facts=facts))
        self.exchange = self.exchange.but(request=request, notes=tuple(self.notes))

    def hears(self, model: str) -> None:
        """A plan's last call goes to this model."""
        self.exchange = self.exchange.but(spoke=model)

    def back_to(self, asked: Request, why: str) -> None:
        """Undoes what policies changed: what they remembered of it, too."""
        self.notes.append(Note("road", "answer", why, REFUSED))
        memory = self.before.memory if self.before else self.exchange.memory
        self.exchange = self.exchange.but(request=asked, memory=memory, notes=tuple(self.notes))
        self.own, self.asides = [], []

    async def until_closed(self) -> None:
        """Waits until what was learned of it is written; several may wait."""
        if self.closed:
            return
        if self.closing is None:
            self.closing = asyncio.get_running_loop().create_future()
        await asyncio.shield(self.closing)

    def close(self) -> None:
        """It is written, or never will be."""
        self.closed = True
        if self.closing is not None and not self.closing.done():
            self.closing.set_result(None)

    def charge(self) -> float:
        """US dollars that its plans have spent since this was last asked: each is charged once."""
        total = sum(self.spent)
        self.spent.clear()
        return total

    def told(self) -> Exchange:
        """The exchange with the notes so far."""
        return self.exchange.but(notes=tuple(self.notes)) if self.notes else self.exchange


@dataclass(slots=True)
class Learned:
    """What the learners want written."""

    memory: dict[str, Any] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    head: str = ""
    keep: dict[str, bytes] = field(default_factory=dict)
    journal: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    """Entries of the caller's journals, by policy."""
    told: list[tuple[str, Any]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    """Numbers to add up, by `policy.name`."""
    errands: list[tuple[str, Plan]] = field(default_factory=list)

    def take(self, policy: str, decision: Decision) -> None:
        """Adds one learner's decision."""
        if decision.memory is not None:
            self.memory[policy] = decision.memory
        if decision.errand is not None:
            self.errands.append((policy, decision.errand))
        self.links += decision.links
        self.head = decision.head or self.head
        for ref, original in decision.keep.items():
            self.keep.setdefault(ref, original)
        if decision.journal:
            self.journal[policy] = decision.journal
        if decision.tell is not None:
            self.told.append((policy, decision.tell))
        if decision.figures:
            self.figures.update(counted(policy, decision.figures))
