"""Conversations for the tests of consolidation, written in each wire form.

It must not know the policy.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from proxy.exchange import Exchange, Request, Session
from proxy.reader import Reader
from proxy.wire.forms import Forms

READ = Reader(Forms(), most=1 << 24)
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
ITEMS = {"chat": "messages", "responses": "input", "messages": "messages"}


def user(text: str) -> dict[str, Any]:
    """A user message, the same in every form."""
    return {"role": "user", "content": text}


def said(text: str) -> dict[str, Any]:
    """An assistant message, the same in every form."""
    return {"role": "assistant", "content": text}


def call(form: str, id: str, name: str, arguments: dict[str, Any], result: str) -> list[dict[str, Any]]:
    """A tool call and its result."""
    text = orjson.dumps(arguments).decode()
    if form == "responses":
        return [
            {"type": "function_call", "call_id": id, "name": name, "arguments": text},
            {"type": "function_call_output", "call_id": id, "output": result},
        ]
    if form == "messages":
        return [
            {"role": "assistant", "content": [{"type": "tool_use", "id": id, "name": name, "input": arguments}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": result}]},
        ]
    made = {"id": id, "type": "function", "function": {"name": name, "arguments": text}}
    return [
        {"role": "assistant", "content": None, "tool_calls": [made]},
        {"role": "tool", "tool_call_id": id, "content": result},
    ]


def asked(form: str, items: Sequence[dict[str, Any]], *, system: str = "Be brief.", **fields: Any) -> Request:
    """A request with these items, read."""
    body: dict[str, Any] = {"model": "gpt-4o", **fields}
    items = list(items)
    if form == "chat":
        items = [{"role": "system", "content": system}, *items]
    else:
        body["instructions" if form == "responses" else "system"] = system
    body[ITEMS[form]] = items
    return READ(Request("POST", PATHS[form], (), orjson.dumps(body), caller="me"))


def exchange(request: Request, memory: Any = None, *, id: str = "e1", now: float = 1000.0) -> Exchange:
    """An exchange about the request, with the policy's memory of the session."""
    remembered = {} if memory is None else {"consolidate": memory}
    return Exchange(id, request, Session("s1", "agent"), now, memory=remembered, asked=request)


def items_of(request: Request) -> list[dict[str, Any]]:
    """The items in a request's body."""
    items: list[dict[str, Any]] = orjson.loads(request.body)[ITEMS[request.form]]
    return items
