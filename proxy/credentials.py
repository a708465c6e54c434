"""Credentials in headers and queries: what is left out of every recording.

It must not know exchanges, nor the form in which the rest is written down.
"""

import re
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
    return [(told, value.decode("latin-1")) for name, value in headers if (told := _told[name]) is not None]


def spared_query(query: str) -> str:
    """The query without the values of its secret fields; all else as it was written."""
    return "&".join(_field(pair) for pair in query.split("&")) if query else ""


def _name(name: bytes) -> str | None:
    """The header's name as text; None for one that carries credentials."""
    return None if SECRET_HEADERS.fullmatch(name.lower()) else name.decode("latin-1")


_told = Memo(_name)


def _field(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}=" if equals and SECRET_FIELDS.fullmatch(unquote_plus(name)) else pair
