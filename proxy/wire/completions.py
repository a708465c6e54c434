"""OpenAI Completions (legacy): one prompt, one text.

It must not know any other form but Chat's framing, which it shares. Source: OpenAI API reference, "Completions".
"""

from proxy.conversation import Conversation, Turn
from proxy.exchange import Usage
from proxy.wire import Asides, Body, Outcome, errors
from proxy.wire.chat import done
from proxy.wire.document import loads, parse
from proxy.wire.growth import START, placed, seen
from proxy.wire.parts import mapping, mended, sequence, tokens, word
from proxy.wire.sse import payloads


class Completions:
    """`POST /v1/completions`. Several prompts in one request, or prompts given as tokens, are no conversation."""

    name = "completions"
    asides: Asides | None = None

    def read(self, body: bytes) -> Body:
        """See `Form.read`."""
        document = parse(body, "prompt")
        if not document.sliced:
            return seen(document.fields, None)
        prompt = document.fields.pop("prompt", None)
        span = (document.start, document.end)
        turns = (placed(Turn("user", prompt), span, START),) if isinstance(prompt, str) else ()
        return seen(document.fields, Conversation(turns, fields=document.fields))

    def fold(self, body: bytes, *, events: bool) -> Outcome:
        """See `Form.fold`. Of several choices the first is read."""
        pieces = list(payloads(body)) if events else [body]
        texts: list[str] = []
        id = model = finish = error = ""
        usage: Usage | None = None
        for piece in pieces:
            document = mapping(loads(piece))
            id, model = id or word(document.get("id")), model or word(document.get("model"))
            usage = tokens(document.get("usage")) or usage
            error = error or errors.told(document)
            for choice in map(mapping, sequence(document.get("choices"))[:1]):
                texts.append(word(choice.get("text")))
                finish = word(choice.get("finish_reason")) or finish
        turns = (Turn("assistant", mended("".join(texts))),) if texts else ()
        ended = bool(finish) or b"[DONE]" in pieces if events else bool(mapping(loads(body)))
        return Outcome(turns, id, model, finish, usage, error, ended)

    def ends(self, tail: bytes) -> bool:
        """`data: [DONE]` and its blank line."""
        return done(tail)

    def failure(self, message: str, *, code: str, status: int) -> bytes:
        """See `Form.failure`."""
        return errors.failure(message, code=code, status=status)

    def stream_failure(self, message: str, *, code: str) -> bytes:
        """See `Form.stream_failure`."""
        return errors.stream_failure(message, code=code)
