"""Where a request goes: the identity prefix of a base URL taken off its path.

`/s/{session}/a/{agent}/r/{run}/v1/…`, each part optional and in any order, works with every client because it needs
nothing but a URL. It must not know what the ids mean.
"""

from urllib.parse import unquote

API, TOOLS = "/v1", "/mcp"
"""Roots of the paths that the road and the gateway answer."""
PARTS = {"s": "session", "a": "agent", "r": "run"}
NO_TAGS: dict[str, str] = {}
DOTS = frozenset((".", ".."))


def split(path: str, root: str = API) -> tuple[str, dict[str, str]] | None:
    """The path from its root on, still percent-encoded, and the tags before it; None when it has another root, or
    climbs out of it with dot segments, which the upstream might resolve (RFC 3986, 5.2.4)."""
    if ("/." in path or "%2" in path) and not DOTS.isdisjoint(unquote(path).split("/")):
        return None
    if _under(path, root):
        return path, NO_TAGS
    tags: dict[str, str] = {}
    rest = path
    while rest.count("/") >= 3:  # a letter, its value, the root
        _, letter, value, rest = rest.split("/", 3)
        rest = "/" + rest
        if letter not in PARTS or not value:
            return None
        tags[PARTS[letter]] = unquote(value)
        if _under(rest, root):
            return rest, tags
    return None


def _under(path: str, root: str) -> bool:
    """Whether the path has this root. `/v1` alone is no path of the API; `/mcp` is the gateway's own."""
    return path.startswith(root) and (path[len(root) : len(root) + 1] == "/" or (root == TOOLS and path == root))
