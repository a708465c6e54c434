"""How a guest speaks: its moments, the decision it may return, the wishes it may yield.

It must not know who listens: no engine, no store, no wire form, no clock, no dice, no network, no `async`.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from proxy.conversation import EMPTY
from proxy.exchange import Completion, Exchange, Request

WINDOWS = ("thinking", "stream", "typing")
"""When a tool can be called ahead of an agent: while the model generates; when a call stands whole in a stream that has
not ended; while the user types."""


class Link(NamedTuple):
    """A key by which a session can be found again. (A tuple, because each exchange makes a dozen.)"""

    key: str
    source: str
    """What kind of evidence it is; becomes `Session.source` when it hits."""
    confidence: float
    head: bool = False
    """True: several sessions may share the key (identical openings); the one that still waits there and was bound
    last is taken. False: the key counts only while exactly one session owns it."""


class Claim(NamedTuple):
    """Who a request says it is, or how to find out."""

    session: str = ""
    """The session's id where the client says one; else it is looked up by `links`, best first, else it is new."""
    agent: str = ""
    run: str = ""
    parent: str = ""
    source: str = "new"
    confidence: float = 0.0
    links: tuple[Link, ...] = ()
    parents: tuple[Link, ...] = ()
    """Keys by which the session that started this one can be found; asked only for a new session."""


class Filter(Protocol):
    """A small machine between the upstream's chunks and the client; it may hold chunks back."""

    @property
    def held(self) -> bytes:
        """What it has taken and not yet given; passed raw if the filter faults."""

    def feed(self, chunk: bytes) -> Sequence[bytes]: ...
    def end(self) -> Sequence[bytes]: ...


@dataclass(frozen=True, slots=True)
class Call:
    """Wish: ask a model. Yielded, it comes back as a `Completion` or a `Failure`; returned, it is a tail call."""

    request: Request
    purpose: str = ""
    """Empty: it carries on the same conversation and is not prepared again."""
    patience_s: float | None = None
    instead: "tuple[Request, ...]" = ()
    """Of a tail call: sent in this order where it gets no answer, or an error for one. The last one's error counts."""
    own: bool = False
    """The client's own question, which may take as long as without the plan: its seconds are not the plan's."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Wish: run a tool of the user's MCP servers. Comes back as its result or a `Failure`."""

    name: str
    arguments: Mapping[str, Any]
    patience_s: float | None = None
    window: str = ""
    """When it is called ahead: one of `WINDOWS`, or `draft`, for those who count; empty for any other time."""


@dataclass(frozen=True, slots=True)
class Result:
    """Wish: the result of a call that the session's model has just made, once it is there: the one that the agent got,
    or one that waits for it. Nothing is called. Comes back as `Got` or a `Failure`."""

    name: str
    arguments: Mapping[str, Any]
    patience_s: float | None = None


class Got(NamedTuple):
    """A result that was waited for."""

    result: Mapping[str, Any]
    """As its server gave it."""
    waited_s: float


@dataclass(frozen=True, slots=True)
class Early:
    """Wish: send a request that the session's client will probably send next, and hold the reply for it. The client's
    own is answered by it if both are the same to the last field, else it is dropped. Comes back as the seconds by
    which it was ahead, or as a `Failure` with what was received."""

    request: Request


@dataclass(frozen=True, slots=True)
class Embed:
    """Wish: embed texts. Comes back as one unit vector (sequence of floats) for each text, or a `Failure`."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Journal:
    """Wish: what the policy has written into the caller's journal, all sessions together (`Decision.journal`). Comes
    back as a list, oldest first, or as a `Failure`."""


@dataclass(frozen=True, slots=True)
class Work:
    """Wish: run a pure function in a thread. Comes back as its value or a `Failure`."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


class Say(NamedTuple):
    """Wish: tells what the plan is doing, as a decision's reason tells why. Comes back at once, as None.

    It stands in `exchange.notes` when `relay` and `learn` are asked.
    """

    reason: str
    facts: Mapping[str, Any] = EMPTY
    """For the policy itself: see `Note.facts`, and `Note.texts`."""
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """Wish: several wishes at once. Comes back as a tuple in their order once `enough` of them succeeded
    (None: all have ended); what was not waited for comes back as a `Failure`."""

    wishes: tuple[Call | Tool | Result | Embed | Journal | Work, ...]
    enough: int | None = None
    patience_s: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A wish that was not fulfilled, as a value."""

    reason: str
    completion: Completion | None = None
    """The upstream's own answer where there was one (a 429, say)."""


class Refusal(NamedTuple):
    """An answer that is an error: the client gets it in the shape of its own form. For requests that nobody could
    answer as they stand; what may go well elsewhere is not to be refused."""

    message: str
    """What is wrong, and what to write instead."""
    code: str
    status: int = 400


Wish = Call | Tool | Result | Early | Embed | Journal | Work | Together | Say
Plan = Generator[Wish, Any, Any]
"""Steps around wishes. It returns a `Completion`, a `Call` (tail call), a `Refusal`, a `Decision` if it has nothing to
say after all, or as an errand of `learn` a `Then`."""


