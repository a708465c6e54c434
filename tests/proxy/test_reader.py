"""The reader: a request's bytes into nouns, whatever they are wrapped in."""

import gzip

import orjson
import pytest

from proxy.exchange import Request
from proxy.reader import Reader
from proxy.wire import Malformed
from proxy.wire.forms import Forms

READ = Reader(Forms(), most=100_000)
BODY = orjson.dumps({"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "hello"}]})


def test_a_chat_request_is_read() -> None:
    """Form, model, stream and conversation are filled in; the bytes stay."""
    request = READ(Request("POST", "/v1/chat/completions", body=BODY))
    assert (request.form, request.model, request.stream, request.body) == ("chat", "gpt-4o", True, BODY)
    assert request.conversation is not None
    assert request.conversation.turns[0].text == "hello"


def test_other_paths_are_relayed_unread() -> None:
    """Bytes of any kind pass where nothing is read, even broken JSON."""
    request = Request("POST", "/v1/files", body=b"\xff{")
    assert READ(request) is request


def test_gzip_is_read_and_kept_as_it_came() -> None:
    """A compressed body is read from a copy (drop-in, line 8)."""
    packed = gzip.compress(BODY)
    request = READ(Request("POST", "/v1/chat/completions", ((b"content-encoding", b"gzip"),), packed))
    assert request.model == "gpt-4o"
    assert request.body == packed


@pytest.mark.parametrize("encoding", [b"br", b"zstd", b"gzip"])
def test_what_cannot_be_unpacked_is_relayed_unread(encoding: bytes) -> None:
    """An encoding nobody here knows, or one that lies, is the upstream's to judge."""
    request = READ(Request("POST", "/v1/chat/completions", ((b"content-encoding", encoding),), b"???"))
    assert (request.form, request.model, request.conversation) == ("chat", "", None)


def test_a_bomb_is_relayed_unread() -> None:
    """A body that grows over the limit is not unpacked."""
    packed = gzip.compress(b" " * 200_000 + BODY)
    request = READ(Request("POST", "/v1/chat/completions", ((b"content-encoding", b"gzip"),), packed))
    assert request.conversation is None


def test_broken_json_is_told() -> None:
    """What is no JSON at all is the client's fault, in words that help."""
    with pytest.raises(Malformed, match="line 1"):
        READ(Request("POST", "/v1/chat/completions", body=b'{"model": '))
