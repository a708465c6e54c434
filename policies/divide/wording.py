"""What the planner, the workers and the manager are told.

It must not know how anyone is asked. The planner's own task is that of the noise decomposition (arXiv 2506.16411):
to have workers return what composes, in our own words.
"""

from collections.abc import Sequence

EDGE = 600
"""Characters of the beginning and the end of a text that the planner is shown."""
NOTHING = "NOTHING"
"""What a worker says whose part holds nothing of use."""
WORKER = "Copy from this part, word for word and with the names in them, the lines or sentences that the task is about."
"""Asked so after a small model had answered the task itself, with whatever its part held."""
MANAGER = (
    "Do the task from the notes alone, as if you had read the whole text yourself. Compare all notes before you "
    "answer; where two of them contradict each other, say so if the task allows it."
)
SHAPE = 'Answer with JSON alone: {"worker": "…", "manager": "…"}'


def planning(asked: str, text: str, count: int) -> str:
    """What the planner is asked."""
    return (
        f"A text is too long for one reader. It is cut into {count} parts, in order. Each part goes to a worker who "
        "sees nothing of the other parts; a manager then sees the task and what the workers wrote, and nothing of the "
        "text.\n\n"
        f"The task:\n<<<\n{asked}\n>>>\n\n"
        f"The text begins:\n<<<\n{text[:EDGE]}\n>>>\nand ends:\n<<<\n{text[-EDGE:]}\n>>>\n\n"
        "Write the instructions for a worker and for the manager, so that the manager can do the task from the notes "
        "alone. A worker must return what composes. If the second smallest is asked for, each worker returns its two "
        "smallest; for a count, its own count; for an average, its sum and its count; for the first or last of "
        "something, each candidate with where it stands; for a summary, the points in order. "
        f"Where a part holds nothing of use, the worker says {NOTHING}. {SHAPE}"
    )


def refining(asked: str, worker: str, manager: str) -> str:
    """What the planner is asked a second time: to look at its own instructions."""
    return (
        f"The task:\n<<<\n{asked}\n>>>\n\nIts text is cut into parts. Each worker sees one part; the manager sees only "
        f"their notes.\n\nInstructions for a worker:\n<<<\n{worker}\n>>>\n\nFor the manager:\n<<<\n{manager}\n>>>\n\n"
        "Think of the cases in which this goes wrong: what is needed stands in one part only, in several, on both "
        "sides of a cut, or in none; two parts each hold a best candidate of their own. Mend the instructions where "
        f"one of these would lead to a wrong answer, and keep them where none does. {SHAPE}"
    )


def working(asked: str, instruction: str, part: str, number: int, count: int) -> str:
    """What a worker is asked. The part comes first; what to do with it stands at the end, where small models look."""
    return (
        f"Part {number} of {count} of a text:\n<<<\n{part}\n>>>\n\n"
        f"The task, for which others read the other parts:\n<<<\n{asked}\n>>>\n\n"
        f"{instruction} If there are none, write {NOTHING}."
    )


def holds(note: str) -> bool:
    """Whether a worker found something."""
    return note.strip(" .*`\n").upper() != NOTHING


def managing(instruction: str, notes: Sequence[str | None]) -> str:
    """What stands in the text's place when the manager is asked; None: that part was not read."""
    count = len(notes)
    told = [
        f"[part {number} of {count}]\n{note or 'This part could not be read.'}" for number, note in enumerate(notes, 1)
    ]
    missing = [str(number) for number, note in enumerate(notes, 1) if note is None]
    warned = f" Parts {', '.join(missing)} could not be read: say so where it may matter." if missing else ""
    return (
        f"(The text was read in {count} parts, each by someone who saw no other. Their notes, in order, stand here in "
        f"its place. {instruction}{warned})\n\n" + "\n\n".join(told)
    )
