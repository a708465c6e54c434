"""Requests that the tests of upstreams send, and how they read what comes back.

It must not know what an upstream answers.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

from proxy.exchange import Headers, Reply, Request
from proxy.wire.forms import Forms

FORMS = Forms()
HEADERS: Headers = ((b"content-type", b"application/json"), (b"authorization", b"Bearer client"))


def post(path: str = "/v1/chat/completions", headers: Headers = HEADERS, **body: Any) -> Request:
    """A request as the server reads it."""
    raw = json.dumps(body).encode()
    form = FORMS.of("POST", path)
    read = form.read(raw)
    return Request(
        "POST",
        path,
        headers,
        raw,
        form=form.name,
        model=read.model,
        stream=read.stream,
        conversation=read.conversation,
    )


def chat(text: str = "Hello", **fields: Any) -> Request:
    """A chat request with one user message."""
    return post(**{"model": "m", "messages": [{"role": "user", "content": text}], **fields})


def get(path: str, query: str = "", headers: Headers = HEADERS) -> Request:
    return Request("GET", path, headers, query=query)


async def body_of(reply: Reply) -> bytes:
    """The whole body."""
    return b"".join([chunk async for chunk in reply.chunks])


async def leave(chunks: AsyncIterator[bytes]) -> None:
    """What the road does when the client is gone."""
    close = getattr(chunks, "aclose", None)
    assert close is not None
    await close()
