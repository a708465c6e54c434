"""Whether a provider would take a request: pairing, ids, roles, order; and whether it still says what the client said.

It must not know how a request came to be.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.consolidate.items import Item, Read

KINDS = frozenset(("system", "user", "assistant", "call", "result"))
CHAT_ROLES = frozenset(("system", "developer", "user", "assistant", "tool"))


class Told(NamedTuple):
    """What the client has told in a session, to hold a request against."""

    places: Mapping[tuple[str, str], Sequence[int]]
    """Where an item stands: calls and results by kind and id, messages by kind and text."""
    calls: Mapping[str, Item]


def told(items: Sequence[Item]) -> Told:
    """The index of a client's items."""
    places: dict[tuple[str, str], list[int]] = {}
    for number, item in enumerate(items):
        places.setdefault(_key(item), []).append(number)
    return Told(places, {item.id: item for item in items if item.kind == "call"})


def faults(form: str, request: Read, client: Told, last: Item | None) -> tuple[str, ...]:
    """All that is wrong with a request of that wire form; `last` is the client's newest item. Empty: it is valid."""
    found = [*_pairing(request.items), *SHAPES[form](request.raw), *_faith(request.items, client)]
    newest = request.items[-1] if request.items else None
    if last is not None and last.kind != "system" and (newest is None or _key(newest) != _key(last)):
        found.append("the client's newest item is not the last")
    return tuple(found)


def _pairing(items: Sequence[Item]) -> Iterator[str]:
    """Each call once, each result after its call, each call with its result before anything else is said."""
    seen: set[str] = set()
    open_calls: set[str] = set()
    answered = False
    for item in items:
        if item.kind == "result":
            if item.id not in open_calls:
                yield f"result {item.id} without its call"
            open_calls.discard(item.id)
            answered = True
            continue
        if open_calls and (answered or item.kind != "call"):
            yield f"call {min(open_calls)} has no result before {item.kind}"
            open_calls.clear()
        answered = False
        if item.kind == "call":
            if item.id in seen:
                yield f"id {item.id} twice"
            seen.add(item.id)
            open_calls.add(item.id)
        elif item.kind not in KINDS:
            yield f"unknown {item.kind}"
    if open_calls:
        yield f"call {min(open_calls)} has no result"


def _faith(items: Sequence[Item], client: Told) -> Iterator[str]:
    """What is kept of the client's items keeps its order, and calls are told as they were made."""
    reached = -1
    for item in items:
        if item.kind == "system":
            continue
        if item.kind == "call" and client.calls.get(item.id) != item:
            yield f"call {item.id} is not the client's"
        places = client.places.get(_key(item))
        if places is None and not item.text.strip() and item.kind in ("user", "assistant"):
            yield f"an empty {item.kind} message that the client did not send"
        if places is None:
            continue
        after = bisect_right(places, reached)
        if after == len(places):
            yield f"{item.kind} {item.id or repr(item.text[:40])} out of order"
            continue
        reached = places[after]


def _chat_shape(raw: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for place, message in enumerate(raw):
        role, calls = message.get("role"), message.get("tool_calls")
        if role not in CHAT_ROLES:
            yield f"unknown role {role}"
        if calls is not None and not calls:
            yield "an empty list of calls"
        if message.get("content") is None and not calls:
            yield f"{role} message without content"
        results = raw[place + 1 : place + 1 + len(calls or ())]
        if any(each.get("role") != "tool" for each in results) or len(results) < len(calls or ()):
            yield "calls are not followed by their results"


def _responses_shape(raw: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in raw:
        if item.get("type", "message") == "message" and item.get("role") not in CHAT_ROLES - {"tool"}:
            yield f"unknown role {item.get('role')}"
        if item.get("type", "message") == "message" and not item.get("content"):
            yield "a message without content"


def _messages_shape(raw: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not raw or raw[0].get("role") != "user":
        yield "the first message is not the user's"
    calls: set[str] = set()
    for message in raw:
        role, content = message.get("role"), message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
        kinds = [block.get("type") for block in blocks]
        if role not in ("user", "assistant"):
            yield f"unknown role {role}"
        if not blocks or any(block.get("type") == "text" and not block["text"].strip() for block in blocks):
            yield f"{role} message with nothing in it"
        results = {block["tool_use_id"] for block in blocks if block.get("type") == "tool_result"}
        if calls != results and not (role == "user" and not calls and not results):
            yield "calls and results of neighbouring messages are not the same"
        if "tool_result" in kinds[len(results) :]:
            yield "a result after other blocks"
        calls = {block["id"] for block in blocks if block.get("type") == "tool_use"}


SHAPES: Mapping[str, Callable[[Sequence[Mapping[str, Any]]], Iterator[str]]] = {
    "chat": _chat_shape,
    "responses": _responses_shape,
    "messages": _messages_shape,
}
"""What each wire form asks of its messages besides."""


def _key(item: Item) -> tuple[str, str]:
    return item.kind, item.id if item.kind in ("call", "result") else item.text
