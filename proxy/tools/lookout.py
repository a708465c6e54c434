"""Looks out for tool calls in the replies that pass, and notes them before the client can act on them.

It must not know the gateway, nor hold a reply up.
"""

from collections.abc import Callable
from functools import partial

from proxy.conversation import ToolCall
from proxy.exchange import Exchange, Reply, header
from proxy.relay import EVENTS
from proxy.tools import Owner
from proxy.tools.emitted import Emitted
from proxy.wire import Form
from proxy.wire.listening import Listener


class Lookout:
    """Gives a listener for each reply that may hold tool calls."""

    def __init__(self, emitted: Emitted, forms: Callable[[str], Form]) -> None:
        self._emitted = emitted
        self._forms = forms

    def __call__(self, exchange: Exchange, reply: Reply) -> Callable[[bytes], None] | None:
        """What is to be told of the reply's bytes, each time before they are handed on; None: nothing."""
        conversation = exchange.request.conversation
        if conversation is None or not conversation.tools or reply.status >= 400:
            return None
        owner = Owner(exchange.request.caller, exchange.session.id)
        events = header(reply.headers, b"content-type").startswith(EVENTS)
        listener = Listener(
            self._forms(exchange.request.form),
            partial(self._hear, owner),
            events=events,
            encoding=header(reply.headers, b"content-encoding"),
        )
        return listener.feed

    def _hear(self, owner: Owner, call: ToolCall) -> None:
        self._emitted.hear(owner, call)
