"""Workers that a request names itself, in a header that goes no further than here.

It must not know who they are, nor whether they said anything.
"""

from proxy.exchange import Request

HEADER = b"x-outrider-workers"
MOST, LONGEST = 200, 256
"""Names of a request, and characters of one."""


def named(request: Request) -> tuple[str, ...]:
    """Ids of exchanges or sessions, in the order in which they are named, each once: `x-outrider-workers: ann, ben`."""
    told = (part.strip() for part in request.header(HEADER).split(","))
    return tuple(dict.fromkeys(name for name in told if 0 < len(name) <= LONGEST and name.isprintable()))[:MOST]
