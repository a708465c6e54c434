"""`outrider models`: what the file of `OUTRIDER_MODELS` says, whether it can be used, and a card to begin with.

It must not know how models are chosen. What it reads and writes with is imported when a command runs.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proxy.cli.speak import EnvFile, refuse
from proxy.settings import Settings
from proxy.startup import SettingsError, load

if TYPE_CHECKING:
    from proxy.prices import Prices
    from proxy.roster import Model

models = typer.Typer(
    name="models",
    help="Models and their cards: check the file, list them, draft a card.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
File = Annotated[Path | None, typer.Argument(help="A YAML file of models; else the one of OUTRIDER_MODELS.")]


@models.command()
def check(file: File = None, env_file: EnvFile = ".env") -> None:
    """Read the file as the proxy would, and say what is missing: exit code 1 if it cannot be used."""
    settings = _settings(env_file)
    found = _read(settings, file)
    for model in found.values():
        missing = [name for name, told in _told(model).items() if not told]
        typer.echo(f"{model.name} at {model.upstream}: " + (f"no {', '.join(missing)}" if missing else "complete"))
    typer.echo(f"{len(found)} entries, good to use.")


@models.command("list")
def listed(file: File = None, env_file: EnvFile = ".env") -> None:
    """Show each model: names, upstream, window, modalities, tools, price (`*`: from the price list)."""
    settings = _settings(env_file)
    found = _read(settings, file)
    if not found:
        typer.echo("No models are listed: set OUTRIDER_MODELS to a YAML file.")
        return
    show: Callable[[list[Model], Prices], None] = import_module("proxy.cli.modeltable").show
    show(list(found.values()), import_module("proxy.prices").Prices())


@models.command()
def card(
    name: Annotated[str, typer.Argument(help="The model's name, as its provider writes it.")],
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the model itself, at the first upstream, what it is.")
    ] = False,
    env_file: EnvFile = ".env",
) -> None:
    """Draft an entry for a model: window and price from the price list, the rest with `--ask` in the model's own words.
    What it is good at is yours to say."""
    told, skills = _portrait(_settings(env_file), name) if ask else ("", ())
    prices: Prices = import_module("proxy.prices").Prices()
    rates, window = prices.rates(name), prices.window(name)
    lines = [
        "models:",
        f"  - name: {name}",
        "    card: |",
        f"      {told or f'{name}: what it was made for, its size, when it came.'}",
        f"    skills: [{', '.join(skills)}]        # such as code, math, chinese, medicine, law, finance, documents",
    ]
    lines += [f"    window: {window}"] if window else []
    if rates and rates.fresh is not None and rates.output is not None:
        cached = "" if rates.cached in (None, rates.fresh) else f", cached: {_per_million(rates.cached)}"
        price = f"input: {_per_million(rates.fresh)}, output: {_per_million(rates.output)}{cached}"
        lines += [f"    price: {{{price}}}"]
    typer.echo("\n".join(lines))
    if not rates:
        typer.echo(f"outrider: the price list does not know {name}", err=True)


def _portrait(settings: Settings, name: str) -> tuple[str, tuple[str, ...]]:
    """What the model says of itself; nothing, and why, where it says nothing."""
    asked: Callable[[Settings, str], tuple[str, tuple[str, ...]]] = import_module("proxy.cli.portrait").asked
    try:
        return asked(settings, name)
    except ValueError as fault:
        typer.echo(f"outrider: {fault}", err=True)
        return "", ()


def _per_million(rate: float | None) -> str:
    return f"{(rate or 0.0) * 1e6:g}"


def _settings(env_file: str | None) -> Settings:
    try:
        return load(env_file)
    except SettingsError as error:
        refuse(error.args)


def _read(settings: Settings, file: Path | None) -> "dict[str, Model]":
    path = str(file) if file else settings.models
    # The policies, for the names that they answer to.
    virtual = import_module("proxy.invitation").virtual(settings.model_copy(update={"models": path}))
    read: Callable[..., dict[str, Model]] = import_module("proxy.upstreams.models").read_models
    try:
        return read(path, [place.name for place in settings.places], virtual)
    except (OSError, ValueError) as fault:
        typer.echo(f"outrider: {path}: {fault}", err=True)
        raise typer.Exit(1) from None


def _told(model: "Model") -> dict[str, object]:
    """What an entry may say, and whether it does."""
    given = model.card
    return {"card": given.text, "window": given.window, "tools": given.tools is not None, "price": given.price}
