"""What calls ahead brought each session, tool by tool: launched, served, joined, wasted, milliseconds saved.

It must not know how a call is made, nor who shows the sums. Of this process, and of the sessions heard of last.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from typing import Any

from proxy.tools import Called, Owner, Prefetched

MOST = 1_024
"""Sessions."""
WASTED = ("expired", "write", "failed", "dropped")
Sums = defaultdict[str, float]


class Accounts:
    """The sums of each session."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[Owner, dict[str, Sums]] = OrderedDict()

    def hear(self, told: Called | Prefetched) -> None:
        """Takes a call, or a call ahead, that has ended."""
        owner = told.owner
        if not owner.session:
            return
        sums = self._of(owner, f"{told.server}/{told.tool}")
        if isinstance(told, Called):
            sums["calls"] += 1
            if told.by != "call":
                sums["served" if told.by == "shelf" else "joined"] += 1
                sums["saved_ms"] += told.saved_s * 1e3
            return
        sums["would_launch" if told.use == "shadow" else f"launched_{told.window or 'wish'}"] += 1
        sums["wasted"] += told.use in WASTED

    def of(self, caller: str, session: str) -> Mapping[str, Any]:
        """A session's sums by `server/tool`; empty where nothing was heard of it."""
        found = self._sessions.get(Owner(caller, session), {})
        return {tool: {name: round(number, 1) for name, number in sums.items()} for tool, sums in found.items()}

    def _of(self, owner: Owner, tool: str) -> Sums:
        tools = self._sessions.setdefault(owner, {})
        self._sessions.move_to_end(owner)
        if len(self._sessions) > MOST:
            self._sessions.popitem(last=False)
        return tools.setdefault(tool, defaultdict(float))
