"""The digests of a conversation that a reply has joined, as the next request will have to have them.

It must not know any wire form.
"""

from proxy.conversation import Turn, extend
from proxy.wire import Body, Outcome

Digests = tuple[bytes, bytes]


def last(body: Body) -> Digests:
    """Loose and strict digest after a request's last turn."""
    assert body.conversation
    turn = body.conversation.turns[-1]
    return turn.chain, turn.strict


def joined(body: Body, outcome: Outcome) -> Digests:
    """Loose and strict digest after the reply, from the request and what was folded from the reply."""
    chain, strict = last(body)
    for turn in outcome.turns:
        chain, strict = extend(chain, strict, turn)
    return chain, strict


def texts(turns: tuple[Turn, ...]) -> list[tuple[str, str]]:
    """Role and text of each turn."""
    return [(turn.role, turn.text) for turn in turns]
