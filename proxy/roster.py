"""The roster: which models there are, where they live, how they are doing. A frozen snapshot.

It must not know upstreams, policies or the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from proxy.conversation import EMPTY


@dataclass(frozen=True, slots=True)
class Model:
    """A model as configured: its name for clients and the upstream that serves it."""

    name: str
    upstream: str
    served_as: str = ""
    """The name sent to the upstream; empty: `name` itself."""
    aliases: tuple[str, ...] = ()


class Health(NamedTuple):
    """How an upstream is doing, folded from its outcomes by `proxy.health`."""

    requests: int = 0
    failures: int = 0
    streak: int = 0
    """Failures in a row."""
    latency_s: float = 0.0
    """Moving average of seconds to the first byte."""
    open_until: float = 0.0
    """Epoch seconds until which it is left alone; 0 when well."""


class Roster(NamedTuple):
    """Models by name (aliases included) and health by upstream name."""

    models: Mapping[str, Model] = EMPTY
    health: Mapping[str, Health] = EMPTY
