"""Errors: bodies of our own in OpenAI's shape, and the message in anybody's error body.

It must not know HTTP or why something failed. The shape is that of the OpenAI API reference:
`{"error": {"message", "type", "param", "code"}}` with `code` a string or null.
"""

import orjson

from proxy.wire.parts import written
from proxy.wire.sse import encode

KIND = "outrider_error"
"""The `type` of every error that is ours and not the provider's."""


def words(message: str) -> str:
    """A message that says whose it is."""
    return f"Outrider: {message}"


def failure(message: str, *, code: str, status: int = 0) -> bytes:
    """An error body in OpenAI's shape. `status` belongs to the reply's head, not to its body."""
    error = {"message": words(message), "type": KIND, "param": None, "code": code or None}
    return orjson.dumps({"error": error})


def stream_failure(message: str, *, code: str) -> bytes:
    """The same as an event, for a stream that has begun."""
    return encode(failure(message, code=code))


def told(document: object) -> str:
    """The message of an error in a reply, in whatever shape a provider gives it; empty when there is none."""
    if not isinstance(document, dict):
        return ""
    error = document.get("error")
    if not error:
        # Without an `error` member: `{"object": "error", "message": …}` (vLLM), `{"detail": …}` (FastAPI).
        spoken = document.get("message") if document.get("object") == "error" else document.get("detail")
        return spoken if isinstance(spoken, str) else ""
    if isinstance(error, dict):
        error = error.get("message") or error.get("code") or error.get("type") or "error"
    return written(error)
