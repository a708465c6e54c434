"""Recorded requests as `auto` would have sent them: choices, costs and doubts.

It must not know how is chosen.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from policies import NAMES, Verdict, routed
from proxy.cli.sessions import Unreadable, read_records
from proxy.cli.sheet import OUT
from proxy.cli.speak import refuse
from proxy.exchange import Exchange
from proxy.foreteller import Foreteller
from proxy.invitation import routes, virtual
from proxy.opening import read_models
from proxy.prices import Prices
from proxy.reader import Reader
from proxy.record import Record
from proxy.roster import Model, Roster
from proxy.scored import read_scored
from proxy.settings import Settings
from proxy.wire import Malformed
from proxy.wire.forms import Forms

MOST_READ = 1 << 26
"""Bytes to which a compressed request body may grow."""
SHOWN = 5
"""Reasons that are printed of each kind."""


def tell(files: Sequence[Path], settings: Settings, name: str, *, as_json: bool) -> None:
    """Reads recordings and models, and prints what would have been chosen."""
    if name not in NAMES:
        refuse([f"--as {name}: write one of {', '.join(NAMES)}."])
    settings = settings.model_copy(update={"route": "on"})
    try:
        records = read_records(files)
        models = read_models(settings, virtual(settings))
        scored = read_scored(settings.route_scores) if settings.route_scores else None
    except (Unreadable, OSError, ValueError) as error:
        refuse([str(error)])
    if not models:
        refuse([f"{settings.models} lists no model."])
    wishes = routes(settings, Prices(), Foreteller.of(scored) if scored else None)
    verdicts = [*routed(asked(records), roster(models.values()), wishes, name)]
    if not verdicts:
        refuse([f"No request in {', '.join(map(str, files))} that could be routed."])
    if as_json:
        print(json.dumps(described(verdicts) | {"exchanges": [each._asdict() for each in verdicts]}, indent=2))
    else:
        show(verdicts, name)


def roster(models: Any) -> Roster:
    """The models under all their names; nothing is known of upstreams."""
    found: dict[str, Model] = {}
    for model in models:
        for name in (model.name, *model.aliases):
            found.setdefault(name, model)
    return Roster(found)


def asked(records: Sequence[Record]) -> Iterator[Exchange]:
    """What clients asked, with the conversations read from the bodies again."""
    read = Reader(Forms(0), most=MOST_READ)
    for record in records:
        if record.parent or record.purpose or not record.whole:
            continue
        try:
            yield record.exchange.but(request=read(record.request))
        except Malformed:
            continue


def described(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The figures; costs are of the requests for which both are known."""
    paid, would, priced = costs(verdicts)
    return {
        "requests": len(verdicts),
        "sessions": len({each.session for each in verdicts}),
        "same": sum(each.chosen == each.asked for each in verdicts),
        "unsure": sum(bool(each.rival) for each in verdicts),
        "refused": sum(not each.chosen for each in verdicts),
        "priced": priced,
        "paid_usd": paid,
        "would_usd": would,
        "saved_usd": round(paid - would, 9),
    }


def costs(verdicts: Sequence[Verdict]) -> tuple[float, float, int]:
    """US dollars that were paid, that would have been, and of how many requests both are known."""
    pairs = [
        (each.paid_usd, each.would_usd) for each in verdicts if each.paid_usd is not None and each.would_usd is not None
    ]
    return round(sum(paid for paid, _ in pairs), 9), round(sum(would for _, would in pairs), 9), len(pairs)


def show(verdicts: Sequence[Verdict], name: str) -> None:
    """The choices for a person."""
    table = Table(title=f"Had they asked for {name}", title_justify="left", box=None, pad_edge=False)
    for column in ("asked", "would take"):
        table.add_column(column)
    for column in ("requests", "unsure", "paid", "would cost"):
        table.add_column(column, justify="right")
    groups: defaultdict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for each in verdicts:
        groups[each.asked, each.chosen or "nobody"].append(each)
    for (model, chosen), group in sorted(groups.items(), key=lambda item: -len(item[1])):
        table.add_row(model, chosen, *_row(group))
    table.add_row("all", "", *_row(verdicts), style="bold")
    OUT.print(table)
    OUT.print("With as many tokens. Whether the other model's answers would have been as good is not known.")
    missing = len(verdicts) - costs(verdicts)[2]
    if missing:
        OUT.print(f"Left out of the costs: {missing} without a price or a count of tokens.")
    for (chosen, other), group in _by_count([each for each in verdicts if each.rival]):
        kinds = Counter(topic for each in group for topic in each.topics or ("other",))
        on = ", ".join(f"{topic} {many}" for topic, many in kinds.most_common(SHOWN))
        OUT.print(f"Unsure, {chosen} or {other}: {len(group)} ({on})", markup=False)
    for reason, many in Counter(each.reason for each in verdicts if not each.chosen).most_common(SHOWN):
        OUT.print(f"Nobody for {many}: {reason}", markup=False)


def _row(group: Sequence[Verdict]) -> tuple[str, ...]:
    paid, would, priced = costs(group)
    unsure = sum(bool(each.rival) for each in group)
    return str(len(group)), str(unsure), _usd(paid, priced), _usd(would, priced)


def _usd(amount: float, priced: int) -> str:
    if not priced:
        return "?"
    return f"${amount:,.2f}" if amount >= 1.0 else f"${amount:.2g}"


def _by_count(verdicts: Sequence[Verdict]) -> list[tuple[tuple[str, str], list[Verdict]]]:
    groups: defaultdict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for each in verdicts:
        groups[each.chosen, each.rival].append(each)
    return sorted(groups.items(), key=lambda item: -len(item[1]))
