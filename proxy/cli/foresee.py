"""`outrider replay --policy prefetch`: what prefetching would have gained on recordings, without any provider or tool.

It must not know how calls are foretold.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from policies import Foresight, Gain, rehearsed
from proxy.cli.sessions import Recorded, Unreadable, read_sessions
from proxy.cli.sheet import OUT
from proxy.cli.speak import refuse
from proxy.conversation import Turn
from proxy.wire import Malformed
from proxy.wire.forms import Forms

LATENCIES_S = (0.5, 1.0, 2.0, 5.0)
"""Of tools, for which the most that could be saved is told."""


def foresee(files: Sequence[Path], wishes: Foresight, *, as_json: bool) -> None:
    """Reads the recordings and prints what would have been gained."""
    try:
        sessions = read_sessions(files)
    except (Unreadable, OSError) as error:
        refuse([str(error)])
    histories = by_tools(sessions)
    if not histories:
        refuse([f"No session with a reply in {', '.join(map(str, files))}."])
    gain = Gain()
    for each in histories.values():
        gain = gain.plus(rehearsed(each, wishes.may, wishes.gate)[0])
    figures = described(gain)
    if as_json:
        print(json.dumps(figures, indent=2))
    else:
        show(figures)


def by_tools(sessions: Sequence[Recorded]) -> dict[tuple[str, ...], list[tuple[Turn, ...]]]:
    """The histories of the sessions as their last requests tell them, by the tools on offer, in their order."""
    found: defaultdict[tuple[str, ...], list[tuple[Turn, ...]]] = defaultdict(list)
    forms = Forms(0)
    for session in sessions:
        step = max(session.steps, key=lambda each: len(each.body.get("messages") or each.body.get("input") or ()))
        try:
            conversation = forms.of("POST", step.path).read(json.dumps(step.body).encode()).conversation
        except Malformed:
            continue
        if conversation is not None and conversation.turns:
            found[tuple(sorted(conversation.tools))].append(conversation.turns)
    return dict(found)


def described(gain: Gain) -> dict[str, float]:
    """The gain as figures; shares in percent."""
    figures = {
        **gain._asdict(),
        "right_name_share": _percent(gain.right_name, gain.call_steps),
        "right_call_share": _percent(gain.right_call, gain.call_steps),
        "served_share": _percent(gain.served, gain.reads),
        "launches_per_read": round(gain.launched / gain.reads, 2) if gain.reads else 0.0,
        "useful_share": _percent(gain.served, gain.launched),
    }
    return figures | {f"saved_s_at_{each:g}": round(gain.served * each / gain.sessions, 2) for each in LATENCIES_S}


def show(figures: dict[str, float]) -> None:
    """The figures for a person."""
    table = Table(title="Prefetching, had it ridden along", title_justify="left", box=None, show_header=False)
    rows = (
        ("sessions, replies, replies with calls", "{sessions} · {steps} · {call_steps}"),
        ("next tool foretold", "{right_name_share:.0f} %"),
        ("next call foretold, with all arguments", "{right_call_share:.0f} %"),
        ("read calls served ahead", "{served} of {reads}: {served_share:.0f} %"),
        ("launches for a read call", "{launches_per_read:.2f}, {useful_share:.0f} % of them useful"),
    )
    for what, said in rows:
        table.add_row(what, said.format(**figures))
    for each in LATENCIES_S:
        table.add_row(f"most saved in a session, tools of {each:g} s", f"{figures[f'saved_s_at_{each:g}']:.1f} s")
    OUT.print(table)
    OUT.print("Learned from the sessions before, each in its turn. A result saves the tool's time at most, and no more")
    OUT.print("than the model took to think.")


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0
