"""A real MCP server whose tools answer what was recorded, each in its own time, from a state that has a version.

It must not know the proxy, nor who calls. A write makes the next version; a read is answered as it was recorded at the
version that holds when it is made, and otherwise says so: were that ever handed to the agent, it would be a mismatch.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import mcp_types as types
from mcp.server import Server

from benchmarks.prefetch.traces import Session
from policies.prefetch.calls import Call
from proxy.conversation import ToolCall

READ = types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
WRITE = types.ToolAnnotations(read_only_hint=False)
UNKNOWN = "nobody asked this when it was recorded"


@dataclass(slots=True)
class Recorded:
    """What the tools of one session say; `version` counts its writes."""

    reads: Collection[str]
    seconds: float = 0.0
    """That each call takes."""
    version: int = 0
    made: Counter[str] = field(default_factory=Counter)
    """Calls that reached the server, by tool."""
    _answers: dict[tuple[int, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def open(self, session: Session) -> None:
        """From here on it is this session."""
        self.version, version, asked = 0, 0, dict[str, Call]()
        self._answers.clear()
        for event in session.events:
            asked.update(event.calls)
            if event.kind == "result" and (call := asked.pop(event.id, None)) is not None:
                self._answers[version, call.key].append(event.text)
                version += call.name not in self.reads

    async def answer(self, name: str, arguments: dict[str, Any]) -> str:
        """The result of a call."""
        self.made[name] += 1
        call = Call.read(ToolCall("", name, json.dumps(arguments)))
        assert call is not None
        await asyncio.sleep(self.seconds)
        known = self._answers.get((self.version, call.key))
        if name not in self.reads:
            self.version += 1
        return known.pop(0) if known and len(known) > 1 else known[0] if known else UNKNOWN


def build(recorded: Recorded, tools: Iterable[str], name: str = "desk") -> Server[Any]:
    """Its server."""
    listed = [
        types.Tool(name=tool, input_schema={"type": "object"}, annotations=READ if tool in recorded.reads else WRITE)
        for tool in sorted(tools)
    ]

    async def on_list(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=listed)

    async def on_call(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        said = await recorded.answer(params.name, dict(params.arguments or {}))
        return types.CallToolResult(content=[types.TextContent(type="text", text=said)])

    return Server(name, on_list_tools=on_list, on_call_tool=on_call)
