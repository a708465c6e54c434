"""An httpx client over an upstream's connections, for SDKs that want one.

It must not be used on the road: the transport fills a buffer before it hands on what came, so a stream arrives in
lumps. Apart from `http`, so that the proxy does not pay for the import of httpx when it starts.
"""

import httpx
from pyreqwest.client import Client
from pyreqwest.compatibility.httpx import HttpxTransport


def httpx_client(client: Client) -> httpx.AsyncClient:
    """Uses the connections of `client` and leaves them open when it is closed. Without a timeout of its own."""
    return httpx.AsyncClient(transport=HttpxTransport(client, close_client=False), timeout=None)
