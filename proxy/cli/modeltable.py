"""Models as a table on the terminal.

It must not know where they come from.
"""

from collections.abc import Sequence

from rich.table import Table

from proxy.cli.sheet import OUT
from proxy.prices import Prices
from proxy.roster import Model


def show(models: Sequence[Model], prices: Prices) -> None:
    """A line for each entry, and the first words of its card."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("model", "upstream", "window", "takes", "tools", "in/out per million", "card"):
        table.add_column(column)
    for model in models:
        names = ", ".join((model.name, *model.aliases))
        tools = {None: "?", True: "yes", False: "no"}[model.card.tools]
        text = " ".join(model.card.text.split())[:60]
        price, window = _price(model, prices), _window(model, prices)
        table.add_row(names, model.upstream, window, ", ".join(model.card.modalities), tools, price, text)
    OUT.print(table)


def _window(model: Model, prices: Prices) -> str:
    if model.card.window:
        return f"{model.card.window:,}"
    known = prices.window(model.served_as or model.name)
    return f"{known:,}*" if known else "?"


def _price(model: Model, prices: Prices) -> str:
    rates = prices.rates(model.served_as or model.name)  # waits for the list, which the window does not
    if told := model.card.price:
        return f"${told.input:g} / ${told.output:g}"
    if rates is None or rates.fresh is None or rates.output is None:
        return "?"
    return f"${rates.fresh * 1e6:g} / ${rates.output * 1e6:g}*"
