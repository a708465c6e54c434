"""Where requests can go, as the settings name it: a name, a URL, a key.

It must not know settings, nor how an upstream is reached.
"""

import re
from dataclasses import dataclass, field

UPSTREAM_KEY = re.compile(r"outrider_upstream_(\w+)_key", re.IGNORECASE)
RECORDED = "recorded:"
CREDENTIALS = re.compile(r"://[^/@\s]*@")


@dataclass(frozen=True, slots=True)
class Place:
    """Where requests can go: an upstream's name, its URL (or `recorded:PATH`) and its key (empty: the client's)."""

    name: str
    url: str
    key: str = field(default="", repr=False)

    @property
    def recordings(self) -> tuple[str, ...]:
        """Paths of the files it answers from; empty for an upstream on the network."""
        if not self.url.startswith(RECORDED):
            return ()
        return tuple(filter(None, self.url.removeprefix(RECORDED).split(",")))

    @property
    def shown(self) -> str:
        """The URL without a password that may stand in it."""
        return CREDENTIALS.sub("://…@", self.url)


def key_word(upstream: str) -> str:
    """How an upstream's name stands in `OUTRIDER_UPSTREAM_<NAME>_KEY`, in lower case."""
    return re.sub(r"[^a-z0-9]", "_", upstream.lower())
