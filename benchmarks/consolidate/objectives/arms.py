"""The arms of the comparison: what the client sends, and how the proxy in front of the model is set.

It must not know tasks or models. A further arm is one more entry of `arms`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.consolidate.objectives.task import Message

View = Callable[[Sequence[Message]], list[Message]]


class Arm(NamedTuple):
    """One way to carry a long session."""

    name: str
    settings: Mapping[str, Any]
    """The proxy's."""
    view: View
    """What the client sends of its history; the last message is the one to be answered."""


class Marks(NamedTuple):
    """High-water and low-water mark of `consolidate`, in tokens."""

    above: int
    to: int


OFF: Mapping[str, Any] = {"policies": ("session",)}


def arms(marks: Sequence[Marks], keep: int, more: Mapping[str, Mapping[str, Any]] | None = None) -> list[Arm]:
    """All arms: full history, `consolidate` at each pair of marks, the last `keep` messages, the question alone.

    `more` are further settings of the proxy by the arm's name, each at the first pair of marks.
    """
    condensed = [Arm(f"consolidate {mark.above} / {mark.to}", on(mark), whole) for mark in marks]
    further = [Arm(name, {**on(marks[0]), **settings}, whole) for name, settings in (more or {}).items()]
    return [
        Arm("full history", OFF, whole),
        *condensed,
        *further,
        Arm(f"last {keep} messages", OFF, lambda history: newest(history, keep)),
        Arm("question alone", OFF, lambda history: newest(history, 1)),
    ]


def on(marks: Marks) -> Mapping[str, Any]:
    """The proxy's settings with the policy on."""
    return {
        "policies": ("session", "consolidate"),
        "consolidate": "on",
        "consolidate_above": marks.above,
        "consolidate_to": marks.to,
    }


def whole(history: Sequence[Message]) -> list[Message]:
    """Everything."""
    return list(history)


def newest(history: Sequence[Message], keep: int) -> list[Message]:
    """The system message and the last `keep` others; a result whose call was cut off is left out."""
    head, rest = list(history[:1]), list(history[1:])[-keep:]
    while rest and rest[0]["role"] == "tool":
        del rest[0]
    return head + rest
