"""Recorded sessions as files, for the tests of the benchmark."""

import json
from pathlib import Path
from typing import Any

from tests.policies.prefetch.shop import Line, visit


def messages(lines: list[Line]) -> list[dict[str, Any]]:
    """A dialogue as chat messages."""
    found: list[dict[str, Any]] = [{"role": "system", "content": "You keep a shop."}]
    number = 0
    for line in lines:
        if line.user:
            found.append({"role": "user", "content": line.user})
        elif line.result:
            found.append({"role": "tool", "tool_call_id": f"c{number}", "content": line.result})
        elif not line.calls:
            found.append({"role": "assistant", "content": line.says})
        else:
            number += 1
            functions = [{"name": each.name, "arguments": json.dumps(each.values())} for each in line.calls]
            calls = [{"id": f"c{number}", "type": "function", "function": each} for each in functions]
            found.append({"role": "assistant", "content": None, "tool_calls": calls})
    return found


def shop_file(path: Path, visits: int = 20) -> Path:
    """A file with so many customers, each a task of its own."""
    rows = [
        {
            "id": f"shop/{number}",
            "source": "shop",
            "task_id": str(number),
            "messages": messages(visit(number, 1 + number % 3)),
        }
        for number in range(visits)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def tools_file(path: Path) -> Path:
    """The tools of the shop."""
    tools = [("find_user", True), ("get_user", True), ("get_order", True), ("cancel_order", False)]
    path.write_text(json.dumps([{"function": {"name": name}, "read_only": reads} for name, reads in tools]))
    return path
