"""`outrider replay`: recordings played again, against a running proxy or one in this process.

It must not know more of the proxy than its address.
"""

from importlib import import_module
from os import environ
from pathlib import Path
from typing import Annotated

import typer

from proxy.cli.ride import Ride
from proxy.cli.speak import EnvFile, refuse, settings_or_refuse
from proxy.settings import Settings

FILES = Annotated[
    list[Path],
    typer.Argument(exists=True, dir_okay=False, readable=True, help="Recordings or traces, .jsonl or .jsonl.gz."),
]


def replay(
    files: FILES,
    url: Annotated[str | None, typer.Option(help="A running proxy, without /v1. Default: one in this process.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Sessions in flight.")] = 8,
    speed: Annotated[
        float | None, typer.Option(min=0, help="Pace of the recorded upstream: 0 at once, 1 as recorded.")
    ] = None,
    stream: Annotated[
        bool | None, typer.Option("--stream/--no-stream", help="Default: every second session streams.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="Say only what this policy would have gained, offline: `prefetch`.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    env_file: EnvFile = ".env",
) -> None:
    """Play recorded sessions again.

    A recording, answered from itself, without a provider:

        outrider replay session.jsonl

    The same load against a proxy that runs elsewhere (OPENAI_API_KEY is sent, and real tokens are spent):

        outrider replay session.jsonl --url http://localhost:8080 --concurrency 16

    What prefetching would have gained, without a provider and without running any tool:

        outrider replay session.jsonl --policy prefetch
    """
    if policy is not None:
        _rehearse(policy, files, settings_or_refuse(env_file), as_json=json)
        return
    ride = Ride(tuple(files), "Replayed through Outrider", concurrency, stream, json)
    # The proxy and the bar that shows how far it is: slow to import, and other commands begin without them.
    drive = import_module("proxy.cli.drive")
    if url is None:
        upstream = "recorded:" + ",".join(str(file) for file in files)
        given = {"upstream": upstream, "upstreams": {}, "workers": 1, "log": "off", "recorded_speed": speed}
        drive.drive_in_process(settings_or_refuse(env_file, **given), ride)
        return
    if speed is not None:
        refuse(["--speed sets the pace of the upstream in this process; with --url the upstream has its own."])
    drive.drive_against(url, environ.get("OPENAI_API_KEY") or "none", ride)


def _rehearse(policy: str, files: list[Path], settings: Settings, *, as_json: bool) -> None:
    """Goes through the recordings without a proxy."""
    if policy != "prefetch":
        refuse([f"--policy {policy}: only `prefetch` can be rehearsed; the others' figures stand in a plain replay."])
    # The policy and the readers of recordings: slow to import, and other commands begin without them.
    wishes = import_module("proxy.invitation").foresight(settings)
    import_module("proxy.cli.foresee").foresee(files, wishes, as_json=as_json)
