"""A session as a client of one wire form sends it, request by request, and as the upstream answers.

It must not know what a proxy makes of it, nor what is measured.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.consolidate.items import compact, plain
from benchmarks.consolidate.sessions import Message, Session

FORMS = ("chat", "responses", "messages")
OPENING = "Hello."
"""What a user says where a recording begins with the assistant: two of the three forms want the user first."""
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
Json = dict[str, Any]


class Spoken(NamedTuple):
    """A session in one wire form. Bodies are compact JSON, messages first, as official clients write them."""

    form: str
    model: str
    session: Session
    head: bytes
    items: tuple[bytes, ...]
    """The encoded messages (or items) of the whole session."""
    before: Mapping[int, int]
    """How many of them are said before a message of the session, by its place."""
    tail: bytes

    @property
    def path(self) -> str:
        """Where the wire form is asked."""
        return PATHS[self.form]

    def body(self, place: int) -> bytes:
        """The request to which the message at that place is the reply: the full history before it."""
        return self.around(self.items[: self.before[place]])

    def around(self, items: Sequence[bytes]) -> bytes:
        """A request with these messages."""
        return self.head + b",".join(items) + self.tail

    def reply(self, place: int, prompt_tokens: int) -> bytes:
        """The recorded message at that place as the upstream's answer."""
        reply = REPLIES[self.form](self.session.messages[place], place, prompt_tokens)
        return compact({**reply, "model": self.model}).encode()


def spoken(session: Session, form: str, model: str) -> Spoken:
    """The session in that wire form."""
    items: list[bytes] = []
    before: dict[int, int] = {}
    asked = set(session.asked)
    gathered: list[Message] = []
    for place, message in enumerate(session.messages):
        if place in asked:
            items += _encoded(form, gathered, first=not items)
            before[place] = len(items)
            gathered = []
        gathered.append(message)
    items += _encoded(form, gathered, first=not items)
    system = [
        plain(each.get("content")) for each in session.messages[:1] if each.get("role") in ("system", "developer")
    ]
    fields = FIELDS[form](model, system, session.tools)
    opening = b'{"input":[' if form == "responses" else b'{"messages":['
    if form == "messages":
        opening = b'{"max_tokens":4096,"messages":['
    tail = b"]," + compact(fields).encode()[1:]
    return Spoken(form, model, session, opening, tuple(items), before, tail)


def _encoded(form: str, messages: Sequence[Message], *, first: bool) -> Iterator[bytes]:
    """Messages between two requests, encoded. A group is never split later: what was sent stays as it was sent."""
    said = [each for each in messages if form == "chat" or each.get("role") not in ("system", "developer")]
    if first and form != "chat" and (not said or said[0].get("role") == "assistant"):
        said = [{"role": "user", "content": OPENING}, *said]
    for each in CONVERTED[form](said):
        yield compact(each).encode()


def in_chat(messages: Sequence[Message]) -> Iterator[Message]:
    """As recorded."""
    return iter(messages)


def in_responses(messages: Sequence[Message]) -> Iterator[Json]:
    """Input items: messages, function calls, their outputs."""
    for message in messages:
        role, text = message.get("role"), plain(message.get("content"))
        if role == "tool":
            yield {"type": "function_call_output", "call_id": message["tool_call_id"], "output": text}
        elif role == "assistant":
            yield from _output(message)
        else:
            yield {"role": role, "content": [{"type": "input_text", "text": text}]}


def _output(message: Message) -> Iterator[Json]:
    """An assistant message as output items, which a client sends back as they came."""
    text, calls = plain(message.get("content")), message.get("tool_calls") or ()
    if text or not calls:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        yield {"type": "message", "role": "assistant", "status": "completed", "content": content}
    for call in calls:
        asked = call["function"]
        yield {
            "type": "function_call",
            "call_id": call["id"],
            "name": asked["name"],
            "arguments": asked["arguments"],
            "status": "completed",
        }


