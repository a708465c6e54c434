"""Links: the keys by which a session is found again when its client does not name it.

It must not know what a client says of itself, nor the memory. Every key is inside the caller's scope, which the
store adds. What `wanted` asks for, `bound` has bound, both through the same few makers of links below.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from string import digits

from policies.inner.documents import object_of
from policies.session.agents import MEMO_SIZE, Portrait
from policies.session.explicit import LONGEST_ID, Values, fields_of, plausible, trace_of
from proxy.conversation import SILENT, ToolCall, Turn, extend
from proxy.exchange import Completion, Exchange, Request
from proxy.policy import Link

MOST = 16
"""Links in one claim or one save."""
DEPTH = 3
"""Places in a conversation at which a session may have waited, newest first."""
WINDOW = 32
"""Newest turns that are looked at: what a request costs must not grow with its history."""
FEW = 3
"""Texts, and spawned tasks, in one claim or one save."""
IDS = 4
LONG = 40
"""Characters from which a text is taken for evidence."""
LONGEST_ARGUMENTS = 65_536
EDGE = 512
"""Characters of a text's beginning and end that are hashed, with its length."""

UNIQUE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z0-9]{12,}")
OBJECT = re.compile(r"/v1/(responses|conversations|chat/completions)/([^/]+)")


def place(turn_digest: bytes) -> Link:
    """Words, calls, ids and system text up to here are the same."""
    return Link("s:" + turn_digest.hex(), "chain", 0.95, head=True)


def words(turn_digest: bytes) -> Link:
    """Words and calls up to here are the same; system text or ids have changed."""
    return Link("l:" + turn_digest.hex(), "loose_chain", 0.85, head=True)


def again(turn_digest: bytes) -> Link:
    """The same was asked before and got no answer. Asked for only where the client says that it is trying again:
    an identical opening is otherwise a session of its own."""
    return Link("a:" + turn_digest.hex(), "retry", 0.9, head=True)


def keyed(key: str) -> Link:
    """A request with this idempotency key got no answer."""
    return Link("i:" + key, "retry", 0.9)


def answered(id_: str) -> Link:
    """The reply of that id."""
    return Link("r:" + id_, "response_id", 0.95)


def conversed(id_: str) -> Link:
    """The provider's conversation object of that id."""
    return Link("v:" + id_, "conversation", 0.95)


def called(id_: str) -> Link:
    """The tool call of that id."""
    return Link("t:" + id_, "tool_call", 0.8)


def heard(text: str, portrait: Portrait) -> Link:
    """A user said this to this agent."""
    return Link(f"u:{portrait.print}{_mark(text)}", "user_text", 0.5)


def traced(trace: str, portrait: Portrait) -> Link:
    """The same agent inside the same trace."""
    return Link(f"w:{trace}{portrait.print}", "trace", 0.4)


def looking(portrait: Portrait, headers: Values) -> Link:
    """The same caller, client and system prompt."""
    seen = blake2b(headers.get(b"user-agent", b""), digest_size=8).hexdigest()
    return Link(f"f:{portrait.print}{seen}", "fingerprint", 0.2)


def spawned(text: str) -> Link:
    """A tool call was given this text: the task of a sub-agent, perhaps."""
    return Link("p:" + _mark(text), "spawn", 0.5)


_marks: dict[tuple[int, int], str] = {}
"""Marks by hash and length of texts: the same text is asked about before an exchange and after it. Holds no text."""


def _mark(text: str) -> str:
    """A hash of a text's edges and length."""
    key = (hash(text), len(text))
    known = _marks.get(key)
    if known is None:
        if len(_marks) >= MEMO_SIZE:
            _marks.clear()
        known = _marks[key] = _marked(text.strip())
    return known


