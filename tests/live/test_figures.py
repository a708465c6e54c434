"""What policies counted, asked of a running proxy as `outrider replay` asks it.

It must not know who counted: the sums stand in the state file before the proxy opens it.
"""

from pathlib import Path

import pytest

from proxy.cli.player import ask_accounts
from proxy.cli.tally import Account
from proxy.store import Changes, Limits
from proxy.store.embedded import EmbeddedStore
from tests.live.caller import ask
from tests.live.conftest import Ride

pytestmark = pytest.mark.anyio

COUNTED = {"consolidate.saved_usd": 0.25, "noise.cut": 3.0}


async def test_figures_come_with_the_agents(ride: Ride, tmp_path: Path) -> None:
    """Cost and figures of each agent over its sessions; the sessions' own pages show theirs."""
    store = EmbeddedStore(Limits(), tmp_path / "state.db")
    for name, agent, figures in (("s1", "planner", COUNTED), ("s2", "planner", COUNTED), ("s3", "coder", {})):
        memory = {"session": {"agent": agent, "cost": 0.5}, "road": {"figures": figures}}
        await store.save("us", Changes(name, 0, memory, now=1.0))
    await store.close()
    url = await ride(state_file=str(tmp_path / "state.db"))
    assert await ask_accounts(url, "") == {
        "planner": Account(1.0, True, {"consolidate.saved_usd": 0.5, "noise.cut": 6.0}),
        "coder": Account(0.5, True, {}),
    }
    assert (await ask(url, "GET", "/outrider/sessions/s1")).json["figures"] == COUNTED
