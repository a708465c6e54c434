"""A question's embedding before its model is chosen: where scored questions tell more by it.

It must not know how embeddings are made, nor how models are weighed.
"""

from collections.abc import Callable, Generator
from typing import Any

from policies.inner.bodies import named
from policies.routing.choice import Field
from policies.routing.need import Need
from policies.routing.saying import described
from proxy.exchange import Request
from proxy.policy import Call, Embed, Failure, Say, Wish, ask

INSTEAD = 2
"""Models that are asked in the same request where the chosen one has no answer, one after the other."""
Ending = Generator[Wish, Any, Call]


def by_meaning(request: Request, need: Need, weighed: Callable[[Need], Field]) -> Ending:
    """The plan: the question is embedded, the models are weighed again, and the worthiest is asked. Without an
    embedding they are weighed by the question's words."""
    vectors = yield from ask(Embed((need.question,)))
    missed = vectors.reason if isinstance(vectors, Failure) else ""
    field = weighed(need if missed else need._replace(vector=tuple(vectors[0])))
    chosen, *others = field.candidates
    told = described(chosen, field)
    yield from ask(Say(f"{told}; by words: {missed}" if missed else told))
    instead = tuple(named(request, each.model.name) for each in others[:INSTEAD])
    return Call(named(request, chosen.model.name), instead=instead)
