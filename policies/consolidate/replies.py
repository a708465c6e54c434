"""A whole reply without the states in it, in each wire form.

It must not know streams, nor what a state is for.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from policies.consolidate.tags import OPEN, Tags
from policies.inner.documents import object_of
from policies.inner.splicing import json_of

Json = dict[str, Any]
THOUGHTS = ("thinking", "redacted_thinking")
ESCAPED = rb"\u003c"


class Shown(NamedTuple):
    """A reply as its reader gets it."""

    body: bytes
    state: str = ""
    """The last state that was taken out."""


def may_hold(raw: bytes) -> bool:
    """Whether JSON could spell a tag."""
    return OPEN.encode() in raw or ESCAPED in raw or ESCAPED.upper().replace(b"\\U", b"\\u") in raw


def whole(body: bytes, form: str) -> Shown:
    """The reply without its states; the same bytes where there is none."""
    if not may_hold(body):
        return Shown(body)
    document = object_of(body)
    states: list[str] = []
    if document is None or not WHOLE[form](document, states):
        return Shown(body)
    return Shown(json_of(document), states[-1])


def objects(holder: object, name: str) -> list[Json]:
    """The objects of an array by its name; none where there is no array."""
    value = holder.get(name) if isinstance(holder, Mapping) else None
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def cut(holder: Json, name: str, states: list[str]) -> bool:
    """Takes the states out of the text in its place; whether there were any."""
    text = holder.get(name)
    if not isinstance(text, str) or OPEN not in text:
        return False
    tags = Tags()
    holder[name] = tags.feed(text) + tags.end()
    states += tags.states
    return bool(tags.states)


def _chat(document: Json, states: list[str]) -> bool:
    messages = [choice["message"] for choice in objects(document, "choices") if isinstance(choice.get("message"), dict)]
    changed = [message for message in messages if cut(message, "content", states)]
    for message in changed:
        if not message["content"] and message.get("tool_calls"):
            message["content"] = None
    return bool(changed)


def output(response: Json, states: list[str]) -> bool:
    """The same for a Responses object."""
    items = objects(response, "output")
    parts = [part for item in items for part in objects(item, "content")]
    return bool([part for part in parts if cut(part, "text", states)])


def _messages(document: Json, states: list[str]) -> bool:
    """A block that held nothing else goes, for no empty text is taken back; where it is all there is, it says the
    state after all."""
    kept: list[Any] = []
    gone: list[Json] = []
    content = document.get("content")
    for block in content if isinstance(content, list) else []:
        copy = dict(block) if isinstance(block, dict) else {}
        if copy.get("type") == "text" and cut(copy, "text", states):
            (kept if copy["text"] else gone).append(copy)
        else:
            kept.append(block)
    if gone and all(isinstance(block, dict) and block.get("type") in THOUGHTS for block in kept):
        kept.append({**gone[-1], "text": states[-1]})
    if states:
        document["content"] = kept
    return bool(states)


WHOLE: Mapping[str, Callable[[Json, list[str]], bool]] = {"chat": _chat, "responses": output, "messages": _messages}
"""Takes the states out of a document; whether there were any."""
