"""`outrider noise`: what recorded aggregations lost, added or changed.

It must not know how that is found, nor how it is shown.
"""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer


def noise(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, readable=True, help="Recordings (full), .jsonl or .jsonl.gz."),
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the reports as JSON.")] = False,
) -> None:
    """Find the replies that were made of several earlier outputs, and tell what was lost on the way.

        outrider noise run.jsonl

    Give all sessions of a run at once: an aggregator is known by what its request quotes of the others' replies.
    """
    # The readers of recordings and the checks: slow to import, and other commands begin without them.
    import_module("proxy.cli.aggregated").tell(files, as_json=json)
