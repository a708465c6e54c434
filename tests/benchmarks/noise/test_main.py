"""The command, on files of our own."""

import json
import runpy
from pathlib import Path

import pytest

from benchmarks.noise.__main__ import main
from tests.benchmarks.noise.recorded import conversations, responses
from tests.policies.noise.team import WORKERS, without


def figures(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, float]:
    """The last line of the command's output."""
    main([*arguments, "--json"])
    found: dict[str, float] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_parts_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours and the baselines, in one object."""
    file = str(conversations(tmp_path / "talk.jsonl"))
    dropped = figures(capsys, "dropped", file)
    assert dropped["groups"] == 6
    assert dropped["workers"] == 150
    assert dropped["auc"] > 0.95
    assert dropped["f1_always"] == pytest.approx(1 / 3, abs=1e-4)
    assert {"tfidf_auc", "recall_auc", "f1"} <= dropped.keys()
    foreign = figures(capsys, "foreign", file)
    assert foreign["foreign"] == 60
    assert foreign["auc"] > 0.6
    assert {"tfidf_auc", "auc_shuffled", "auc_unseen_conversations", "f1_always"} <= foreign.keys()
    numbers = figures(capsys, "numbers", file)
    assert numbers["caught"] > 0.9
    assert numbers["false"] == 0
    assert figures(capsys, "speed", file)["ms_median"] > 0


def test_responses_are_measured_by_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And numbers in them too."""
    file = str(responses(tmp_path / "said.jsonl"))
    found = json.loads(json.dumps(figures(capsys, "faithfulness", file)))
    assert found["BEGIN-x"]["auc"] > 0.9
    assert found["Edits"]["auc"] > 0.9
    assert found["auc_lowest"] > 0.9
    assert found["f1_always"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures(capsys, "numbers", file)["caught"] > 0.8


def test_alarms_are_counted_in_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A leader who drops one of three, and one who says something else."""
    file = tmp_path / "run.jsonl"
    told = [{"role": "human", "content": "Look into it."}]
    told += [{"role": "Worker", "content": text} for text in WORKERS]
    told += [
        {"role": "Orchestrator (thought)", "content": without(1)},
        {"role": "Orchestrator", "content": "Well done."},
    ]
    file.write_text(json.dumps({"history": told}) + "\n")
    found = figures(capsys, "alarms", str(file))
    assert (found["messages"], found["checked"], found["false"], found["dropped"]) == (2, 2, 0.5, 0.5)


def test_weights_are_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `fit` prints can be imported."""
    folder = tmp_path / "data"
    (folder / "aggregation").mkdir(parents=True)
    (folder / "faithfulness").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTRIDER_NOISE_DATA", str(folder))
        patch.setattr("benchmarks.noise.__main__.CONVERSATIONS", ("aggregation/talk.jsonl",))
        patch.setattr("benchmarks.noise.__main__.RESPONSES", ("faithfulness/said.jsonl",))
        conversations(folder / "aggregation" / "talk.jsonl")
        responses(folder / "faithfulness" / "said.jsonl")
        main(["fit"])
    file = tmp_path / "weights.py"
    file.write_text(capsys.readouterr().out)
    found = runpy.run_path(str(file))
    assert found["GROUNDLESS"].weights["words"] != 0
    assert found["FOREIGN"].weights["held"] < 0


def test_files_of_another_form_are_named(tmp_path: Path) -> None:
    """With the line, and what was expected."""
    other = tmp_path / "other.jsonl"
    other.write_text('{"a": 1}\n')
    for part, wanted in (
        ("dropped", "other.jsonl line 1: expected a conversation"),
        ("faithfulness", "other.jsonl line 1: expected a response"),
        ("numbers", "other.jsonl line 1: expected a conversation"),
    ):
        with pytest.raises(SystemExit, match=wanted):
            main([part, str(other)])
    other.write_text("{")
    with pytest.raises(SystemExit, match="line 1 is not JSON"):
        main(["dropped", str(other)])
    with pytest.raises(SystemExit, match="No such file"):
        main(["dropped", str(tmp_path / "none.jsonl")])


def test_without_files_the_folder_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name."""
    monkeypatch.delenv("OUTRIDER_NOISE_DATA", raising=False)
    with pytest.raises(SystemExit, match="OUTRIDER_NOISE_DATA"):
        main(["dropped"])
