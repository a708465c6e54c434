"""Looks out for tool calls in the replies that pass, notes them before the client can act on them, and has those that
only read started while the rest of the reply is still to come.

It must not know the gateway, nor hold a reply up.
"""

import json
from collections.abc import Callable
from contextlib import suppress

from proxy.conversation import ToolCall
from proxy.exchange import Exchange, Reply, header
from proxy.relay import EVENTS
from proxy.tools import Owner
from proxy.tools.ahead import Refused
from proxy.tools.emitted import Emitted
from proxy.tools.prefetch import Prefetch, Tell
from proxy.wire import Form
from proxy.wire.listening import Listener


class Lookout:
    """Gives a listener for each reply that may hold tool calls."""

    def __init__(self, emitted: Emitted, forms: Callable[[str], Form], prefetch: Prefetch | None = None) -> None:
        """`prefetch` starts calls that stand whole in a stream; None: nobody does."""
        self._emitted = emitted
        self._forms = forms
        self._prefetch = prefetch

    def __call__(self, exchange: Exchange, reply: Reply, tell: Tell) -> Callable[[bytes], None] | None:
        """What is to be told of the reply's bytes, each time before they are handed on; None: nothing. `tell` takes
        what is to be said of the exchange."""
        conversation = exchange.request.conversation
        if conversation is None or not conversation.tools or reply.status >= 400:
            return None
        owner = Owner(exchange.request.caller, exchange.session.id)
        events = header(reply.headers, b"content-type").startswith(EVENTS)

        def hear(call: ToolCall) -> None:
            if self._emitted.hear(owner, call) and events:
                self._start(exchange, call, tell)

        encoding = header(reply.headers, b"content-encoding")
        return Listener(self._forms(exchange.request.form), hear, events=events, encoding=encoding).feed

    def _start(self, exchange: Exchange, call: ToolCall, tell: Tell) -> None:
        """The call is made at once, under the rules of all calls ahead; the client's own finds its result. A reply
        that is no stream is not worth it: its client has the call at the same moment."""
        if self._prefetch is None:
            return
        with suppress(Refused, ValueError):
            arguments = json.loads(call.arguments or "{}")
            if isinstance(arguments, dict):
                self._prefetch.settle(exchange)
                self._prefetch.start(exchange, call.name, arguments, tell)
