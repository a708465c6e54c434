"""Requests of the three forms, as they are read on the road, for the tests of what changes them.

It must not know what is changed.
"""

import json
from typing import Any

from proxy.exchange import Request
from proxy.reader import Reader
from proxy.wire.forms import Forms

READ = Reader(Forms(0), most=1 << 20)
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
ITEMS = {"chat": "messages", "responses": "input", "messages": "messages"}


def request(items: Any, form: str = "chat", **fields: Any) -> Request:
    """One with these items, or this text."""
    body = json.dumps({"model": "m", ITEMS[form]: items, **fields}).encode()
    return READ(Request("POST", PATHS[form], (), body))


def items(request: Request) -> Any:
    """Those of a request."""
    return json.loads(request.body)[ITEMS[request.form]]


def user(content: Any) -> dict[str, Any]:
    """A message of the user's."""
    return {"role": "user", "content": content}


def result(id: str, text: Any, form: str = "chat") -> dict[str, Any]:
    """A tool's result: an item, or in Messages a part of one."""
    if form == "chat":
        return {"role": "tool", "tool_call_id": id, "content": text}
    if form == "responses":
        return {"type": "function_call_output", "call_id": id, "output": text}
    return {"type": "tool_result", "tool_use_id": id, "content": text}
