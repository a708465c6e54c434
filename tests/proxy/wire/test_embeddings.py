"""Embeddings and Moderations: a model, a usage, nothing said.

It must not know any other form.
"""

from proxy.exchange import Usage
from proxy.wire import Body
from proxy.wire.forms import Forms

FORMS = Forms()


def test_embeddings() -> None:
    """The model is read from the request, model and usage from the reply; there is no conversation."""
    form = FORMS.of("POST", "/v1/embeddings")
    assert form.read(b'{"model":"e","input":["a","b"]}') == Body("e")
    reply = b'{"object":"list","data":[{"embedding":[0.1]}],"model":"e-1","usage":{"prompt_tokens":8,"total_tokens":8}}'
    outcome = form.fold(reply, events=False)
    assert (outcome.model, outcome.usage, outcome.turns, outcome.whole) == ("e-1", Usage(8), (), True)
    assert not form.ends(reply)


def test_moderations() -> None:
    """Moderations have an id and no usage."""
    outcome = FORMS.of("POST", "/v1/moderations").fold(b'{"id":"modr_1","model":"o","results":[]}', events=False)
    assert (outcome.id, outcome.model, outcome.usage) == ("modr_1", "o", None)


def test_cut() -> None:
    """Half a document is not whole."""
    assert not FORMS.of("POST", "/v1/embeddings").fold(b'{"data":[', events=False).whole
