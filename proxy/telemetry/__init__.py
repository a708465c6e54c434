"""Telemetry: what is said about a finished exchange, and the words all sinks say it in.

It must not know any single sink, nor content: no prompt, no answer, no credential, no provider's error text.
The names are those of the OpenTelemetry conventions for generative AI, v1.41.0 (status: development).
"""

from proxy.exchange import Completion, Exchange, Note

CLIENT_LEFT = "client left"
"""`Completion.error` where the client closed the connection before the end."""
UNUSED = "not asked for"
"""`Completion.error` where a reply that was asked for early answered nobody."""

OPERATIONS = {
    "chat": "chat",
    "responses": "chat",
    "messages": "chat",
    "completions": "text_completion",
    "embeddings": "embeddings",
}
"""`gen_ai.operation.name` by wire form; any other form goes by its own name."""


def operation(exchange: Exchange) -> str:
    """`gen_ai.operation.name`."""
    return OPERATIONS.get(exchange.request.form, exchange.request.form)


def error_type(completion: Completion) -> str:
    """`error.type`: `client_left`, the status from 400 up, `unused` for an early reply that was dropped, `incomplete`
    for a stream that broke off, `stream_error` for an error told inside a good reply, or empty when all is well."""
    if completion.error == CLIENT_LEFT:
        return "client_left"
    if completion.status >= 400:
        return str(completion.status)
    if completion.error == UNUSED:
        return "unused"
    if not completion.whole:
        return "incomplete"
    return "stream_error" if completion.error else ""


def store_failed(note: Note) -> bool:
    """Whether the note says that the store was slow or gone."""
    return note.by == "road" and note.moment in ("load", "save") and note.kind == "fault"


__all__ = ["CLIENT_LEFT", "error_type", "operation", "store_failed"]
