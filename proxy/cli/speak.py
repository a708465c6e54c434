"""How a command speaks: figures to stdout, complaints to stderr, and exit code 2 when it cannot begin.

It must not know any command.
"""

from collections.abc import Iterable
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from proxy.settings import Settings
from proxy.startup import SettingsError, advice, load, problems, unknown, variables

EnvFile = Annotated[
    str, typer.Option(envvar="OUTRIDER_ENV_FILE", help="File with settings; .env.example has all.", metavar="FILE")
]
OUT = Console(highlight=False)
if not OUT.is_terminal:
    OUT = Console(highlight=False, width=160)  # a file or a pipe has no edge at which to break lines
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


def refuse(sentences: Iterable[str]) -> NoReturn:
    """Says each sentence and ends with exit code 2."""
    for sentence in sentences:
        ERR.print(f"outrider: {sentence}", style="red", markup=False)
    raise typer.Exit(2)


def warn(sentences: Iterable[str]) -> None:
    """Says each sentence and goes on."""
    for sentence in sentences:
        ERR.print(f"outrider: {sentence}", style="yellow", markup=False)


def settings_or_refuse(env_file: str | None, **given: object) -> Settings:
    """The settings, fit to start with; warnings are said, faults end the command."""
    try:
        settings = load(env_file, **given)
    except SettingsError as error:
        refuse(error.args)
    if faults := problems(settings):
        refuse(faults)
    warn([*unknown(variables(env_file)), *advice(settings)])
    return settings
