"""What a request needs of the model that is to answer it.

It must not know models, nor any wire form beyond the words by which all of them mark what is not text.
"""

import re
from typing import NamedTuple

from policies.routing.prior import topics
from proxy.exchange import Request

BYTES_PER_TOKEN = 4
PART = re.compile(rb'"type"\s*:\s*"(image_url|input_image|image|input_audio|input_file|file|document)"')
MODALITY = {
    b"image_url": "image",
    b"input_image": "image",
    b"image": "image",
    b"input_audio": "audio",
    b"input_file": "file",
    b"file": "file",
    b"document": "file",
}
STATEFUL = ("previous_response_id", "conversation")


class Need(NamedTuple):
    """What is asked, and what it takes."""

    tokens: int
    """Of the prompt, roughly."""
    tools: bool
    modalities: frozenset[str]
    asks: frozenset[str]
    """Skills that its words ask for."""
    bound: bool
    """Whether it refers to state, or holds items, that only the model before can read."""
    caller: str = ""
    """Whose rate limits count."""
    stream: bool = False
    pin: str = ""
    """The model that is not left out for its condition, as no other will do."""
    question: str = ""
    """What the user said last."""
    vector: tuple[float, ...] = ()
    """Its embedding, where it was asked for."""

    @classmethod
    def of(cls, request: Request) -> "Need":
        """What a readable request needs."""
        conversation = request.conversation
        assert conversation is not None
        last = conversation.last("user")
        found = frozenset(MODALITY[kind] for kind in PART.findall(request.body))
        refers = any(conversation.fields.get(name) for name in STATEFUL)
        bound = refers or any(turn.opaque for turn in conversation.turns if turn.role != "user")
        asks = topics(last.text) if last else frozenset()
        tokens = len(request.body) // BYTES_PER_TOKEN
        question = last.text if last else ""
        tools, caller = bool(conversation.tools), request.caller
        return cls(tokens, tools, found, asks, bound, caller, request.stream, question=question)
