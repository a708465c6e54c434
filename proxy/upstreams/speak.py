"""Speaks a chat message again as an upstream would: a JSON document, or a stream of chunks. Pure.

It must not know where the message comes from, or the pace. Source: OpenAI API reference, "Chat Completions".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from proxy.exchange import Usage

FEW_WORDS = re.compile(r"(?:\s*\S+){1,3}\s*|\s+")
ARGUMENT_BYTES = 24
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Speech:
    """What is to be said: an assistant message in chat form, under which id and model, at which count of tokens."""

    id: str
    model: str
    message: Mapping[str, Any]
    usage: Usage

    @property
    def finish(self) -> str:
        return "tool_calls" if self.message.get("tool_calls") else "stop"


def document(speech: Speech) -> bytes:
    """The reply as one JSON document."""
    message = {"refusal": None, "annotations": [], **speech.message, "role": "assistant"}
    message.setdefault("content", None)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": speech.finish}
    return orjson.dumps({**_head(speech, "chat.completion"), "choices": [choice], "usage": told(speech.usage)})


def events(speech: Speech, *, include_usage: bool) -> Iterator[bytes]:
    """The reply as server-sent events: the role alone, a few words at a time, tool calls piece by piece, the reason
    it ends, the tokens where they were asked for, `[DONE]`."""
    head = _head(speech, "chat.completion.chunk")
    extra: dict[str, Any] = {"usage": None} if include_usage else {}
    for delta in deltas(speech.message):
        yield _event({**head, "choices": [_choice(delta, None)], **extra})
    yield _event({**head, "choices": [_choice({}, speech.finish)], **extra})
    if include_usage:
        yield _event({**head, "choices": [], "usage": told(speech.usage)})
    yield DONE


def deltas(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The message in the pieces in which a model streams it."""
    text, calls = message.get("content"), message.get("tool_calls") or ()
    yield {"role": "assistant", "content": "" if text or not calls else None, "refusal": None}
    if isinstance(text, str):
        yield from ({"content": words} for words in FEW_WORDS.findall(text))
    for index, call in enumerate(calls):
        function = call.get("function") or {}
        opening = {"name": function.get("name"), "arguments": ""}
        yield {"tool_calls": [{"index": index, "id": call.get("id"), "type": "function", "function": opening}]}
        arguments = function.get("arguments") or ""
        for start in range(0, len(arguments), ARGUMENT_BYTES):
            piece = {"arguments": arguments[start : start + ARGUMENT_BYTES]}
            yield {"tool_calls": [{"index": index, "function": piece}]}


def told(usage: Usage) -> dict[str, Any]:
    """Tokens in the shape of the chat form."""
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    }


def _head(speech: Speech, kind: str) -> dict[str, Any]:
    # The same words at another time must be the same bytes, so the clock stands still.
    return {"id": speech.id, "object": kind, "created": 0, "model": speech.model, "system_fingerprint": None}


def _choice(delta: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _event(value: Mapping[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"
