"""`outrider serve`: the proxy, until it is told to stop.

It must not know how the proxy is put together.
"""

import gc
from collections.abc import Callable
from importlib import import_module
from typing import Annotated

import typer

from proxy.cli.speak import EnvFile, settings_or_refuse
from proxy.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one.", show_default="8080")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; more than one need Redis.")] = None,
    env_file: EnvFile = ".env",
) -> None:
    """Run the proxy.

    Your clients' API keys pass through, nothing else is needed:

        outrider serve

        OPENAI_BASE_URL=http://localhost:8080/v1 python agent.py

    Another provider, with its key kept here:

        OUTRIDER_UPSTREAM=https://openrouter.ai/api/v1 OUTRIDER_UPSTREAM_KEY=… outrider serve

    Several workers that share their sessions:

        OUTRIDER_REDIS_URL=redis://localhost outrider serve --workers 4
    """
    settings = settings_or_refuse(env_file, host=host, port=port, workers=workers)
    _proxy()(settings, settings.host, settings.port, settings.workers)


def _proxy() -> Callable[[Settings, str, int, int], None]:
    """`proxy.compose.serve`, imported here so that a word of help does not wait for a whole proxy.

    What imports make stays for good, so it is never looked through for garbage: that costs 0.1 s of the start.
    """
    gc.disable()
    serve: Callable[[Settings, str, int, int], None] = import_module("proxy.compose").serve
    gc.freeze()
    gc.enable()
    return serve
