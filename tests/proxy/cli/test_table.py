"""The table of a run, and the same as JSON: savings where policies counted them.

It must not know where the figures come from.
"""

import json

import pytest

from proxy.cli.heard import Heard
from proxy.cli.sessions import CHAT, Recorded, Step
from proxy.cli.table import as_json, show
from proxy.cli.tally import Account, Tally, tally

A = Recorded("a", (Step(CHAT, {"messages": ["hello"]}),))
B = Recorded("b", (Step(CHAT, {"messages": ["good day"]}),))


def run(**figures: float) -> Tally:
    """Two agents, of which policies counted these for `planner`."""
    heard = [Heard("a", A.steps[0], "1", "planner"), Heard("b", B.steps[0], "2", "coder")]
    return tally([A, B], heard, {"planner": Account(0.5, True, figures), "coder": Account(0.25, True)})


def rows(printed: str) -> dict[str, list[str]]:
    """The rows of the table by their first word."""
    return {words[0]: words[1:] for line in printed.splitlines() if (words := line.split())}


def test_savings_are_a_column(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the cost: what an agent's sessions saved, nothing for one for whom nobody counted, the sum for all."""
    show(run(**{"consolidate.saved_usd": 0.125, "consolidate.extra_usd": 0.0625}), title="Run")
    printed = capsys.readouterr().out
    found = rows(printed)
    assert found["agent"][5:7] == ["cost", "saved"]
    assert found["planner"][5:] == ["$0.5000", "$0.0625"]
    assert found["coder"][5:] == ["$0.2500"]
    assert found["all"][5:] == ["$0.7500", "$0.0625"]
    assert "saved: what" in printed


def test_a_loss_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    """What was spent and did not come in again stands there with its sign."""
    show(run(**{"consolidate.maker_usd": 0.5}), title="Run")
    assert rows(capsys.readouterr().out)["planner"][5:] == ["$0.5000", "-$0.5000"]


@pytest.mark.parametrize("figures", [{}, {"noise.cut": 3.0}])
def test_no_column_where_nobody_counted_dollars(capsys: pytest.CaptureFixture[str], figures: dict[str, float]) -> None:
    """The table is then what it is without such policies."""
    show(run(**figures), title="Run")
    assert "saved" not in capsys.readouterr().out


def test_json_holds_every_figure_by_its_name() -> None:
    """For each agent and for all."""
    found = json.loads(as_json(run(**{"consolidate.saved_usd": 0.125, "noise.cut": 3.0})))
    assert {agent["agent"]: agent["figures"] for agent in found["agents"]} == {
        "planner": {"consolidate.saved_usd": 0.125, "noise.cut": 3.0},
        "coder": {},
    }
    assert found["all"]["figures"] == {"consolidate.saved_usd": 0.125, "noise.cut": 3.0}
