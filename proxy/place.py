"""Where requests can go: an upstream as the settings name it.

It must not know the settings, nor how a request is sent.
"""

import re
from dataclasses import dataclass, field

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
