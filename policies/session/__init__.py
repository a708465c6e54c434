"""The guest that says whose a request is, and remembers the keys by which the session is found again.

It must not know how the keys are looked up, nor any other policy; it keeps nothing between requests but a memo of
how agents look.
"""

from collections.abc import Mapping

from policies.session.agents import agent_of, portrait_of
from policies.session.explicit import first_values, product_of, what_is_said
from policies.session.links import bound, parents, wanted
from policies.session.summary import fold, recall
from proxy.exchange import Exchange, Request
from proxy.policy import Claim, Decision, Policy


class Session(Policy):
    """What the client says of itself wins; else the session is recognised by what was said in it so far.

    `names` renames agents: from the name found to the name shown.
    """

    name = "session"

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self._names = dict(names or {})

    def identify(self, request: Request) -> Decision:
        """A `Claim`: the session where the client names one, else links, best first; agent, run and parent too."""
        headers = first_values(request.headers)
        product = product_of(headers)
        said = what_is_said(request, headers, product)
        portrait = portrait_of(request, headers)
        agent = said.agent or agent_of(request, headers, product, portrait)
        claim = Claim(
            said.session,
            self._names.get(agent, agent),
            said.run,
            said.parent,
            said.source,
            said.confidence,
            () if said.session else wanted(request, headers, portrait),
            () if said.parent else parents(request),
        )
        return Decision("named by the client" if said.session else "found by links", session=claim, quiet=True)

    def learn(self, exchange: Exchange) -> Decision | None:
        """The session's summary with this exchange folded in, and the links to what was just said."""
        if exchange.completion is None:
            return None
        request = exchange.asked or exchange.request
        headers = first_values(request.headers)
        known = recall(exchange.memory.get(self.name))
        portrait = portrait_of(request, headers)
        links, head = bound(exchange, exchange.completion, headers, portrait, known.head)
        memory = fold(known, exchange, exchange.completion, head).memory()
        return Decision("remembered", memory=memory, links=links, head=head, quiet=True)


__all__ = ["Session"]