def in_messages(messages: Sequence[Message]) -> Iterator[Json]:
    """Anthropic messages: what is said between two replies is one user message, results first."""
    blocks: list[Json] = []
    for message in messages:
        role, text = message.get("role"), plain(message.get("content"))
        if role == "tool":
            blocks.append({"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": text})
        elif role == "assistant":
            if blocks:
                yield {"role": "user", "content": blocks}
            blocks = []
            yield {"role": "assistant", "content": _blocks(message)}
        else:
            blocks.append({"type": "text", "text": text if text.strip() else "…"})
    if blocks:
        yield {"role": "user", "content": blocks}


def _blocks(message: Message) -> list[Json]:
    """An assistant message as blocks."""
    text, calls = plain(message.get("content")), message.get("tool_calls") or ()
    said: list[Json] = [{"type": "text", "text": text if text.strip() else "…"}] if text or not calls else []
    for call in calls:
        asked = call["function"]
        said.append({"type": "tool_use", "id": call["id"], "name": asked["name"], "input": arguments(asked)})
    return said


def arguments(asked: Mapping[str, Any]) -> Any:
    """A call's arguments as an object; what is no JSON object stands under `text`."""
    try:
        value = json.loads(asked["arguments"])
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"text": asked["arguments"]}


def _chat_reply(message: Message, place: int, prompt: int) -> Json:
    ended = "tool_calls" if message.get("tool_calls") else "stop"
    choice = {"index": 0, "message": {**message, "refusal": None}, "finish_reason": ended, "logprobs": None}
    usage = {"prompt_tokens": prompt, "completion_tokens": 50, "total_tokens": prompt + 50}
    return {"id": f"chatcmpl-{place}", "object": "chat.completion", "created": 0, "choices": [choice], "usage": usage}


def _responses_reply(message: Message, place: int, prompt: int) -> Json:
    usage = {"input_tokens": prompt, "output_tokens": 50, "total_tokens": prompt + 50}
    output = list(_output(message))
    head = {"id": f"resp_{place}", "object": "response", "created_at": 0, "status": "completed"}
    return {**head, "output": output, "usage": usage}


def _messages_reply(message: Message, place: int, prompt: int) -> Json:
    ended = "tool_use" if message.get("tool_calls") else "end_turn"
    head = {"id": f"msg_{place}", "type": "message", "role": "assistant", "content": _blocks(message)}
    usage = {"input_tokens": prompt, "output_tokens": 50}
    return {**head, "stop_reason": ended, "stop_sequence": None, "usage": usage}


def _chat_fields(model: str, _system: Sequence[str], tools: Sequence[Mapping[str, Any]]) -> Json:
    return {"model": model, **({"tools": list(tools)} if tools else {})}


def _responses_fields(model: str, system: Sequence[str], tools: Sequence[Mapping[str, Any]]) -> Json:
    flat = [{"type": "function", **tool["function"]} for tool in tools]
    said = {"instructions": system[0]} if system else {}
    return {**said, "model": model, "store": False, **({"tools": flat} if flat else {})}


def _messages_fields(model: str, system: Sequence[str], tools: Sequence[Mapping[str, Any]]) -> Json:
    said = {"system": system[0]} if system else {}
    return {"model": model, **said, **({"tools": [_anthropic(tool["function"]) for tool in tools]} if tools else {})}


def _anthropic(tool: Mapping[str, Any]) -> Json:
    schema = tool.get("parameters") or {"type": "object", "properties": {}}
    return {"name": tool["name"], "description": tool.get("description", ""), "input_schema": schema}


CONVERTED: Mapping[str, Callable[[Sequence[Message]], Iterator[Message]]] = {
    "chat": in_chat,
    "responses": in_responses,
    "messages": in_messages,
}
REPLIES: Mapping[str, Callable[[Message, int, int], Json]] = {
    "chat": _chat_reply,
    "responses": _responses_reply,
    "messages": _messages_reply,
}
FIELDS: Mapping[str, Callable[[str, Sequence[str], Sequence[Mapping[str, Any]]], Json]] = {
    "chat": _chat_fields,
    "responses": _responses_fields,
    "messages": _messages_fields,
}
