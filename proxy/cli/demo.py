"""`outrider demo`: shipped recordings ride through the whole proxy, without a key and without a network.

It must not know more of the proxy than its address.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from proxy.cli.ride import Ride
from proxy.settings import Settings

SESSIONS = Path(__file__).parent.parent / "data" / "sessions.jsonl.gz"
IN_FLIGHT = 8


def demo(
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """See it work: no key, no network, a few seconds.

    Starts the proxy on a free port, with a recorded upstream in place of a provider, and plays real recorded agent
    sessions through it with the official OpenAI client, eight at a time, half of them streaming. Every figure in
    the table is read from what came back over HTTP; prices are the providers' own for those tokens.
    """
    # Nothing of the user's environment: the demo is the same everywhere.
    settings = Settings.model_construct(upstream=f"recorded:{SESSIONS}", log="off", record="full")
    ride = Ride(files=(SESSIONS,), title="Recorded sessions through Outrider", concurrency=IN_FLIGHT, json=json)
    # The proxy and the bar that shows how far it is: slow to import, and other commands begin without them.
    drive: Callable[[Settings, Ride], None] = import_module("proxy.cli.drive").drive_in_process
    drive(settings, ride)
