"""What a user wants of routing: the mode, how much quality counts, and what the policy is lent to price with.

It must not know requests or sessions.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from policies.routing.prior import Foretold
from policies.routing.signs import POOR, TAKEN
from proxy.conversation import EMPTY
from proxy.roster import Model, Price

WEIGHTS: Mapping[str, float] = {"auto/cheap": 0.3, "auto/best": 1.0}
"""What quality counts under names that say so themselves."""
AUTO = "auto"
NAMES = (AUTO, *WEIGHTS)


def _as_told(model: Model) -> Price | None:
    return model.card.price


def _window(model: Model) -> int:
    return model.card.window


class Foreteller(Protocol):
    """What is lent where there is a file of scored questions."""

    @property
    def deep(self) -> bool:
        """Whether it has learned from embeddings, so that a question's own is worth asking for."""

    def __call__(self, question: str, vector: Sequence[float] = ()) -> Foretold | None:
        """What is expected of each model on a question; None while nothing is learned. At once, without I/O."""


class Checks(NamedTuple):
    """Replies of a model that were made of others' outputs and looked into, as many as are known of such inputs."""

    clean: float = 0.0
    """Of which nothing was surely lost or changed."""
    lost: float = 0.0

    def signs(self) -> tuple[float, float]:
        """What they count, in scores of 1 and of 0: as little as what conversations show."""
        return TAKEN * self.clean, POOR * self.lost


def _unchecked(_shared: Mapping[str, Any], _agent: str, _model: str, _tokens: int) -> Checks:
    return Checks()


class Wishes(NamedTuple):
    """How to route."""

    mode: str = "off"
    """`off`, `on` (the names are answered), `shadow` (so they are, and for others it is said which would be taken)."""
    quality: float = 0.7
    """0 to 1: what quality counts against cost and latency."""
    agents: Mapping[str, float] = EMPTY
    """The same for single agents, by name: their requests for `auto`, and whoever asks for `auto:NAME`."""
    judge: str = ""
    """Model that reads the cards and says which one fits, at the beginning of a session; empty: nobody is asked."""
    price: Callable[[Model], Price | None] = _as_told
    window: Callable[[Model], int] = _window
    foreteller: Foreteller | None = None
    explore: float = 0.0
    """Share of sessions that begin with a model that may be as good as the best, and is known less."""
    checks: Callable[[Mapping[str, Any], str, str, int], Checks] = _unchecked
    """What is known of an agent's model at prompts of about so many tokens, given all policies' lessons."""

    def foretold(self, question: str, vector: Sequence[float] = ()) -> Foretold | None:
        """What scored questions say of models for this one; None where there are none."""
        return self.foreteller(question, vector) if self.foreteller and question else None

    def weight(self, name: str, agent: str = "") -> float:
        """What quality counts for a name that an agent asks for."""
        return WEIGHTS.get(name, self.agents.get(named_agent(name) or agent, self.quality))


def answered(name: str) -> bool:
    """Whether the model is chosen for who asks for this name."""
    return name in NAMES or bool(named_agent(name))


def named_agent(name: str) -> str:
    """The agent in `auto:NAME`; empty for any other name."""
    first, _, agent = name.partition(":")
    return agent.strip() if first == AUTO else ""
