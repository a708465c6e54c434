"""Credentials in headers and queries: what is left out of every recording.

It must not know exchanges, nor the form in which the rest is written down.
"""

import re
from itertools import compress
from urllib.parse import unquote_plus

from proxy.exchange import Headers
from proxy.memo import Memo

SECRET_HEADERS = re.compile(
    rb"authorization|cookie2?|set-cookie2?|.*-authorization|(.*[-_])?(api[-_]?key|token|secret|auth|password)"
    rb"|ocp-apim-subscription-key|x-forwarded-client-cert"
)
"""Headers that carry credentials, by whole name; they are left out."""

SECRET_FIELDS = re.compile(
    r"(.*[-_])?(key|token|secret|password|sig|signature|auth|authorization)|apikey", re.IGNORECASE
)
"""Query fields that do; their values are left out."""


def spared_headers(headers: Headers) -> list[tuple[str, str]]:
    """The headers without those that carry credentials, as text, in wire order."""
    if not headers:
        return []
    names, values = zip(*headers, strict=True)
    told, spared = _told[names]
    # To decode them together costs half of decoding each, and they hold no line breaks, unless somebody made them so.
    texts = b"\n".join(compress(values, spared)).decode("latin-1").split("\n")
    if len(texts) != len(told):
        texts = [value.decode("latin-1") for value in compress(values, spared)]
    return [*zip(told, texts, strict=True)]


def spared_query(query: str) -> str:
    """The query without the values of its secret fields; all else as it was written."""
    return "&".join(_field(pair) for pair in query.split("&")) if query else ""


def _names(names: tuple[bytes, ...]) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """The names, as text, of headers that carry no credentials, and for each header whether it is one of them."""
    spared = tuple(SECRET_HEADERS.fullmatch(name.lower()) is None for name in names)
    return tuple(name.decode("latin-1") for name in compress(names, spared)), spared


_told = Memo(_names, most=256)


def _field(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}=" if equals and SECRET_FIELDS.fullmatch(unquote_plus(name)) else pair
