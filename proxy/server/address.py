"""Where a request goes: the identity prefix of a base URL taken off its path.

`/s/{session}/a/{agent}/r/{run}/v1/…`, each part optional and in any order, works with every client because it needs
nothing but a URL. It must not know what the ids mean.
"""

from urllib.parse import unquote

PARTS = {"s": "session", "a": "agent", "r": "run"}
NO_TAGS: dict[str, str] = {}
DOTS = frozenset((".", ".."))


def split(path: str) -> tuple[str, dict[str, str]] | None:
    """The path from `/v1` on, still percent-encoded, and the tags before it; None when it is no API path, or climbs
    out of it with dot segments, which the upstream might resolve (RFC 3986, 5.2.4)."""
    if ("/." in path or "%2" in path) and not DOTS.isdisjoint(unquote(path).split("/")):
        return None
    if path.startswith("/v1/"):
        return path, NO_TAGS
    tags: dict[str, str] = {}
    rest = path
    while rest.count("/") >= 3:
        _, letter, value, rest = rest.split("/", 3)
        rest = "/" + rest
        if letter not in PARTS or not value:
            return None
        tags[PARTS[letter]] = unquote(value)
        if rest.startswith("/v1/"):
            return rest, tags
    return None
