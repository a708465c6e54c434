"""An upstream's address, and how a request's path is joined to it.

It must not know what is sent there.
"""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlsplit

from proxy.upstreams.client import Origin

VERSION = "/v1"
SAFE = "/?&=%:@!$'()*+,;[]~-._|{}^`\"\\<>#"
"""Only what would break the request line (spaces, controls, other than ASCII) is escaped; the rest is verbatim."""


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL as people write it, taken apart."""

    origin: Origin
    host: bytes
    """The `host` header."""
    path: str
    """The base's own path, without a slash at the end."""
    query: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Raises `ValueError` for what is no http(s) URL."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"an upstream's URL looks like https://api.openai.com/v1, not {url!r}")
        tls = parts.scheme == "https"
        origin = Origin(parts.hostname, parts.port or (443 if tls else 80), tls)
        host = parts.netloc.rpartition("@")[2].lower().encode("idna" if not parts.netloc.isascii() else "ascii")
        return cls(origin, host, parts.path.rstrip("/"), parts.query)

    def target(self, path: str, query: str = "") -> bytes:
        """Path and query to ask for, given the request's own as they stand below the proxy's host.

        Without a path in the base the request's path is appended whole: `https://api.anthropic.com` and
        `/v1/messages`. With one it is appended without its `/v1`: `https://host/v1beta/openai` and
        `/v1/chat/completions` give `/v1beta/openai/chat/completions`. A query in the base (Azure's `api-version`)
        comes before the request's, which is kept verbatim.
        """
        if self.path and (path.startswith(VERSION + "/") or path == VERSION):
            path = path[len(VERSION) :]
        if self.query:
            query = f"{self.query}&{query}" if query else self.query
        target = f"{self.path}{path}?{query}" if query else self.path + path or "/"
        if not target.isascii() or not target.isprintable() or " " in target:
            target = quote(target, safe=SAFE)
        return target.encode("ascii")
