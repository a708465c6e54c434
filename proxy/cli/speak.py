"""How a command complains: sentences to stderr, and exit code 2 when it cannot begin.

It must not know any command. Every command reads it, so it is quick to import: tables and bars stand in `sheet`.
"""

from collections.abc import Iterable
from os import environ
from typing import Annotated, NoReturn

import typer

from proxy.settings import Settings
from proxy.startup import SettingsError, advice, load, problems, unknown, variables

EnvFile = Annotated[
    str, typer.Option(envvar="OUTRIDER_ENV_FILE", help="File with settings; .env.example has all.", metavar="FILE")
]


def refuse(sentences: Iterable[str]) -> NoReturn:
    """Says each sentence and ends with exit code 2."""
    _say(sentences, typer.colors.RED)
    raise typer.Exit(2)


def warn(sentences: Iterable[str]) -> None:
    """Says each sentence and goes on."""
    _say(sentences, typer.colors.YELLOW)


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


def _say(sentences: Iterable[str], color: str) -> None:
    """Colored on a terminal, unless its user wants none (no-color.org)."""
    for sentence in sentences:
        typer.secho(f"outrider: {sentence}", fg=color, err=True, color=False if environ.get("NO_COLOR") else None)
