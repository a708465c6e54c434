"""Headers by which a client speaks to several policies.

It must not know what any of them makes of it. None of them goes on to a provider.
"""

from proxy.exchange import Request

FEEDBACK = b"x-outrider-feedback"
"""A score for the session's last reply, 0 to 1."""
POLICIES = b"x-outrider-policies"
"""What single policies shall do: `x-outrider-policies: consolidate=off, noise=shadow`."""


def modes(request: Request, policy: str) -> list[str]:
    """The modes that a request asks for by a policy's name, in the order in which they are named; known ones or not."""
    parts = (part.partition("=") for part in request.header(POLICIES).split(","))
    return [mode.strip() for name, _, mode in parts if name.strip() == policy]
