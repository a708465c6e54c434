"""Who may come in, and under which scope: client keys compared in constant time, callers told apart by a hash.

It must not keep credentials beyond the request that carries them.
"""

import hmac
from collections.abc import Sequence
from hashlib import blake2b

from proxy.exchange import Headers, header

CREDENTIALS = (b"authorization", b"x-api-key", b"api-key")
ANONYMOUS = "anonymous"


class Gate:
    """Accepts client keys. Without any configured, everybody may come in and credentials go on to the upstream."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._keys = tuple(key.encode() for key in keys)

    @property
    def asks(self) -> bool:
        """Whether a key must be shown."""
        return bool(self._keys)

    def admits(self, headers: Headers) -> bool:
        """Whether the request carries an accepted key; always true when none are configured."""
        if not self._keys:
            return True
        given = credential(headers).encode("latin-1", "replace")
        return sum(hmac.compare_digest(given, key) for key in self._keys) > 0

    def onward(self, headers: Headers) -> Headers:
        """The headers for the upstream: a key that is ours never leaves the house."""
        if not self._keys:
            return headers
        return tuple(pair for pair in headers if pair[0] not in CREDENTIALS)


def credential(headers: Headers) -> str:
    """The client's key, as a bearer token or in the headers that Anthropic and Azure use; empty when there is none."""
    for name in CREDENTIALS:
        value = header(headers, name)
        if value:
            return value[7:].strip() if value[:7].lower() == "bearer " else value
    return ""


def caller(headers: Headers) -> str:
    """The scope of every id and key: a hash of the credentials, of 24 hex digits."""
    given = credential(headers)
    if not given:
        return ANONYMOUS
    return blake2b(given.encode("latin-1", "replace"), digest_size=12, person=b"outrider-caller").hexdigest()
