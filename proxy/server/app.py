"""The whole ASGI app: API paths go to the road, everything else to the admin pages.

It must not know policies or upstreams; it only points the way.
"""

from collections.abc import Awaitable, Callable

from proxy.server.intake import Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]

ADMIN = ("/outrider", "/healthz", "/readyz", "/metrics")


def dispatch(road: App, realtime: App, admin: App) -> App:
    """One app of three. Paths that nobody knows are answered by the road, in the API's own error shape."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            known = scope["path"].startswith(ADMIN)
            await (admin if known else road)(scope, receive, send)
        elif kind == "websocket":
            await realtime(scope, receive, send)
        else:
            await admin(scope, receive, send)

    return app
