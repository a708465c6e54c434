"""The guests, in the order in which they are asked, with the reason for each place.

It must not know the road: no engine, no store, no settings.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from policies.consolidate import Consolidate, Rates, Wishes
from policies.divide import Divide, Point
from policies.divide import Limits as Parts
from policies.divide import Wishes as Dividing
from policies.ensemble import Company, Ensemble, Limits, Member, unfit
from policies.ensemble import scored as team_scored
from policies.noise import Noise, checked, curve_of
from policies.noise import Wishes as Watching
from policies.prefetch import Draft, Early, Gain, Prefetch, beliefs, rehearsed, sounds_like_reading
from policies.prefetch import Wishes as Foresight
from policies.routing import NAMES, Checks, Foreteller, Routing, Verdict, scored
from policies.routing import Wishes as Routes
from policies.routing import rehearsed as routed
from policies.session import Session
from proxy.conversation import EMPTY
from proxy.policy import Policy


class Options(NamedTuple):
    """What the guests are told once, at the start."""

    agent_names: Mapping[str, str] = EMPTY
    """Renames agents: from the name found to the name shown."""
    consolidate: Wishes = Wishes()
    prefetch: Foresight = Foresight()
    routing: Routes = Routes()
    ensemble: Company = Company()
    noise: Watching = Watching()
    divide: Dividing = Dividing()


def default(options: Options | None = None) -> tuple[Policy, ...]:
    """All policies there are, in order."""
    options = options or Options()
    routing, teams = Routing(options.routing), Ensemble(options.ensemble)
    dividing = options.divide._replace(virtual=(*routing.models, *teams.models))
    return (
        Session(options.agent_names),  # first: what another policy remembers is filed under the session this one finds
        Consolidate(options.consolidate),  # before whoever looks at the request: it is the client's own that it reads
        routing,  # it names a model for what will be sent, so after whoever changes that
        Prefetch(options.prefetch),  # it changes nothing, and reads what the client asked
        Draft(options.prefetch),  # after it: of a call that both name, what was counted is there first
        teams,  # its members are asked the request as those before have left it
        Divide(dividing),  # after teams, which are asked whole; what is divided for is a single model
        Noise(
            options.noise
        ),  # what it prepares or asks again is what the others have left, and it reads what came of them
        Early(options.prefetch),  # last: it looks at what all others have left of the exchange
    )


def ordered(wanted: Sequence[str], options: Options | None = None) -> tuple[Policy, ...]:
    """The policies of these names, in the one order there is. Raises `ValueError` for a name there is not."""
    there = default(options)
    strange = sorted(set(wanted) - {policy.name for policy in there})
    if strange:
        names = ", ".join(policy.name for policy in there)
        raise ValueError(f"OUTRIDER_POLICIES names {', '.join(strange)}; there are: {names}")
    return tuple(policy for policy in there if policy.name in wanted)


__all__ = [
    "NAMES",
    "Checks",
    "Company",
    "Consolidate",
    "Dividing",
    "Draft",
    "Early",
    "Ensemble",
    "Foresight",
    "Foreteller",
    "Gain",
    "Limits",
    "Member",
    "Noise",
    "Options",
    "Parts",
    "Point",
    "Prefetch",
    "Rates",
    "Routes",
    "Routing",
    "Session",
    "Verdict",
    "Watching",
    "Wishes",
    "beliefs",
    "checked",
    "curve_of",
    "default",
    "ordered",
    "rehearsed",
    "routed",
    "scored",
    "sounds_like_reading",
    "team_scored",
    "unfit",
]
