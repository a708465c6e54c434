"""OpenAI Embeddings and Moderations: a model, a usage, nothing said.

It must not know any other form. Source: OpenAI API reference, "Embeddings" and "Moderations".
"""

from proxy.wire import Asides, Body, Outcome, errors
from proxy.wire.document import loads, parse
from proxy.wire.growth import seen
from proxy.wire.parts import mapping, tokens, word


class Embeddings:
    """`POST /v1/embeddings`; Moderations under its own name."""

    asides: Asides | None = None

    def __init__(self, name: str = "embeddings") -> None:
        self.name = name

    def read(self, body: bytes) -> Body:
        """See `Form.read`."""
        return seen(parse(body, "input").fields, None)

    def fold(self, body: bytes, *, events: bool) -> Outcome:
        """See `Form.fold`. These replies are never streamed."""
        document = mapping(loads(body))
        return Outcome(
            id=word(document.get("id")),
            model=word(document.get("model")),
            usage=tokens(document.get("usage")),
            error=errors.told(document),
            whole=bool(document),
        )

    def ends(self, tail: bytes) -> bool:
        """Never: the end of the body ends it."""
        return False

    def failure(self, message: str, *, code: str, status: int) -> bytes:
        """See `Form.failure`."""
        return errors.failure(message, code=code, status=status)

    def stream_failure(self, message: str, *, code: str) -> bytes:
        """See `Form.stream_failure`."""
        return errors.stream_failure(message, code=code)
