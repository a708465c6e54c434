"""The roster: which models there are, where they live, how they are doing. A frozen snapshot.

It must not know upstreams, policies or the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from proxy.conversation import EMPTY


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float
    cached: float | None = None
    """Of prompt tokens that the provider had cached; None: as the input."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is said of a model: what it is good at, what it can take, what it costs. What is not said is not known."""

    text: str = ""
    """In a few sentences, for people and for routing: what it was made for, its size, when it came."""
    skills: tuple[str, ...] = ()
    """What it is better at than its like, by single words: `code`, `math`, `chinese`, `law`, …"""
    window: int = 0
    """Tokens of prompt and reply together; 0: not known."""
    modalities: tuple[str, ...] = ("text",)
    """What a prompt may hold: `text`, `image`, `audio`, `file`."""
    tools: bool | None = None
    """Whether it can call tools; None: not known, and taken for yes."""
    price: Price | None = None
    """None: as the price list has it."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model as configured: its name for clients and the upstream that serves it."""

    name: str
    upstream: str
    served_as: str = ""
    """The name sent to the upstream; empty: `name` itself."""
    aliases: tuple[str, ...] = ()
    card: Card = Card()


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
