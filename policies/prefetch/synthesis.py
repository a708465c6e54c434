"""Behaviour programs found without a model: what mostly followed what, which words went before what, where values led.

It must not know how far a program will be believed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from policies.prefetch.language import MOST_ARGUMENTS, MOST_RULES, MOST_WORDS, Argument, Condition, Program, Rule
from policies.prefetch.moved import EARLIER, LATER
from policies.prefetch.provenance import Tool
from policies.prefetch.state import REPLY, TEXTS, USER, State

MOST_CONTEXTS = 160
LEAST_TIMES = 3
LEAST_SHARE = 0.45
"""Of what followed a context: less is no rule."""
TELLING = 0.6
"""Share of a word's messages that must be followed by the same call."""
LEAST_RATE = 0.3
"""Share of its calls in which a source must have held the argument."""
Counts = Mapping[str, Mapping[str, int]]


class Follows:
    """What followed what; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self.counts: dict[str, dict[str, int]] = {context: dict(each) for context, each in (told or {}).items()}
        """`user|first>second` or `result|…` -> label -> times."""

    def json(self) -> dict[str, Any]:
        """For the store."""
        return self.counts

    def learn(self, contexts: Sequence[str], label: str) -> None:
        """In these contexts came this label."""
        for context in contexts:
            counts = self.counts.pop(context, {})
            counts[label] = counts.get(label, 0) + 1
            self.counts[context] = counts
        while len(self.counts) > MOST_CONTEXTS:
            del self.counts[next(iter(self.counts))]


def followed(state: State) -> list[str]:
    """The contexts of a state; none within a message, whose calls are one step."""
    if state.inside:
        return []
    turn = "user" if state.events[-1:] == [USER] else "result"
    tools = [event for event in state.events if event not in (USER, REPLY)]
    return [f"{turn}|{'>'.join(tools[-order:])}" for order in (1, 2) if len(tools) >= order or order == 1]


def programs(follows: Counts, tools: Mapping[str, Tool], words: Counts) -> list[Program]:
    """The programs that the counts suggest, the simplest first."""
    one = list(_by_context(follows, tools, 1))
    two = list(_by_context(follows, tools, 2))
    flow = list(_by_flow(tools))
    said = list(_by_words(words, tools))
    variants = (one, [*two, *one], flow, [*said, *flow], [*said, *two, *one])
    return [Program(tuple(rules[:MOST_RULES])) for rules in variants if rules]


def _by_context(follows: Counts, tools: Mapping[str, Tool], order: int) -> Iterator[Rule]:
    """After this tool (or these), that one."""
    ranked = sorted(follows.items(), key=lambda each: (-sum(each[1].values()), each[0]))
    for context, counts in ranked:
        turn, _, path = context.partition("|")
        after = tuple(path.split(">")) if path else ()
        label = max(counts, key=lambda each: (counts[each], each))
        if len(after) != order or counts[label] < LEAST_TIMES or counts[label] < LEAST_SHARE * sum(counts.values()):
            continue
        when = (Condition("turn", (turn,)), Condition("after", after))
        yield from _rules(when, label, tools)


def _by_flow(tools: Mapping[str, Tool]) -> Iterator[Rule]:
    """As soon as there is a value for it that was not used, a tool is called with each."""
    ranked = sorted(tools.items(), key=lambda each: (-sum(each[1].shapes.values()), each[0]))
    for name, tool in ranked:
        arguments = _arguments(tool, _flows)
        if arguments and all(each.source for each in arguments):
            first = arguments[0]
            when = (Condition("fresh", (first.source, f"{name}.{first.name}")),)
            yield Rule(when, name, tuple(each._replace(pick="each") for each in arguments))


def _by_words(words: Counts, tools: Mapping[str, Tool]) -> Iterator[Rule]:
    """When the user says one of these, that."""
    telling: dict[str, list[tuple[int, str]]] = {}
    for word, counts in words.items():
        label = max(counts, key=lambda each: (counts[each], each))
        if (
            label
            and counts[label] >= LEAST_TIMES
            and counts[label] >= TELLING * sum(counts.values())
            and word.isalpha()
        ):
            telling.setdefault(label, []).append((-counts[label], word))
    for label, found in sorted(telling.items(), key=lambda each: (-len(each[1]), each[0])):
        chosen = tuple(word for _, word in islice(sorted(found), MOST_WORDS))
        yield from _rules((Condition("turn", ("user",)), Condition("said", chosen)), label, tools)


def _rules(when: tuple[Condition, ...], label: str, tools: Mapping[str, Tool]) -> Iterator[Rule]:
    if not label:
        yield Rule(when, "")
        return
    arguments = _arguments(tools[label]) if label in tools else None
    if arguments is not None:
        yield Rule(when, label, arguments)


def _plain(source: str) -> bool:
    """Whether a program can look there: not at other names, nor at dates that were moved."""
    return not source.startswith("alias:") and not source.endswith((LATER, EARLIER))


def _flows(source: str) -> bool:
    """Whether it is a field of a result, whose every value may be meant: not so what was said."""
    return _plain(source) and ":" in source and not source.startswith(TEXTS)


def _arguments(tool: Tool, may: Callable[[str], bool] = _plain) -> tuple[Argument, ...] | None:
    """Where each argument mostly came from, of the sources that may be; None where one has no such source."""
    form = next(iter(tool.forms()), ())
    found: list[Argument] = []
    for name in form:
        argument = tool.arguments[name]
        best = max(
            filter(may, argument.hits),
            key=lambda each: (argument.hits[each][0] ** 2 / (1 + argument.hits[each][1]), each),
            default="",
        )
        hit, there = argument.hits.get(best, (0, 0))
        if best and hit >= LEAST_TIMES and hit >= LEAST_RATE * argument.calls:
            found.append(Argument(name, best, "fresh" if hit >= LEAST_RATE * there else "mentioned"))
        elif constants := argument.constants():
            found.append(Argument(name, pick="", value=max(constants, key=lambda each: each[1])[0]))
        else:
            return None
    return tuple(found) if len(found) <= MOST_ARGUMENTS else None
