"""How a client writes a model's calls and their results into its next request: the ways that clients have.

It must not know which way a client has, nor where requests go. A way has a name; two clients with the same ways write
the same reply and the same results alike.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from proxy.conversation import ToolCall, Turn
from proxy.exchange import Completion

Item = dict[str, Any]
Ways = Mapping[str, tuple[Item, ...]]
"""What is written, by the name of the way."""
UNTOLD = object()


class Answered(NamedTuple):
    """A call with its result."""

    call: ToolCall
    result: Mapping[str, Any]
    """As the tool's server gave it."""


def replies(form: str, completion: Completion) -> Ways:
    """The ways to write what the model said."""
    whole = _document(completion.body)
    if form == "messages":
        return _messages_replies(whole["content"] if "content" in whole else _blocks(completion.body))
    spoken = [turn for turn in completion.turns if turn.role == "assistant" or turn.calls]
    message = next((each.get("message") for each in whole.get("choices") or ()), None)
    return _chat_replies(spoken, message if isinstance(message, dict) else None)


def results(form: str, answered: Sequence[Answered]) -> Ways:
    """The ways to write what the tools said."""
    return _messages_results(answered) if form == "messages" else _chat_results(answered)


def _chat_replies(spoken: Sequence[Turn], message: Item | None) -> Ways:
    """With the text or what stands for none, and the arguments as they came or written again."""
    text = "\n".join(turn.text for turn in spoken if turn.text)
    calls = [call for turn in spoken for call in turn.calls]
    found: dict[str, tuple[Item, ...]] = {}
    if message is not None:
        found["as it came"] = (message,)
        found["as it came, without nulls"] = ({name: each for name, each in message.items() if each is not None},)
    contents = {"null": None, "empty": "", "absent": UNTOLD}
    for content, empty in contents.items():
        for spelling, told in _SPELLINGS.items():
            made = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": told(call.arguments)}}
                for call in calls
            ]
            item: Item = {"role": "assistant", "content": text or empty, "tool_calls": made}
            if item["content"] is UNTOLD:
                del item["content"]
            found[f"{content} content, {spelling} arguments"] = (item,)
    return found


def _again(arguments: str, **how: Any) -> str:
    try:
        return json.dumps(json.loads(arguments or "{}"), **how)
    except (ValueError, RecursionError):
        return arguments


_SPELLINGS: Mapping[str, Any] = {
    "given": lambda arguments: arguments,
    "spaced": _again,
    "spaced Unicode": lambda arguments: _again(arguments, ensure_ascii=False),
    "dense": lambda arguments: _again(arguments, separators=(",", ":")),
    "dense Unicode": lambda arguments: _again(arguments, separators=(",", ":"), ensure_ascii=False),
}


def _chat_results(answered: Sequence[Answered]) -> Ways:
    found: dict[str, tuple[Item, ...]] = {}
    for content, told in _CONTENTS.items():
        items = [{"role": "tool", "tool_call_id": each.call.id, "content": told(each.result)} for each in answered]
        found[content] = tuple(items)
        named = (item | {"name": each.call.name} for item, each in zip(items, answered, strict=True))
        found[f"{content}, named"] = tuple(named)
    return found


def _texts(result: Mapping[str, Any]) -> list[str]:
    parts = result.get("content") or ()
    return [str(part.get("text", "")) for part in parts if isinstance(part, Mapping) and part.get("type") == "text"]


def _part(text: str) -> Item:
    return {"type": "text", "text": text}


def _dumped(result: Mapping[str, Any]) -> str:
    """The way of OpenAI's Agents SDK: each part as pydantic writes it, one by itself, several as a list."""
    parts = [_part(text) | {"annotations": None, "meta": None} for text in _texts(result)]
    if len(parts) != 1:
        return json.dumps(parts)
    return json.dumps(parts[0], separators=(",", ":"), ensure_ascii=False)


_CONTENTS: Mapping[str, Any] = {
    "joined": lambda result: "".join(_texts(result)),
    "lines": lambda result: "\n".join(_texts(result)),
    "paragraphs": lambda result: "\n\n".join(_texts(result)),
    "parts": lambda result: [_part(text) for text in _texts(result)],
    "dumped": _dumped,
}


def _messages_replies(blocks: Any) -> Ways:
    if not isinstance(blocks, list):
        return {}
    plain = [
        {name: block[name] for name in _FIELDS.get(str(block.get("type")), tuple(block)) if name in block}
        for block in blocks
        if isinstance(block, dict)
    ]
    ways = {"as it came": blocks, "plain": plain, "no empty text": [each for each in plain if each.get("text") != ""]}
    return {name: ({"role": "assistant", "content": content},) for name, content in ways.items()}


_FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": ("type", "text"),
    "tool_use": ("type", "id", "name", "input"),
    "thinking": ("type", "thinking", "signature"),
}


def _messages_results(answered: Sequence[Answered]) -> Ways:
    found: dict[str, tuple[Item, ...]] = {}
    for content, told in _CONTENTS.items():
        blocks = [
            {"type": "tool_result", "tool_use_id": each.call.id, "content": told(each.result)} for each in answered
        ]
        found[content] = ({"role": "user", "content": blocks},)
        sure = [block | {"is_error": False} for block in blocks]
        found[f"{content}, no error"] = ({"role": "user", "content": sure},)
    return found


def _document(body: bytes) -> Item:
    """A reply that is one JSON document; empty for a stream."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _blocks(body: bytes) -> list[Item] | None:
    """The content blocks of a Messages stream, put together; None where they cannot be."""
    blocks: list[Item] = []
    inputs: dict[int, str] = {}
    try:
        for event in _events(body):
            _grow(blocks, inputs, event)
        for place, text in inputs.items():
            blocks[place]["input"] = json.loads(text or "{}")
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None
    return blocks or None


def _events(body: bytes) -> Iterator[Item]:
    for line in body.splitlines():
        if line.startswith(b"data:"):
            yield json.loads(line[5:])


def _grow(blocks: list[Item], inputs: dict[int, str], event: Item) -> None:
    match event.get("type"):
        case "content_block_start":
            blocks.append(dict(event["content_block"]))
            if "input" in event["content_block"]:
                inputs[event["index"]] = ""
        case "content_block_delta":
            delta, block = event["delta"], blocks[event["index"]]
            if delta["type"] == "input_json_delta":
                inputs[event["index"]] += delta["partial_json"]
            elif delta["type"] == "signature_delta":
                block["signature"] = delta["signature"]
            else:
                name = {"text_delta": "text", "thinking_delta": "thinking"}[delta["type"]]
                block[name] = block.get(name, "") + delta[name]
