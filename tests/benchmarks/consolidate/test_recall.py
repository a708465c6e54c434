"""Values that were condensed away are asked for, and what the proxy answers is read at the upstream."""

import json
from pathlib import Path

import pytest

from benchmarks.consolidate.recall import WAYS, alone, first_hits, main, measured, parser, table
from tests.benchmarks.consolidate.recorded import SYSTEM, Message, assistant, result, user
from tests.benchmarks.consolidate.test_sessions import write

DOORS = [{"door": f"north {number}", "code": f"k{number * 7919 % 100_003}q"} for number in range(200)]


def written(folder: Path) -> Path:
    """A file with a trajectory that comes back to some of many codes, long after it was read."""
    told: list[Message] = [
        SYSTEM,
        user("Note the codes."),
        assistant(None, ("a", "{}")),
        result("a", json.dumps(DOORS)),
    ]
    for number in range(12):
        told += [assistant(f"Noted {number}."), user(f"Now think of a trip to town {number}. " * 12)]
    told += [assistant("Well."), user("Open every eighth door.")]
    codes = json.dumps({"code": [door["code"] for door in DOORS[70:190:8]]})
    told += [assistant(None, ("b", codes)), result("b", "open"), assistant("Done."), user("Thanks.")]
    return write(folder / "doors.jsonl.gz", told)


def count(text: str) -> int:
    """A token for each four characters."""
    return -(-len(text) // 4)


def test_the_first_hits_are_messages() -> None:
    """However many lines of each are shown; what stands before them is none."""
    told = "Nothing\n#4 user: a\n#4 user: b\n#2 call: c\n#9 result: d\n#1 user: e"
    assert first_hits(told) == "#4 user: a\n#4 user: b\n#2 call: c\n#9 result: d"


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
def test_lost_values_are_asked_for(tmp_path: Path, form: str) -> None:
    """In both ways; the value itself is in no query."""
    path = written(tmp_path)
    chosen = parser().parse_args([str(path), "--above", "1500", "--to", "400", "--chain", "1"])
    sought = measured(path, form, chosen, count)
    assert sought
    assert {one.way for one in sought} == set(WAYS)
    assert not any(one.value in one.query for one in sought)
    assert any(one.found for one in sought)
    assert "| all |" in table({"some": sought})


def test_the_command_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And writes JSON."""
    to = tmp_path / "out.json"
    marks = ["--above", "1500", "--to", "400", "--chain", "1", "--form", "all"]
    main([str(written(tmp_path)), *marks, "--misses", "--json", str(to)])
    told = capsys.readouterr().out
    assert all(row in told for row in ("| sessions | values |", "| doors, chat |", "| doors, messages |", "| all |"))
    assert set(json.loads(to.read_bytes())) == {"doors, chat", "doors, responses", "doors, messages"}


def test_a_value_is_a_word_of_its_own() -> None:
    """Not a piece of a longer one."""
    assert alone("340").search("amount: 340.")
    assert not alone("340").search("raj_sanchez_7340")
