"""Which session a link leads to: the one decision every store makes, over whatever holds its tables.

It must not know how owners and sessions are kept, nor take a session: it only points.
"""

from collections.abc import Callable, Mapping, Sequence

from proxy.policy import Link

Owners = Mapping[str, str]
"""Of one link: session id to the head the session had when it was bound, the oldest bound first."""
HeadOf = Callable[[str], str | None]
"""A session's present head: empty while it is on its way, None when it is not known."""


def choose(link: Link, owners: Owners, head_of: HeadOf) -> str:
    """The owner that `link` leads to, or the empty string.

    A head link prefers the owner that still waits where it was bound, else the newest one known. Any other link
    leads somewhere only while one owner alone is known.
    """
    newest = ""
    for session in reversed(list(owners)):
        head = head_of(session)
        if head is None:
            continue
        if link.head and head and head == owners[session]:
            return session
        if newest and not link.head:
            return ""
        newest = newest or session
    return newest


def first(links: Sequence[Link], owners_of: Callable[[str], Owners | None], head_of: HeadOf) -> tuple[str, Link | None]:
    """The first of `links` that leads to a session, and that session; empty and None when none does."""
    for link in links:
        owners = owners_of(link.key)
        session = choose(link, owners, head_of) if owners else ""
        if session:
            return session, link
    return "", None