def _marked(text: str) -> str:
    seen = text if len(text) <= 2 * EDGE else f"{text[:EDGE]}\x1f{len(text)}\x1f{text[-EDGE:]}"
    return blake2b(seen.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


@dataclass(slots=True)
class Recent:
    """What the newest turns of a request hold that may lead to its session."""

    places: list[Turn] = field(default_factory=list)
    """Last turns of what assistants said, newest first; digests of a request end here with the session's last reply."""
    ids: list[str] = field(default_factory=list)
    """Tool-call ids that look unique, newest first."""
    texts: list[str] = field(default_factory=list)
    """What users said before the newest place, newest first, where long enough."""
    answers: int = 0
    """Assistant turns."""


def recent(turns: Sequence[Turn]) -> Recent:
    """Walks the newest turns backwards."""
    found = Recent()
    after = ""
    for turn in islice(reversed(turns), WINDOW):
        if turn.role in SILENT:
            continue
        if turn.role == "assistant":
            found.answers += 1
            if after != "assistant" and len(found.places) < DEPTH:
                found.places.append(turn)
        elif turn.role == "user" and found.answers and len(found.texts) < FEW and len(turn.text) >= LONG:
            found.texts.append(turn.text)
        if turn.results and len(found.ids) < IDS:
            found.ids += (result.id for result in turn.results if unique(result.id))
        after = turn.role
    return found


def unique(id_: str) -> bool:
    """Whether a tool-call id looks like no other: some servers number theirs (`call_0`, `functions.search:0`)."""
    found = UNIQUE.search(id_) if len(id_) <= LONGEST_ID else None
    if found is None:
        return False
    letters = set(found[0])
    return len(letters) >= 8 and not letters.isdisjoint(digits)


def wanted(request: Request, headers: Values, portrait: Portrait) -> tuple[Link, ...]:
    """The links to ask for, best first, at most 16."""
    links = list(_named(request, headers))
    turns = request.turns
    if not turns:
        return (*links, looking(portrait, headers))
    seen = recent(turns)
    for turn in seen.places:
        links += (place(turn.strict), words(turn.chain))
    if headers.get(b"x-stainless-retry-count", b"0") != b"0":
        links.append(again(turns[-1].strict))  # last: a session that got no answer waits again where it waited before
    witnesses = [called(id_) for id_ in seen.ids[:IDS]]
    witnesses += [heard(text, portrait) for text in seen.texts]
    links += witnesses
    if seen.answers >= 2:
        trace = trace_of(headers)
        if trace:
            links.append(traced(trace, portrait))
        if not witnesses:  # where better evidence was at hand and failed, looks alone prove nothing
            links.append(looking(portrait, headers))
    return tuple(links[:MOST])


def parents(request: Request) -> tuple[Link, ...]:
    """The links to the session that may have started this one: asked for an opening only."""
    turns = request.turns
    first = ""
    for turn in turns:
        if turn.role == "assistant":
            return ()
        if not first and turn.role == "user":
            first = turn.text
    return (spawned(first),) if len(first) >= LONG else ()


def bound(
    exchange: Exchange, completion: Completion, headers: Values, portrait: Portrait, before: str
) -> tuple[tuple[Link, ...], str]:
    """The links to bind after an exchange, best first, at most 16, and the place at which the session now waits.

    `before` is the place at which it waited until now: there it waits again when no answer came.
    """
    request = exchange.asked or exchange.request
    turns = request.turns
    links = list(_referred(request, completion))
    if not turns:
        return (*links, looking(portrait, headers)), before
    last = turns[-1]
    spoken = completion.turns
    said, now = _digests(last, spoken)
    if spoken and not _partial(request):
        links.append(place(now))
        if last.chain:  # a reply to nobody's words is everybody's
            links.append(words(said))
    if not completion.answered or not spoken:
        links.append(again(last.strict))
        key = plausible(headers.get(b"idempotency-key"))
        return (*links, *([keyed(key)] if key else [])), before or last.strict.hex()
    calls = [call for turn in spoken for call in turn.calls]
    if calls:
        links += islice((called(call.id) for call in calls if unique(call.id)), IDS)
        links += map(spawned, islice(_tasks(calls), FEW))
    if last.role == "user" and len(last.text) >= LONG:
        links.append(heard(last.text, portrait))
    trace = trace_of(headers)
    if trace:
        links.append(traced(trace, portrait))
    if exchange.session.source != "new":
        links.append(looking(portrait, headers))
    return tuple(links[:MOST]), now.hex()


def _digests(last: Turn, spoken: Iterable[Turn]) -> tuple[bytes, bytes]:
    """Chain and strict digest after what was said."""
    chain, strict = last.chain, last.strict
    for turn in spoken:
        chain, strict = extend(chain, strict, turn)
    return chain, strict


def _partial(request: Request) -> bool:
    """Whether the provider keeps the history, so that the request holds only what is new in it."""
    fields = fields_of(request)
    return bool(fields.get("previous_response_id") or fields.get("conversation"))


def _referred(request: Request, completion: Completion) -> Iterator[Link]:
    """Ids by which later requests may refer to this exchange."""
    fields = fields_of(request)
    id_ = plausible(completion.id)
    if id_ and (request.form == "responses" or fields.get("store")):
        yield answered(id_)
    conversation = _conversation(fields.get("conversation"))
    if conversation:
        yield conversed(conversation)


def _tasks(calls: Iterable[ToolCall]) -> Iterator[str]:
    """The long texts among tool calls' arguments, at the top of each or in a list there."""
    for call in calls:
        if LONG < len(call.arguments) <= LONGEST_ARGUMENTS:
            yield from (text for text in _texts(call.arguments) if len(text) >= LONG)


def _texts(arguments: str) -> Iterator[str]:
    for value in (object_of(arguments) or {}).values():
        yield from (text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))


def _named(request: Request, headers: Values) -> Iterator[Link]:
    """Ids of exchanges and conversations that the request refers to."""
    fields = fields_of(request)
    previous = plausible(fields.get("previous_response_id"))
    if previous:
        yield answered(previous)
    conversation = _conversation(fields.get("conversation"))
    if conversation:
        yield conversed(conversation)
    found = OBJECT.match(request.path)
    if found:
        yield conversed(found[2]) if found[1] == "conversations" else answered(found[2])
    key = plausible(headers.get(b"idempotency-key"))
    if key:
        yield keyed(key)


def _conversation(value: object) -> str:
    """The id in the field `conversation`: a string, or an object with an `id`."""
    return plausible(value.get("id")) if isinstance(value, dict) else plausible(value)
