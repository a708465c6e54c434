"""Completions (legacy): one prompt, one text.

It must not know any other form.
"""

import pytest

from proxy.exchange import Usage
from proxy.wire.forms import Forms
from tests.proxy.wire.chains import texts

COMPLETIONS = Forms().of("POST", "/v1/completions")


def test_prompt() -> None:
    """A prompt is one user turn that points at its string."""
    body = b'{"model":"m","prompt":"Once","stream":true}'
    read = COMPLETIONS.read(body)
    assert read.conversation
    assert (read.model, read.stream, texts(read.conversation.turns)) == ("m", True, [("user", "Once")])
    assert body[slice(*read.conversation.turns[0].span)] == b'"Once"'
    assert read.conversation.turns[0].chain


@pytest.mark.parametrize("prompt", [b'["a","b"]', b"[1,2,3]", b"null"])
def test_no_conversation(prompt: bytes) -> None:
    """Several prompts, or tokens, are no turns."""
    read = COMPLETIONS.read(b'{"model":"m","prompt":' + prompt + b"}")
    assert read.conversation
    assert (read.model, read.conversation.turns) == ("m", ())


def test_fold() -> None:
    """A document and a stream of the same text fold to the same."""
    usage = b'"usage":{"prompt_tokens":1,"completion_tokens":2}'
    document = b'{"id":"c","model":"m","choices":[{"text":"upon a time","finish_reason":"stop"}],' + usage + b"}"
    chunks = [
        b'{"id":"c","model":"m","choices":[{"text":"upon ","finish_reason":null}]}',
        b'{"id":"c","model":"m","choices":[{"text":"a time","finish_reason":"stop"}]}',
        b'{"id":"c","model":"m","choices":[],' + usage + b"}",
        b"[DONE]",
    ]
    stream = b"".join(b"data: " + chunk + b"\n\n" for chunk in chunks)
    outcome = COMPLETIONS.fold(document, events=False)
    assert outcome == COMPLETIONS.fold(stream, events=True)
    assert (texts(outcome.turns), outcome.finish, outcome.usage) == (
        [("assistant", "upon a time")],
        "stop",
        Usage(1, 2),
    )
    assert COMPLETIONS.ends(stream)
    assert not COMPLETIONS.fold(stream.split(b"\n\n")[0], events=True).whole
