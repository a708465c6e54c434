"""The command: what can be asked for, and what is said to what cannot."""

import pytest

from benchmarks.consolidate.objectives.__main__ import main, parser
from benchmarks.consolidate.objectives.arms import Marks


def test_marks_and_settings_are_read() -> None:
    """Several of each."""
    asked = parser().parse_args(
        ["--marks", "1500/600", "900/400", "--set", "consolidate_to=300", "--objectives", "4", "8"]
    )
    assert asked.marks == [Marks(1500, 600), Marks(900, 400)]
    assert asked.set == [("consolidate_to=300", {"consolidate_to": "300"})]
    assert asked.objectives == [4, 8]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "none.gguf"], "none.gguf is no file and none of qwen"),
        (["--arms", "nobody's"], "no arm is called so: full history, consolidate 1000 / 450"),
    ],
)
def test_what_is_not_there_ends_the_program_with_a_word(arguments: list[str], said: str) -> None:
    """One line, no traceback."""
    with pytest.raises(SystemExit, match=said):
        main(arguments)
