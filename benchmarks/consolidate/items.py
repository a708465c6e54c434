"""What an upstream reads in a request, in one form for all wire forms: messages, calls and results in order.

It must not know the proxy: requests are read here by a second reader, so that a mistake in the proxy's own shows.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

SYSTEM = frozenset(("system", "developer"))


class Item(NamedTuple):
    """One thing said. `kind` is `system`, `user`, `assistant`, `call`, `result`, or what stood there if unknown."""

    kind: str
    text: str
    id: str = ""
    name: str = ""


class Read(NamedTuple):
    """A request as it was received."""

    items: tuple[Item, ...]
    """System text first, wherever the wire form keeps it."""
    raw: Sequence[Mapping[str, Any]]
    """The messages (or input items) as they stood."""
    stretch: str
    """Their array as it was written, without its closing bracket."""
    rest: str
    """The body around the array: model, tools, system text."""


class Unreadable(Exception):
    """The body is no JSON, or has no array of messages."""


def read(form: str, body: bytes) -> Read:
    """What a body of that wire form (`chat`, `responses`, `messages`) says. Raises `Unreadable`.

    The first `"messages":` (`"input":`) in the body is taken for the array's name, as in the bodies that are sent here.
    """
    key = '"input":' if form == "responses" else '"messages":'
    try:
        text = body.decode()
        after = text.index(key) + len(key)
        start = len(text) - len(text[after:].lstrip())
        raw, end = json.JSONDecoder().raw_decode(text, start)
        around = json.loads(f"{text[:start]}[]{text[end:]}")
    except ValueError as fault:
        raise Unreadable(f"not a {form} request: {fault}") from fault
    if not isinstance(raw, list) or not all(isinstance(each, dict) for each in raw):
        raise Unreadable(f"{key} is no array of objects")
    before = [Item("system", said) for name in ("instructions", "system") if (said := plain(around.get(name)))]
    items = (*before, *(item for each in raw for item in SAID[form](each)))
    return Read(items, raw, text[start : end - 1], text[:start] + text[end:])


def plain(content: Any) -> str:
    """The text of a content: a string as it is, of parts the text of each."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def of_chat(message: Mapping[str, Any]) -> Iterator[Item]:
    """A message of Chat Completions: its text, then its calls."""
    role = str(message.get("role"))
    text = plain(message.get("content"))
    if role == "tool":
        yield Item("result", text, str(message.get("tool_call_id")))
        return
    calls = message.get("tool_calls") or ()
    if text or not calls:
        yield Item(_kind(role), text)
    for call in calls:
        asked = call.get("function") or {}
        yield Item("call", str(asked.get("arguments")), str(call.get("id")), str(asked.get("name")))


def of_responses(item: Mapping[str, Any]) -> Iterator[Item]:
    """An input item of the Responses API."""
    what = item.get("type", "message")
    if what == "function_call":
        yield Item("call", str(item.get("arguments")), str(item.get("call_id")), str(item.get("name")))
    elif what == "function_call_output":
        yield Item("result", plain(item.get("output")), str(item.get("call_id")))
    elif what == "message":
        yield Item(_kind(str(item.get("role"))), plain(item.get("content")))
    else:
        yield Item(str(what), "")


def of_messages(message: Mapping[str, Any]) -> Iterator[Item]:
    """A message of Anthropic's API: its blocks."""
    content, role = message.get("content"), _kind(str(message.get("role")))
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content or ()
    for block in blocks:
        what = block.get("type")
        if what == "text":
            yield Item(role, str(block.get("text")))
        elif what == "tool_use":
            yield Item("call", compact(block.get("input")), str(block.get("id")), str(block.get("name")))
        elif what == "tool_result":
            yield Item("result", plain(block.get("content")), str(block.get("tool_use_id")))
        else:
            yield Item(str(what), "")


SAID: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Item]]] = {
    "chat": of_chat,
    "responses": of_responses,
    "messages": of_messages,
}
"""The reader of one message (or item) of each wire form."""


def compact(value: Any) -> str:
    """JSON as official clients write it: no white space, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _kind(role: str) -> str:
    return "system" if role in SYSTEM else role
