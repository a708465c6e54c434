"""`python -m benchmarks.consolidate.retention FILE… [--write]`: the retention model, each file measured by the others.

It must not know how a state is made.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from benchmarks.consolidate.retention.chain import Chain, chain
from benchmarks.consolidate.retention.play import Played, Setting, played
from benchmarks.consolidate.retention.training import Example, examples, fit, source
from benchmarks.consolidate.sessions import chained
from policies.consolidate.prior import PRIOR
from policies.consolidate.smaller import smaller
from proxy.tokens import load

TRAINED = ((16, 4500), (16, 3000), (4, 4500), (4, 2000), (1, 1000))
"""Trajectories in a chain, and the mark above which it is condensed: where examples are taken."""
PLACE = Path(__file__).parents[3] / "policies" / "consolidate" / "prior.py"


def main() -> None:
    """Prints the table; with `--write`, trains on all files and writes the prior."""
    parser = argparse.ArgumentParser(prog="benchmarks.consolidate.retention", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument(
        "--write", action="store_true", help="train on all files and write policies/consolidate/prior.py"
    )
    parser.add_argument("--shipped", action="store_true", help="measure the prior as it stands, without training")
    parser.add_argument("--chain", type=int, default=16)
    parser.add_argument("--above", type=int, nargs="+", default=[4500, 3000])
    parser.add_argument("--budget", type=int, nargs="+", default=[500, 700, 900, 1100])
    parser.add_argument("--tail", type=int, nargs="+", default=[0])
    parser.add_argument("--whole", action="store_true", help="tool results as they are, not smaller")
    parser.add_argument("--misses", action="store_true")
    asked = parser.parse_args()
    count = lru_cache(maxsize=200_000)(tokens())
    shown = unchanged if asked.whole else lru_cache(maxsize=50_000)(lambda text: smaller(text) or text)
    found = {} if asked.shipped else {path: gathered(path, count) for path in asked.files}
    if asked.write:
        needed = {path.name.partition(".")[0]: sum(map(_is_needed, found[path])) for path in asked.files}
        prior = fit(example for path in asked.files for example in found[path])
        PLACE.write_text(source(prior, needed), encoding="utf-8")
    for path in asked.files:
        others = [example for other in asked.files if other != path and found for example in found[other]]
        prior = fit(others) if others else PRIOR
        settings = [Setting(*three) for three in _product(asked.above, asked.budget, asked.tail)]
        chains = [chain(session, count, shown) for session in chained(path, asked.chain)]
        for setting in settings:
            show(path, setting, played(chains, setting, prior, count), asked.misses)


def tokens() -> Callable[[str], int]:
    """Counts tokens as GPT-4o does."""
    encoding = load()
    return lambda text: len(encoding.encode_ordinary(text))


def unchanged(text: str) -> str:
    """The same."""
    return text


def gathered(path: Path, count: Callable[[str], int]) -> list[Example]:
    """The examples of a file."""
    found: list[Example] = []
    for length, above in TRAINED:
        chains: list[Chain] = [chain(session, count, unchanged) for session in chained(path, length)]
        for one in chains:
            found += examples(one, above)
    return found


def show(path: Path, setting: Setting, result: Played, misses: bool) -> None:
    """A row of the table."""
    events = max(result.events, 1)
    print(
        f"{path.name.partition('.')[0]:16} above {setting.above:5} budget {setting.budget:5} tail {setting.tail:4}: "
        f"retention {result.retention:.4f} ({len(result.missed)} of {result.needed} missed), "
        f"events {result.events / max(result.requests, 1):.3f}, after an event {result.after / events:.0f}, "
        f"text {result.text / events:.0f}, prompts {result.sent / max(result.full, 1):.3f} of full, "
        f"{result.seconds * 1e7 / max(result.dropped, 1):.1f} ms per 10k dropped",
        flush=True,
    )
    for value in result.missed if misses else ():
        print("   ", value)


def _is_needed(example: Example) -> bool:
    return example.needed


def _product(above: Sequence[int], budget: Sequence[int], tail: Sequence[int]) -> list[tuple[int, int, int]]:
    return [(mark, room, end) for mark in above for room in budget for end in tail]


if __name__ == "__main__":
    main()
