"""Conversations and responses as files, for the tests of the benchmark.

It must not know what is measured.
"""

import json
from pathlib import Path
from typing import Any

SUBJECTS = (
    ("the greenhouse", "tomatoes", "watered", 14),
    ("a sailing trip", "lighthouses", "photographed", 23),
    ("the old piano", "sonatas", "practised", 31),
    ("her thesis", "glaciers", "measured", 47),
    ("the bakery", "croissants", "folded", 58),
    ("a beehive", "swarms", "caught", 66),
    ("the workshop", "clocks", "repaired", 72),
)


def session(number: int) -> dict[str, Any]:
    """A session with two findings a speaker, and a summary of it."""
    what, things, did, count = SUBJECTS[number % len(SUBJECTS)]
    date = f"{1 + number % 11}:{10 + number:02d} pm on {number + 1} May, 2023"
    return {
        "n": number,
        "date": date,
        "observation": {
            "Ann": [[f"Ann spent the whole week on {what}.", "D1:1"], [f"Ann {did} {count} {things}.", "D1:2"]],
            "Ben": [[f"Ben asked Ann why she likes {things}.", "D1:3"]],
        },
        "summary": f"Ann and Ben spoke at {date}. Ann told Ben about {what}, where she {did} {count} {things} in a "
        f"week. Ben wondered why she likes {things}.",
    }


def conversations(path: Path, count: int = 2, sessions: int = 9) -> Path:
    """A file of conversations."""
    rows = [{"id": f"c{one}", "sessions": [session(one + each) for each in range(sessions)]} for one in range(count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def responses(path: Path) -> Path:
    """A file with a set of replies and a set of retellings, half of them unsupported."""
    rows = []
    for number in range(len(SUBJECTS) * 2):
        told = session(number)
        source = (
            " ".join(finding for found in told["observation"].values() for finding, _ in found) + " " + told["date"]
        )
        what, _, _, count = SUBJECTS[number % len(SUBJECTS)]
        long = f" That was all that was said of {what} on that day, and both went home rather late and quite tired."
        rows += [
            {"task": "BEGIN-x", "src": source, "resp": f"Ann spent the whole week on {what}.", "unsupported": 0},
            {"task": "BEGIN-x", "src": source, "resp": "I never liked that, do you want pizza?", "unsupported": 1},
            {"task": "Edits", "src": source, "resp": told["summary"] + long, "unsupported": 0},
            {
                "task": "Edits",
                "src": source,
                "resp": told["summary"].replace(f" {count} ", f" {count + 17} ") + long,
                "unsupported": 1,
            },
        ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
