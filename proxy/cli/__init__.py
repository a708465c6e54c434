"""The command line: `outrider serve`, `demo`, `replay`, `programs`, `noise`, `route`, `models`, `doctor`.

It must not know how anything is done; each command is a file of its own, and they meet the proxy in `proxy.compose`.
"""

from typing import Annotated

import typer

from proxy.cli.demo import demo
from proxy.cli.doctor import doctor
from proxy.cli.models import models
from proxy.cli.noise import noise
from proxy.cli.programs import programs
from proxy.cli.replay import replay
from proxy.cli.route import route
from proxy.cli.serve import serve
from proxy.version import installed

app = typer.Typer(
    name="outrider",
    help="A drop-in OpenAI-compatible proxy that rides beside your agents.\n\n"
    "Start with `outrider demo` (no key, no network), then `outrider serve`, and point your agent's base_url at "
    "http://localhost:8080/v1.",
    epilog="Exit codes: 0 all well, 1 something failed, 2 wrong usage or settings.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (serve, demo, replay, programs, noise, route, doctor):
    app.command()(command)
app.add_typer(models)


def _version(wanted: bool) -> None:
    if not wanted:
        return
    print(f"outrider {installed()}")
    raise typer.Exit


@app.callback()
def main(
    _: Annotated[bool, typer.Option("--version", help="Say the version.", callback=_version, is_eager=True)] = False,
) -> None:
    """Options that stand before a command."""


__all__ = ["app"]
