"""Requests to members, made of the client's own: its conversation with something added, or a question of ours.

It must not know what is asked, nor who answers. It writes the three forms that hold a conversation (Chat Completions,
Responses, Messages); whatever else stands in a body stays where the client's own words go on to the last call.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from policies.inner.documents import object_of
from policies.inner.splicing import json_of
from proxy.exchange import Request

Json = dict[str, Any]

ITEMS: Mapping[str, str] = {"chat": "messages", "responses": "input", "messages": "messages"}
"""Where the conversation stands in each form."""
TEXTS = ("content", "text", "output")
"""Fields of an item that hold what was said: of a message, of its parts, of a tool's result, in all three forms."""
PATHS: Mapping[str, str] = {"/v1/chat/completions": "chat", "/v1/responses": "responses", "/v1/messages": "messages"}
"""Where conversations are sent, and in which form."""
COUNTED = ("/v1/messages/count_tokens", "/v1/responses/input_tokens", "/v1/responses/compact")
"""Questions about a conversation, which a single model is asked."""
LAST_ONLY = frozenset(
    (
        *("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call"),
        *("n", "response_format", "text", "logprobs", "top_logprobs", "stream_options", "background", "store"),
        *("prediction", "modalities", "audio", "stream"),
    )
)
"""Fields that are for the answer alone: tools, how it is dressed, how it is sent."""
PRIVATE = frozenset((b"idempotency-key",))
"""Headers that belong to the client's one request and to no other."""


def readable(request: Request) -> bool:
    """Whether the request holds a conversation that can be put to members."""
    return (
        request.path in PATHS
        and request.form in ITEMS
        and isinstance(body_of(request).get(ITEMS[request.form]), list | str)
    )


def named(request: Request, model: str) -> Request:
    """The client's own request for another model; nothing else is changed."""
    return with_body(request, {**body_of(request), "model": model})


def following(request: Request, model: str, text: str) -> Request:
    """The client's own request with `text` as the user's last words; tools, format and streaming stay."""
    body = body_of(request)
    field = ITEMS[request.form]
    return with_body(request, {**body, "model": model, field: [*_listed(body[field]), _spoken(text)]})


def inner(request: Request, model: str, text: str = "") -> Request:
    """The client's conversation for a step that the client does not see: no tools, no format, not streamed.

    What tools were asked and answered before is told in words, for a provider wants tools where it sees their calls.
    """
    body = {key: value for key, value in body_of(request).items() if key not in LAST_ONLY}
    field = ITEMS[request.form]
    items = [_plain(item) for item in _listed(body[field])]
    body |= {"model": model, field: [*filter(None, items), *([_spoken(text)] if text else [])]}
    if request.form == "responses":
        body["store"] = False
    return with_body(request, body)


def alone(request: Request, model: str, text: str) -> Request:
    """A question of ours, without the client's conversation."""
    body: Json = {"model": model, ITEMS[request.form]: [_spoken(text)]}
    if request.form == "messages":
        body["max_tokens"] = body_of(request).get("max_tokens", 1024)
    if request.form == "responses":
        body["store"] = False
    return with_body(request, body)


def has_tools(request: Request) -> bool:
    """Whether the client offers tools."""
    body = body_of(request)
    return bool(body.get("tools") or body.get("functions"))


def question(request: Request) -> str:
    """The user's last words."""
    said = [turn.text for turn in request.turns if turn.role == "user" and turn.text.strip()]
    return said[-1] if said else ""


def body_of(request: Request) -> Json:
    """The request's body, which nobody may change: it is read once for all members."""
    return _read(request.body)


@lru_cache(maxsize=8)
def _read(raw: bytes) -> Json:
    return object_of(raw) or {}


def with_body(request: Request, body: Json) -> Request:
    headers = tuple(pair for pair in request.headers if pair[0] not in PRIVATE)
    return request.but(headers=headers, body=json_of(body), model=body["model"], stream=bool(body.get("stream")))


def _spoken(text: str) -> Json:
    return {"role": "user", "content": text}


def _listed(items: Any) -> list[Any]:
    return [_spoken(items)] if isinstance(items, str) else list(items)


def _plain(item: Any) -> Json | None:
    """An item without calls and results, which are told in words; None where nothing is left of it."""
    if not isinstance(item, dict):
        return None
    kind = item.get("type")
    if kind in ("function_call", "custom_tool_call"):
        return {"role": "assistant", "content": _call(item.get("name"), item.get("arguments", item.get("input")))}
    if kind in ("function_call_output", "custom_tool_call_output") or item.get("role") in ("tool", "function"):
        return _spoken(_result(item.get("output", item.get("content"))))
    if "role" not in item:
        return None
    if item.get("tool_calls"):
        calls = [_call(call.get("name"), call.get("arguments")) for call in _functions(item["tool_calls"])]
        return {"role": item["role"], "content": "\n".join(filter(None, (_text(item.get("content")), *calls)))}
    if isinstance(item.get("content"), list):
        return {**item, "content": [_block(block) for block in item["content"]]}
    return item


def _block(block: Any) -> Any:
    kind = block.get("type") if isinstance(block, dict) else ""
    if kind == "tool_use":
        return {"type": "text", "text": _call(block.get("name"), block.get("input"))}
    if kind == "tool_result":
        return {"type": "text", "text": _result(block.get("content"))}
    return block


def _functions(calls: Any) -> Iterable[Json]:
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict):
            yield call.get("function") or call.get("custom") or call


def _call(name: object, arguments: object) -> str:
    told = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return f"[called {name} with {told}]"


def _result(content: object) -> str:
    return f"[result: {_text(content)}]"


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else "" if content is None else json.dumps(content, ensure_ascii=False)
