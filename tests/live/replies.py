"""What providers say: one question and one answer of each wire form, whole and as a stream.

It must not know the proxy. The shapes are those of OpenAI's and Anthropic's API references.
"""

from typing import Any

Json = dict[str, Any]

CHAT, RESPONSES, MESSAGES, EMBEDDINGS = "/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings"

QUESTIONS: dict[str, Json] = {
    CHAT: {"model": "gpt-4o", "messages": [{"role": "user", "content": "Where is the carriage?"}]},
    RESPONSES: {"model": "gpt-5", "input": "Where is the carriage?"},
    MESSAGES: {
        "model": "claude-next",
        "max_tokens": 64,
        "messages": [{"role": "user", "content": "Where is the carriage?"}],
    },
    EMBEDDINGS: {"model": "text-embedding-3-small", "input": ["Where is the carriage?"]},
}

USAGE = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}
OF_CHAT = {"id": "chatcmpl-7", "created": 1760000000, "model": "gpt-4o-2024-08-06", "system_fingerprint": "fp_9"}


def chat(text: str | None = "Ahead.", **message: Any) -> Json:
    """A chat completion; `message` adds to the assistant's message."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "refusal": None, **message},
        "logprobs": None,
        "finish_reason": "tool_calls" if "tool_calls" in message else "stop",
    }
    return {**OF_CHAT, "object": "chat.completion", "choices": [choice], "usage": USAGE, "service_tier": "default"}


def delta(finish: str | None = None, index: int = 0, **fields: Any) -> Json:
    """One chunk of a chat stream."""
    choice = {"index": index, "delta": fields, "logprobs": None, "finish_reason": finish}
    return {**OF_CHAT, "object": "chat.completion.chunk", "service_tier": "default", "choices": [choice]}


def chat_stream(*texts: str) -> list[Json | str]:
    """A chat stream with its role-only beginning, a chunk for each text, its end and its mark."""
    middle = [delta(content=text) for text in texts]
    return [delta(role="assistant", content=""), *middle, delta("stop"), "[DONE]"]


def usage_chunk() -> Json:
    """The last chunk of a stream that was asked to include usage."""
    return {**delta(), "choices": [], "usage": USAGE}


def tool_call(index: int, arguments: str, id: str | None = None, name: str | None = None) -> Json:
    """One piece of a tool call in a chat stream."""
    function = {"arguments": arguments} if name is None else {"name": name, "arguments": arguments}
    call: Json = {"index": index, "function": function}
    return call if id is None else {**call, "id": id, "type": "function"}


def tool_stream() -> list[Json | str]:
    """Two tool calls, their pieces interleaved."""
    pieces = [
        tool_call(0, "", "call_A1b2C3d4", "scout"),
        tool_call(1, "", "call_E5f6G7h8", "signal"),
        tool_call(0, '{"road": "no'),
        tool_call(1, '{"horn":'),
        tool_call(0, 'rth"}'),
        tool_call(1, " true}"),
    ]
    start = delta(role="assistant", content=None)
    return [start, *(delta(tool_calls=[piece]) for piece in pieces), delta("tool_calls"), "[DONE]"]


def response(id: str = "resp_7", text: str = "Ahead.", **fields: Any) -> Json:
    """A Responses object with one message."""
    content = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    message = {"type": "message", "id": "msg_7", "role": "assistant", "status": "completed", "content": [content]}
    usage = {
        "input_tokens": 12,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 15,
    }
    base = {"id": id, "object": "response", "created_at": 1760000000, "model": "gpt-5", "status": "completed"}
    rest = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "output": [message], "usage": usage}
    return {**base, **rest, **fields}


def response_stream(text: str = "Ahead.") -> list[Json | str]:
    """The events of a Responses stream; it has no mark at its end."""
    place = {"item_id": "msg_7", "output_index": 0, "content_index": 0}
    whole = response(text=text)
    empty = {**whole, "status": "in_progress", "output": [], "usage": None}
    item = whole["output"][0]
    events: list[Json] = [
        {"type": "response.created", "response": empty},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
        {"type": "response.content_part.added", **place, "part": {**item["content"][0], "text": ""}},
        {"type": "response.output_text.delta", **place, "delta": text, "logprobs": []},
        {"type": "response.output_text.done", **place, "text": text, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": item["content"][0]},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.tomorrow", "surprise": [1, None, "…"]},
        {"type": "response.completed", "response": whole},
    ]
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def message(*content: Json, stop: str = "end_turn") -> Json:
    """An Anthropic message."""
    given = list(content) or [{"type": "text", "text": "Ahead."}]
    usage = {"input_tokens": 12, "output_tokens": 3, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    base = {"id": "msg_01", "type": "message", "role": "assistant", "model": "claude-next"}
    return {**base, "content": given, "stop_reason": stop, "stop_sequence": None, "usage": usage}


def message_stream(text: str = "Ahead.") -> list[Json | str]:
    """The events of an Anthropic stream: a thought with its signature, then a text."""
    start = {**message(), "content": [], "stop_reason": None}
    thought = {"type": "thinking", "thinking": "", "signature": ""}
    return [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": thought},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm."}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2lnbg=="}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]


STREAMS: dict[str, list[Json | str]] = {
    CHAT: chat_stream("A", "head", "."),
    RESPONSES: response_stream(),
    MESSAGES: message_stream(),
}
VECTOR = {"object": "embedding", "index": 0, "embedding": [0.5, -1e-07]}
ANSWERS: dict[str, Json] = {
    CHAT: chat(),
    RESPONSES: response(),
    MESSAGES: message(),
    EMBEDDINGS: {"object": "list", "data": [VECTOR], "model": "text-embedding-3-small", "usage": USAGE},
}


def error(message: str, type: str = "invalid_request_error", code: str | None = None) -> Json:
    """An error as OpenAI tells it."""
    return {"error": {"message": message, "type": type, "param": None, "code": code}}
