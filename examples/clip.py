"""A policy: long tool results are clipped before the model reads them.

It must not know anything but nouns: no clock, no dice, no network, no `async`.
"""

import json

from proxy.conversation import Turn
from proxy.exchange import Exchange
from proxy.policy import Decision, Policy

MARK = "\n[clipped]"


class Clip(Policy):
    """Clips tool results of chat requests to `most` characters, the same way at every turn, so that the provider's
    prompt cache still finds its prefix."""

    name = "clip"

    def __init__(self, most: int = 8_000) -> None:
        self.most = most

    def prepare(self, exchange: Exchange) -> Decision | None:
        """Another request where a result is too long; None, and the bytes stay as they are, where none is."""
        request = exchange.request
        if request.form != "chat" or request.conversation is None or request.header(b"content-encoding"):
            return None
        long = [turn for turn in request.conversation.turns if self.is_long(turn)]
        if not long:
            return None
        body = request.body
        for turn in reversed(long):  # from the end, so that the spans before stay where they are
            begin, end = turn.span
            body = body[:begin] + self.clipped(body[begin:end]) + body[end:]
        return Decision(f"clipped {len(long)} tool results to {self.most} characters", request=request.but(body=body))

    def is_long(self, turn: Turn) -> bool:
        """Whether it holds a result to clip, and nothing that may not be rewritten."""
        return not turn.opaque and any(len(result.text) > self.most + len(MARK) for result in turn.results)

    def clipped(self, item: bytes) -> bytes:
        """The raw message with its content clipped and every other field kept."""
        message = json.loads(item)
        if isinstance(message["content"], str):
            message["content"] = message["content"][: self.most] + MARK
        return json.dumps(message, ensure_ascii=False).encode()
