"""What was measured is shown as tables that stand by themselves.

They must not know how anything was measured.
"""

from benchmarks.consolidate.tables import misses, page, run_table, targets
from benchmarks.consolidate.targets import figures
from tests.benchmarks.consolidate.test_targets import row, run


def test_a_run_says_how_much_was_played() -> None:
    """Sessions, requests and values stand above the table; each row says what it saved and lost."""
    shown = run_table(run(16, row(3600)))
    assert "## airline-gpt4o, chain-16, marks 4500 / 1500" in shown
    assert "1 sessions, 200 requests, 1,000 values." in shown
    assert "| consolidate | chat      | 3,600 | 10.0 times |" in shown


def test_what_went_wrong_stands_below() -> None:
    """Faults of requests, and those that the proxy counted."""
    shown = run_table(run(16, row(3600))._replace(faults=("id a twice",), noted=("chat: {} 2.0",)))
    assert shown.endswith("\n- id a twice\n- the proxy noted chat: {} 2.0\n")


def test_verdicts_stand_beside_targets() -> None:
    """Held, or missed in bold."""
    lines = targets(figures([run(16, row(3600, retention=0.99))])).splitlines()
    (kept,) = [line for line in lines if "| retention" in line]
    assert [cell.strip() for cell in kept.split("|")[3:7]] == ["chat", "0.99", "≥ 0.998", "**missed**"]


def test_misses_are_listed_for_study() -> None:
    """Value, tool, argument and age; a bar in a value does not break the table."""
    assert "| W\\|1  | look | order    | 9" in misses(run(16, row(3600)))


def test_the_page_explains_its_figures() -> None:
    """How it was measured, targets, tables, limits."""
    runs = [run(16, row(3600))]
    shown = page(runs, figures(runs))
    assert [line for line in shown.splitlines() if line.startswith("#")] == [
        "# Consolidation, measured",
        "## Targets",
        "## airline-gpt4o, chain-16, marks 4500 / 1500",
        "## Limits",
    ]
