"""The command: `python -m benchmarks.routing FILE… [--cards-only] [--feedback N] [--seeds N] [--json]`.

It must not know how anything is measured; it knows what can be asked for.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from math import isfinite
from pathlib import Path

from benchmarks.routing.cold import CARDS, cold
from benchmarks.routing.figures import Figures, official, over_splits
from benchmarks.routing.questions import Questions, read


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.routing", description="How well models are chosen, on recorded scores."
    )
    add = parser.add_argument
    add("files", nargs="+", type=Path, metavar="FILE", help="questions with scores (.jsonl or .jsonl.gz)")
    add("--seeds", type=int, default=5, metavar="N", help="splits, 70/30 within each benchmark (5)")
    add("--words-only", action="store_true", help="as without the embeddings extra: no embedding is used")
    add("--cards-only", action="store_true", help="nothing is learned: only what cards and prices say")
    add("--feedback", type=int, default=0, metavar="N", help="learned from N scores, each of one model, and the cards")
    add("--cards", type=Path, default=CARDS, metavar="FILE", help="the models' cards, in the form of OUTRIDER_MODELS")
    add("--json", action="store_true", help="print the figures as one JSON object, in the last line")
    return parser


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    chosen = parser().parse_args(arguments)
    found: dict[str, object] = {}
    try:
        for path in chosen.files:
            questions = read(path, embeddings=not chosen.words_only)
            if chosen.cards_only or chosen.feedback:
                found[questions.name] = told_cold(questions, chosen)
            else:
                found[questions.name] = told(questions, chosen.seeds)
    except (OSError, ValueError, KeyError) as fault:
        raise SystemExit(f"benchmarks.routing: {fault}") from fault
    if chosen.json:
        print(json.dumps(finite(next(iter(found.values())) if len(found) == 1 else found)))


def told(questions: Questions, seeds: int) -> dict[str, object]:
    """One file's figures: printed as a table, and as the object for `--json`."""
    means, many = over_splits(questions, seeds)
    title = f"{questions.name}: {len(questions.texts)} questions, {len(questions.models)} models"
    table(title + ("" if questions.embedded else ", no embeddings"), means)
    gains = [each["ours"]["accuracy"] - each["single"]["accuracy"] for each in many]
    print("ours over the best single model, by seed: " + "  ".join(f"{gain:+.4f}" for gain in gains))
    summary: dict[str, object] = {
        **means["ours"],
        "cost": means["ours"].get("cost"),
        "best_single": means["single"]["accuracy"],
        "random": means["random"]["accuracy"],
        "label_known": means["label known"]["accuracy"],
        "worst_gain": round(min(gains), 4),
        "routers": means,
    }
    if split := official(questions):
        table(f"{questions.name}, its own split", split)
        summary["official"] = split["ours"]
        summary["official_routers"] = split
    return summary


def told_cold(questions: Questions, chosen: argparse.Namespace) -> dict[str, object]:
    """The same where little or nothing is learned."""
    means = cold(questions, chosen.seeds, chosen.feedback, chosen.cards)
    table(f"{questions.name}: from cards" + (f", and {chosen.feedback} scores" if chosen.feedback else ""), means)
    ours = means["feedback" if chosen.feedback else "cards"]
    return {
        **ours,
        "top3": ours.get("top3"),
        "cost": ours.get("cost"),
        "best_single": means["single"]["accuracy"],
        "random": means["random"]["accuracy"],
        "routers": means,
    }


def finite(value: object) -> object:
    """The same with null for what JSON has no word for: the cost at which a quality is never reached, say."""
    if isinstance(value, Mapping):
        return {name: finite(each) for name, each in value.items()}
    return None if isinstance(value, float) and not isfinite(value) else value


def table(title: str, rows: Mapping[str, Figures]) -> None:
    """Routers down, figures across."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    print(f"\n{title}\n{'':16}" + "".join(f"{name:>12}" for name in names))
    for name, row in rows.items():
        print(f"{name:16}" + "".join(f"{row[each]:12.4f}" if each in row else f"{'-':>12}" for each in names))


if __name__ == "__main__":
    main(sys.argv[1:])
