"""What a call of a team costs beside the member's own time: through a real proxy, calls counted at the upstream."""

import pytest

from benchmarks.teams.overhead import overheads

pytestmark = pytest.mark.anyio


async def test_calls_are_those_that_reached_the_upstream() -> None:
    """Three that agree: as many calls as members, and two for the cascade."""
    found = await overheads(rounds=3)
    assert [(each.team, each.calls) for each in found] == [("goa", 3), ("selforg", 3), ("cascade", 2)]