class OwnTool(NamedTuple):
    """A tool of the policy's own, offered to the model beside the client's. Calls to it are answered inside the proxy,
    and neither they nor their results ever reach the client."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON schema of the arguments."""
    answer: Callable[[str], str]
    """The result for a call's arguments, which are JSON as the model wrote it (or what it took for JSON). Pure."""
    rounds: int = 3
    """Results the model gets within one reply; then it is told to go on without, and at last can call nothing."""


class Decision(NamedTuple):
    """What a policy wants, and why."""

    reason: str
    """Said to people: in the reply's headers, the log, the recording. One short sentence, no user content."""
    session: Claim | None = None
    request: Request | None = None
    model: str = ""
    """With `prepare`: the model that is to answer, in place of the one the client named."""
    instead: tuple[str, ...] = ()
    """With `model`: models that are asked in this order where that one has no answer: it is not reached, is limited,
    fails or is unknown before the first byte. Which one was, and why, stands in the facts of the road's note."""
    answer: Completion | Refusal | Plan | None = None
    errand: Plan | None = None
    filter: Filter | None = None
    tool: OwnTool | None = None
    """With `prepare`: offered in this request. What came of it stands in `exchange.asides` when `learn` is asked."""
    memory: Any = None
    """The policy's new memory of this session; JSON-able. From `prepare` it is only shown to the later moments of the
    same exchange; `learn` says what is kept."""
    links: tuple[Link, ...] = ()
    """With `memory`: keys by which this session is to be found from now on."""
    head: str = ""
    """With `links`: names the place at which the session now waits (see `Link.head`)."""
    keep: Mapping[str, bytes] = EMPTY
    """Originals to keep with this session, by reference; fetched by `GET /outrider/sessions/{id}/items/{ref}`.
    Only `learn` is asked for them; a reference that is kept already stays as it is."""
    journal: tuple[Any, ...] = ()
    """JSON-able entries of the caller's journal, which all its sessions share, at once and on every replica; the newest
    are kept for an hour (`proxy.store.Limits`). Only `learn` itself is asked for them."""
    tell: Any = None
    """With `learn`: what this exchange teaches beyond its session; goes to the policy's `fold`."""
    figures: Mapping[str, float] = EMPTY
    """With `learn`: numbers to add up, by name (`saved_usd`, `events`), never negative; in `/metrics`, on the
    recording, in `outrider replay`."""
    quiet: bool = False
    """True: bookkeeping that need not be told in headers and logs."""


Then = Callable[[Any], Decision | None]
"""What an errand of `learn` comes to. It is shown the policy's memory of the session as it stands by then, for other
requests may have been answered meanwhile, and says what `learn` may say: `memory`, `links`, `keep`, `tell`, `figures`.
It is asked again when another exchange writes at the same moment, so it must depend on nothing else."""


class Policy:
    """A guest with six optional moments; each returns None (nothing to say) or a `Decision`.

    A policy overrides the moments it needs; the engine asks only those. State between requests belongs in
    `memory`, never on the object.
    """

    name: str = ""
    models: tuple[str, ...] = ()
    """Virtual model names this policy answers to."""
    prefixes: tuple[str, ...] = ()
    """Names before a `/` and a single model's name, for which it makes an answer; in no listing of models."""
    purposes: tuple[str, ...] = ("",)
    """Purposes of exchanges it wants to see; the empty one is what clients ask."""
    slow_s: float = 0.005
    """Seconds of processor time that a moment may take; more is a strike."""

    def identify(self, request: Request) -> Decision | None:
        """Says whose request it is (`session`). First who speaks wins."""

    def prepare(self, exchange: Exchange) -> Decision | None:
        """Changes the request (`request`), names who answers it (`model`), or offers a tool of its own (`tool`)."""

    def answer(self, exchange: Exchange) -> Decision | None:
        """Answers instead of the upstream (`answer`)."""

    def meanwhile(self, exchange: Exchange) -> Decision | None:
        """Starts work beside the answer (`errand`)."""

    def relay(self, exchange: Exchange) -> Decision | None:
        """Puts a filter between upstream and client (`filter`)."""

    def learn(self, exchange: Exchange) -> Decision | None:
        """Remembers (`memory`, `links`), and may start an `errand` that ends in a `Then`. Sees `completion`."""

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        """The policy's lesson across sessions (JSON-able; None at first) with what was told folded in.

        Every policy sees it as `exchange.shared[name]`, some seconds late and on every replica.
        """

    def account(self, lesson: Any) -> Mapping[str, Any]:
        """What the lesson says of agents, for people: JSON-able, by the agent's name; in `/outrider/agents`."""
        return EMPTY


def ask(wish: Wish) -> Generator[Wish, Any, Any]:
    """`answer = yield from ask(Call(...))`"""
    return (yield wish)


def ask_all(
    *wishes: Call | Tool | Result | Embed | Journal | Work, enough: int | None = None, patience_s: float | None = None
) -> Generator[Wish, Any, tuple[Any, ...]]:
    """`answers = yield from ask_all(Call(a), Call(b), enough=1)`"""
    answers: tuple[Any, ...] = yield Together(wishes, enough, patience_s)
    return answers


@dataclass(frozen=True, slots=True)
class Budget:
    """What a plan may spend on the client's time: model calls, seconds, nesting."""

    calls: int = 32
    seconds: float = 120.0
    depth: int = 4
