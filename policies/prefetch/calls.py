"""A tool call as it is compared: its name, and its arguments in canonical JSON.

It must not know sessions, nor whether the call is made or only guessed.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from policies.prefetch.fields import spelled
from proxy.conversation import ToolCall


class Call:
    """A call; `arguments` are JSON texts by name. Two calls are the same when their keys are."""

    def __init__(self, name: str, arguments: Mapping[str, str]) -> None:
        self.name = name
        self.arguments = dict(arguments)

    @classmethod
    def read(cls, call: ToolCall) -> Self | None:
        """A model's call; None where its arguments are no JSON object."""
        try:
            arguments = json.loads(call.arguments) if call.arguments else {}
        except (ValueError, RecursionError):
            return None
        if not isinstance(arguments, dict):
            return None
        return cls(call.name, {name: spelled(value) for name, value in arguments.items()})

    @cached_property
    def key(self) -> str:
        """The call in one line: `name{"a":1,"b":"x"}`, arguments in the order of their names."""
        told = ",".join(f"{spelled(name)}:{value}" for name, value in sorted(self.arguments.items()))
        return f"{self.name}{{{told}}}"

    def values(self) -> dict[str, Any]:
        """The arguments as they are sent."""
        return {name: json.loads(value) for name, value in self.arguments.items()}

    def __repr__(self) -> str:
        return f"Call({self.key})"
