"""Refusals: a provider did not take a changed request and was sent the client's own; what that says of the session.

It must not know what was changed, nor how.
"""

from policies.consolidate.ledger import recall
from proxy.exchange import REFUSED, Exchange
from proxy.policy import Decision

ERROR = 400
"""Statuses from here on."""


def refused(exchange: Exchange) -> bool:
    """Whether a changed request was refused."""
    return any(note.kind == REFUSED for note in exchange.notes)


def as_well(exchange: Exchange) -> bool:
    """Whether the client's own request was answered with an error as well: the change was not to blame."""
    return exchange.completion is not None and exchange.completion.status >= ERROR


def rest(exchange: Exchange, memory: object) -> Decision | None:
    """Nothing more is changed in a session of this memory; None where the change was not to blame."""
    if as_well(exchange):
        return None
    ledger = recall(memory)._replace(rests=True, at=exchange.now)
    return Decision("rests in this session: the provider refused what it sent", memory=ledger.memory())
