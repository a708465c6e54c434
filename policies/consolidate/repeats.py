"""Tool results that are equal to an earlier one: found, and told by a reference in their place.

It must not know the wire, nor when something is condensed. A result is named by the number of its turn and, behind a
point, its place among the results of that turn where it is not the first: `12`, `12.1`.
"""

from collections.abc import Iterable, Mapping, Sequence

from proxy.conversation import ToolCall, Turn

LEAST = 200
"""Characters of a result that is worth a reference."""
MOST_SHOWN = 120
"""Characters of the call's arguments that a reference shows."""
LOOKED_BACK = 64
"""Turns among which the call of a result is looked for: many may run side by side."""


def named(place: int, index: int) -> str:
    """The name of a result."""
    return f"{place}.{index}" if index else str(place)


def place_of(name: str) -> int:
    """The number of the turn that a result stands in."""
    return int(name.partition(".")[0])


def repeats(turns: Sequence[Turn], place: int, before: Iterable[int], known: Mapping[str, str]) -> dict[str, str]:
    """Which results of a turn are equal to one in the turns `before`: their names, and the names of the earlier ones.

    `known` are results that are references themselves; none is referred to.
    """
    texts = {named(place, index): result.text for index, result in enumerate(turns[place].results)}
    texts = {name: text for name, text in texts.items() if len(text) >= LEAST}
    found: dict[str, str] = {}
    for earlier in before if texts else ():
        for index, result in enumerate(turns[earlier].results):
            source = named(earlier, index)
            if len(result.text) >= LEAST and source not in known:
                found |= {name: source for name, text in texts.items() if text == result.text and name not in found}
    return found


def reference(turns: Sequence[Turn], source: str) -> str:
    """What stands in the place of a result that is equal to that one."""
    place, _, index = source.partition(".")
    id = turns[int(place)].results[int(index or 0)].id
    call = next(iter(calls_of(turns, int(place), {id})), None)
    if call is None:
        return f"[The same result as in message #{place}.]"
    given = call.arguments if len(call.arguments) <= MOST_SHOWN else call.arguments[:MOST_SHOWN] + "…"
    return f"[The same result as that of {call.name}({given}) in message #{place}.]"


def calls_of(turns: Sequence[Turn], place: int, ids: set[str]) -> list[ToolCall]:
    """The calls of these ids, which the turn at that place answers."""
    for turn in reversed(turns[max(0, place - LOOKED_BACK) : place]):
        found = [call for call in turn.calls if call.id in ids]
        if found:
            return found
    return []
