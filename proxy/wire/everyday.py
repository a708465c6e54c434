"""The everyday chat reply, a text and its counts, read from its bytes straight into fields.

It must not know any other reply: whatever is more than that, or not as it should be, is left to the form's own reading,
which gives the same for these. To make objects of a whole document takes four times as long.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from proxy.conversation import Turn
from proxy.exchange import Usage
from proxy.wire import Outcome

Count = Annotated[int, Meta(ge=0, lt=1 << 53)]


class _Given(Struct, gc=False):
    cached_tokens: Count | None = None
    cache_write_tokens: Count | None = None


class _Made(Struct, gc=False):
    reasoning_tokens: Count | None = None


class _Usage(Struct, gc=False):
    prompt_tokens: Count
    completion_tokens: Count
    prompt_tokens_details: _Given | None = None
    completion_tokens_details: _Made | None = None
    # Other providers' words for the same.
    input_tokens_details: None = None
    output_tokens_details: None = None
    prompt_cache_hit_tokens: None = None


class _Message(Struct, gc=False):
    content: str
    role: str = "assistant"
    # All that makes a message more than its text.
    tool_calls: None = None
    function_call: None = None
    name: None = None
    audio: None = None
    cache_control: None = None
    extra_content: None = None
    reasoning_content: None = None
    reasoning_details: None = None
    thinking_blocks: None = None


class _Choice(Struct, gc=False):
    message: _Message
    index: Annotated[int, Meta(ge=0, le=0)] = 0
    finish_reason: str | None = None


class _Reply(Struct, gc=False):
    choices: tuple[_Choice]
    usage: _Usage
    id: str | None = None
    model: str | None = None
    service_tier: str | None = None
    # All that tells of an error.
    error: None = None
    detail: None = None
    message: None = None


_REPLY = msgspec.json.Decoder(_Reply)


def outcome(body: bytes) -> Outcome | None:
    """What the reply says; None for one that is not of the everyday kind."""
    try:
        reply = _REPLY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    (choice,) = reply.choices
    message, usage = choice.message, reply.usage
    if message.role == "tool" or message.role == "function" or not message.content:
        return None
    given, made = usage.prompt_tokens_details, usage.completion_tokens_details
    counted = Usage(
        usage.prompt_tokens,
        usage.completion_tokens,
        (given and given.cached_tokens) or 0,
        (given and given.cache_write_tokens) or 0,
        (made and made.reasoning_tokens) or 0,
    )
    said = Turn(message.role, message.content)
    tier = reply.service_tier or ""
    return Outcome((said,), reply.id or "", reply.model or "", choice.finish_reason or "", counted, "", True, tier)
