"""An upstream's address, and how a request's path is joined to it.

It must not know what is sent there.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

VERSION = "/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL as people write it.

    Without a path the request's path is appended whole: `https://api.anthropic.com` + `/v1/messages`. With a path it
    is appended without its `/v1`: `https://host/v1beta/openai` + `/v1/chat/completions` gives
    `https://host/v1beta/openai/chat/completions`. A query in the base (Azure's `api-version`) comes before the
    request's, which is kept verbatim. Raises `ValueError` for what is no http(s) URL.
    """

    url: str
    _base: str = field(init=False, repr=False)
    _whole: bool = field(init=False, repr=False)
    _query: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"an upstream's URL looks like https://api.openai.com/v1, not {self.url!r}")
        path = parts.path.rstrip("/")
        object.__setattr__(self, "_base", f"{parts.scheme}://{parts.netloc}{path}")
        object.__setattr__(self, "_whole", not path)
        object.__setattr__(self, "_query", parts.query)

    def join(self, path: str, query: str = "") -> str:
        """The URL for a request's path (as it stands below the proxy's host) and query."""
        if not self._whole and (path.startswith(VERSION + "/") or path == VERSION):
            path = path[len(VERSION) :]
        if self._query:
            query = f"{self._query}&{query}" if query else self._query
        return f"{self._base}{path}?{query}" if query else self._base + path
