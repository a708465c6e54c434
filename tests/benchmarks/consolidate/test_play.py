"""A whole measurement: files in, figures out, through a proxy that really runs.

They must not know what the policy does; it rides off here.
"""

import json
from pathlib import Path

import pytest

from benchmarks.consolidate.__main__ import main
from benchmarks.consolidate.play import Unplayed, counted, play
from benchmarks.consolidate.setting import TARGETED, Setting, Way, standard
from benchmarks.consolidate.spoken import FORMS
from tests.benchmarks.consolidate.recorded import HISTORY, Message, meter
from tests.benchmarks.consolidate.test_sessions import write


@pytest.fixture
def traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of three trajectories, in the folder that the environment names."""
    monkeypatch.setenv("OUTRIDER_TRACES", str(tmp_path))
    trajectory: list[Message] = list(HISTORY)
    return write(tmp_path / "shop.jsonl.gz", *[trajectory] * 3)


@pytest.mark.anyio
@pytest.mark.live
@pytest.mark.parametrize("form", FORMS)
async def test_every_request_reaches_the_upstream_as_it_was_sent(form: str) -> None:
    """With the policy off nothing is smaller, lost, rewritten or at fault, in any wire form."""
    meters = [meter(form), meter(form)]
    assert await play(meters, {"policies": ("session",)}) == ()
    for each in meters:
        asked = each.asked.values()
        assert [one.sent for one in asked] == [one.full for one in asked]
        assert len(asked) == 4
        assert not any(one.faults or one.event for one in asked)


@pytest.mark.anyio
@pytest.mark.live
async def test_a_request_that_is_refused_is_no_measurement() -> None:
    """A proxy that lets nobody in is not mistaken for one that sends nothing."""
    with pytest.raises(ExceptionGroup) as caught:
        await play([meter()], {"policies": ("session",), "max_body_mb": 1e-5})
    assert caught.group_contains(Unplayed, match="413")


def test_what_the_proxy_noted_is_told() -> None:
    """A policy that fails measures like one that does nothing: the proxy's own count of faults stands beside it."""
    line = 'outrider_store_errors_total{moment="save"} 152.0'
    assert counted(f"# HELP outrider_store_errors_total times\n{line}\nother 1.0\n") == (line,)


@pytest.mark.live
def test_the_command_measures_the_folder(traces: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Tables for a reader, JSON for machines; without files the folder of the environment."""
    main(["--off", "--form", "all", "--chain", "2", "--misses", "--json", str(tmp_path / "told.json")])
    shown = capsys.readouterr().out
    assert "## shop, chain-2, marks 4500 / 1500" in shown
    assert "keep last 16 messages" in shown
    told = json.loads((tmp_path / "told.json").read_bytes())
    rows = {(row["who"], row["form"]): row for row in told["runs"][0]["rows"]}
    assert {form for who, form in rows if who == "the policy off"} == set(FORMS)
    assert {row["less"] for (who, _), row in rows.items() if who == "the policy off"} == {1.0}
    assert [figure["what"] for figure in told["figures"]] == ["requests at fault, of 8"] * 3


@pytest.mark.live
def test_the_page_is_all_that_is_printed(traces: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--page` can be written into the documentation as it is."""
    main(["--off", "--page", str(traces)])
    assert capsys.readouterr().out.startswith("# Consolidation, measured\n")


def test_without_files_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither named nor in the environment."""
    monkeypatch.delenv("OUTRIDER_TRACES", raising=False)
    with pytest.raises(SystemExit, match="OUTRIDER_TRACES"):
        main(["--off"])


def test_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    """The file's name and the reason, no stack."""
    with pytest.raises(SystemExit, match=r"nowhere\.jsonl"):
        main(["--off", str(tmp_path / "nowhere.jsonl")])


def test_the_standard_set_takes_what_is_there() -> None:
    """Settings with targets first, every other file at one setting, nothing for a missing file."""
    files = [Path("retail-gpt41.jsonl.gz"), Path("shop.jsonl")]
    wanted = [Setting(files[0], *rest) for name, *rest in TARGETED if name == "retail-gpt41"]
    assert standard(files) == [*wanted, Setting(files[1], 16, 4500, 1500)]


def test_marks_are_settings_of_the_proxy() -> None:
    """Zero leaves the marks to the policy."""
    way = Way(("chat",), "gpt-4o", on=True)
    there = way.settings(Setting(Path("shop.jsonl"), 16, 4500, 1500))
    assert there == {
        "policies": ("session", "consolidate"),
        "consolidate": "on",
        "consolidate_above": 4500,
        "consolidate_to": 1500,
    }
    assert "consolidate_above" not in way.settings(Setting(Path("shop.jsonl"), 16, 0, 0))
