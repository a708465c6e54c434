"""The guests, in the order in which they are asked, with the reason for each place.

It must not know the road: no engine, no store, no settings.
"""

from collections.abc import Mapping, Sequence

from policies.session import Session
from proxy.policy import Policy


def default(agent_names: Mapping[str, str] | None = None) -> tuple[Policy, ...]:
    """All policies there are, in order. `agent_names` renames agents: from the name found to the name shown."""
    return (
        Session(agent_names),  # first: whatever another policy remembers is filed under the session this one finds
    )


def ordered(wanted: Sequence[str], agent_names: Mapping[str, str] | None = None) -> tuple[Policy, ...]:
    """The policies of these names, in the one order there is. Raises `ValueError` for a name there is not."""
    there = default(agent_names)
    strange = sorted(set(wanted) - {policy.name for policy in there})
    if strange:
        names = ", ".join(policy.name for policy in there)
        raise ValueError(f"OUTRIDER_POLICIES names {', '.join(strange)}; there are: {names}")
    return tuple(policy for policy in there if policy.name in wanted)


__all__ = ["Session", "default", "ordered"]
