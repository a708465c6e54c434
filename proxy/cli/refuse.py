"""How a command ends before it has begun: what is wrong goes to stderr, the exit code is 2.

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
