"""Pieces that all wire forms share: text, content parts, arguments, token counts.

It must not know which form it reads; whatever has an unexpected type counts as absent.
"""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from proxy.conversation import ToolCall
from proxy.exchange import Usage

_SPOKEN = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "summary_text": "text",
    "refusal": "refusal",
}
"""Part types that are words, and the key that holds them."""


def word(value: object) -> str:
    """The value if it is a string, else the empty string."""
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """The value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def spoken(content: object) -> tuple[str, bool]:
    """Text of a content (a string or a list of parts), and whether it holds anything else."""
    if isinstance(content, str):
        return content, False
    texts, opaque = [], False
    for part in sequence(content):
        if isinstance(part, str):
            texts.append(part)
            continue
        fields = mapping(part)
        key = _SPOKEN.get(word(fields.get("type")), "")
        texts.append(word(fields.get(key)))
        opaque = opaque or not key or fields.get("cache_control") is not None
    return "\n".join(filter(None, texts)), opaque


def written(value: object) -> str:
    """Arguments as JSON text: a string is taken as it is, None is nothing, anything else is written compactly."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def call(raw: object, id: str = "") -> ToolCall:
    """A `{"name", "arguments" | "input"}` object as a tool call."""
    fields = mapping(raw)
    arguments = fields["arguments"] if "arguments" in fields else fields.get("input")
    return ToolCall(id, word(fields.get("name")), written(arguments))


def mended(text: str) -> str:
    """Text whose surrogate pairs were cut apart (a stream may split one character over two chunks) made whole."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def count(fields: Mapping[str, Any], *names: str) -> int:
    """The first of these fields that is a whole number, else 0."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
            return int(value) if value > 0 else 0
    return 0


def tokens(raw: object) -> Usage | None:
    """Usage in OpenAI's words, Chat (`prompt_tokens`) or Responses (`input_tokens`), or None where there is none."""
    if not isinstance(raw, dict):
        return None
    given = mapping(raw.get("prompt_tokens_details") or raw.get("input_tokens_details"))
    made = mapping(raw.get("completion_tokens_details") or raw.get("output_tokens_details"))
    return Usage(
        prompt=count(raw, "prompt_tokens", "input_tokens"),
        completion=count(raw, "completion_tokens", "output_tokens"),
        # DeepSeek tells the cache's part beside the counts, not below them.
        cached=count(given, "cached_tokens") or count(raw, "prompt_cache_hit_tokens"),
        cache_write=count(given, "cache_write_tokens"),
        reasoning=count(made, "reasoning_tokens"),
    )
