"""`outrider programs`: what a running proxy believes about an agent.

It must not know how beliefs come about, nor how they are asked for and shown.
"""

from importlib import import_module
from typing import Annotated

import typer


def programs(
    agent: Annotated[str, typer.Argument(help="The agent's name, as /outrider/agents shows it.")],
    url: Annotated[str, typer.Option(help="A running proxy, without /v1.")] = "http://localhost:8080",
    admin_key: Annotated[str, typer.Option(envvar="OUTRIDER_ADMIN_KEY", help="Key for /outrider/*.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print the programs as JSON.")] = False,
) -> None:
    """Print the behaviour programs of an agent: rules that foretell its next calls, as a person reads them.

    outrider programs planner
    """
    # What it asks and writes with is slow to import, and `outrider serve` starts without it.
    import_module("proxy.cli.beliefs").show(url.rstrip("/").removesuffix("/v1"), agent, admin_key, as_json=json)
