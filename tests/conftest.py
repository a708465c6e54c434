"""What every test shares: the event loop that async tests run on.

It must not know any part of the proxy; a folder of tests that needs more has a conftest of its own.
"""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests (`@pytest.mark.anyio`) run on asyncio, as the proxy does."""
    return "asyncio"
