"""`outrider route`: which models `auto` would have chosen for recorded requests.

It must not know how is chosen, nor how it is shown.
"""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from proxy.cli.speak import EnvFile, refuse, settings_or_refuse


def route(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, readable=True, help="Recordings (full), .jsonl or .jsonl.gz."),
    ],
    models: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A YAML file of models; else OUTRIDER_MODELS.")
    ] = None,
    name: Annotated[str, typer.Option("--as", help="`auto`, `auto/cheap` or `auto/best`.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="Print the figures, and each choice, as JSON.")] = False,
    env_file: EnvFile = ".env",
) -> None:
    """Tell what `auto` would have chosen for each recorded request, what that would have cost, and where it is unsure.

        outrider route --models models.yaml run.jsonl

    No provider is asked. What is not known is whether the other model's answer would have been as good. Scored
    questions (OUTRIDER_ROUTE_SCORES) count as they would on the road.
    """
    settings = settings_or_refuse(env_file)
    if models is not None:
        settings = settings.model_copy(update={"models": str(models)})
    if not settings.models:
        refuse(["There is nothing to choose from: name a file of models with --models or OUTRIDER_MODELS."])
    # The policy, the readers of recordings and the price list: slow to import, and other commands begin without them.
    import_module("proxy.cli.routed").tell(files, settings, name, as_json=json)
