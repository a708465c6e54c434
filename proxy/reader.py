"""Reads a request's bytes into nouns, by its wire form.

It must not know where the bytes came from, nor any single form.
"""

from typing import Protocol

from proxy.exchange import Request
from proxy.relay import inflate
from proxy.wire import Body, Form


class FormTable(Protocol):
    """The table of wire forms."""

    def of(self, method: str, path: str) -> Form:
        """The form of a request to this path."""


class Reader:
    """Reads requests; remembers nothing itself."""

    def __init__(self, forms: FormTable, *, most: int) -> None:
        """`most`: bytes to which a compressed body may grow; a longer one is relayed unread."""
        self._forms = forms
        self._most = most

    def __call__(self, request: Request) -> Request:
        """The same request with form, model, stream and conversation filled in. Raises `Malformed`."""
        form = self._forms.of(request.method, request.path)
        if form.name == "plain":
            return request if request.form == "plain" else request.but(form="plain")
        read = self._read(form, request)
        return request.but(form=form.name, model=read.model, stream=read.stream, conversation=read.conversation)

    def _read(self, form: Form, request: Request) -> Body:
        encoding = request.header(b"content-encoding").strip().lower()
        if encoding in ("", "identity"):
            return form.read(request.body)
        plain = inflate(request.body, encoding, self._most)
        return form.read(plain) if plain else Body()
