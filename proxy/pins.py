"""Which upstream alone can answer a request, because it keeps state the request refers to.

It must not know upstreams themselves; it reads what the session's memory says of its last replies.
"""

from proxy.exchange import Exchange

REFERENCES = ("previous_response_id", "conversation")
STATEFUL = "/v1/responses/"


def pinned(exchange: Exchange) -> str:
    """The upstream's name, or empty when any may answer.

    State is referred to by `previous_response_id`, `conversation`, a response's id in the path, and by signed or
    encrypted items, which only the account that made them can read.
    """
    memory = exchange.memory.get("session")
    pin = memory.get("pin", "") if isinstance(memory, dict) else ""
    if not pin or not isinstance(pin, str):
        return ""
    request = exchange.request
    conversation = request.conversation
    if conversation is None:
        return pin if request.path.startswith(STATEFUL) else ""
    refers = any(conversation.fields.get(name) for name in REFERENCES)
    sealed = any(turn.opaque for turn in conversation.turns)
    return pin if refers or sealed else ""
