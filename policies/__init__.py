"""The guests, in the order in which they are asked, with the reason for each place.

It must not know the road: no engine, no store, no settings.
"""

from proxy.policy import Policy

from policies.session import Session


def default() -> tuple[Policy, ...]:
    """The policies of a proxy that was told nothing else."""
    return (
        Session(),  # first: whatever another policy remembers is filed under the session this one finds
    )


__all__ = ["Session", "default"]
