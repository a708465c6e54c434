"""What a session has shown so far, as far as it foretells calls: events, values with where they stood, calls made.

It must not know what is learned from it. It grows turn by turn and is bounded, so that a turn costs the same late in a
session as early.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from policies.prefetch.calls import Call
from policies.prefetch.fields import Leaf, leaves, spelled
from policies.prefetch.words import dates, phrases, plain, spotted, words

USER, REPLY = "<user>", "<reply>"
TEXTS = ("user:", "reply:")
"""Beginnings of sources that are no results."""
DERIVED = ("where", "tools")
"""What is found again from the rest."""
MOST_EVENTS = 12
MOST_VALUES = 24
"""Values of a source, the latest."""
MOST_SOURCES = 160
MOST_DONE = 400
MOST_SHOWN = 24
"""Characters of a value by which a result is told from others."""
_DATE = re.compile(r'"(?:19|20)\d\d-')
MOST_RECORDS = 4
MOST_ABOUT = 12
"""Words by which a record is recognised."""
MOST_OBJECTS = 160
MOST_HEARD = 160
"""Words and phrases of the user that are remembered."""


class Seen(NamedTuple):
    """A value where it stood last."""

    step: int
    """Number of the event."""
    records: tuple[str, ...] = ()
    """The objects, calls or places in a text it stood in, the latest last."""

    def then(self, later: Self) -> Self:
        """The same value seen again."""
        records = tuple(dict.fromkeys((*self.records, *later.records)))[-MOST_RECORDS:]
        return type(self)(later.step, records)


class Heard(NamedTuple):
    """A phrase where the user said it last."""

    step: int
    before: str
    """The word before it."""


class State:
    """A session as a predictor sees it. Not shared: who folds it owns it."""

    def __init__(self, model: str = "") -> None:
        self.model = model
        self.events: list[str] = []
        self.tools: list[str] = []
        """Those among the events that are calls."""
        self.step = 0
        self.sources: dict[str, dict[str, Seen]] = {}
        """Where values stood -> values (JSON text), in the order in which they appeared."""
        self.done: dict[str, int] = {}
        """Calls made since the last write, in canonical spelling -> step."""
        self.tried: dict[str, dict[str, int]] = {}
        """`tool.argument` -> values it had since the last write."""
        self.latest = ""
        """The tool whose result came last."""
        self.said: list[str] = []
        """Words of the user's last message, and of what was said to it (`a:`)."""
        self.heard: dict[str, Heard] = {}
        """Words and phrases of the user."""
        self.where: dict[str, set[str]] = {}
        """Value -> sources of results it stands in."""
        self.records: dict[str, list[str]] = {}
        """Objects of results -> words that stand in them."""
        self.once: dict[str, int] = {}
        """Words of the user -> step."""
        self.mention: set[str] = set()
        self.spoken: set[str] = set()
        self.shown: list[str] = []
        """Short values of the last result, as `field=value`."""
        self.year = ""
        self.dated = False
        """The year is known from what the model was told, and not guessed from results."""
        self.asking: dict[str, str] = {}
        """Calls under way: id -> tool."""
        self.inside = 0
        """Calls of the message that is being read."""
        self.asked = 0
        """Number of the event at which the user spoke last."""

    def json(self) -> dict[str, Any]:
        """For the session's memory; `read` reads it."""
        kept = {name: value for name, value in vars(self).items() if name not in DERIVED}
        kept["sources"] = {
            source: {value: [seen.step, *seen.records] for value, seen in values.items()}
            for source, values in self.sources.items()
        }
        kept["heard"] = {phrase: list(where) for phrase, where in self.heard.items()}
        return kept | {"mention": sorted(self.mention), "spoken": sorted(self.spoken)}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """The state that `json` gave, and nothing of it shared."""
        state = cls(str(told["model"]))
        vars(state).update({name: _copied(value) for name, value in told.items() if name in vars(state)})
        state.sources = {
            source: {value: Seen(step, tuple(records)) for value, (step, *records) in values.items()}
            for source, values in told["sources"].items()
        }
        state.heard = {phrase: Heard(step, before) for phrase, (step, before) in told["heard"].items()}
        state.tools = [each for each in state.events if each not in (USER, REPLY)]
        state.mention, state.spoken = set(told["mention"]), set(told["spoken"])
        for source, values in state.sources.items():
            for value in values:
                state._stands(source, value)
        return state

    @property
    def after_user(self) -> bool:
        """Whether the user has just spoken."""
        return self.events[-1:] == [USER]

    def heard_user(self, text: str) -> None:
        """The user says something."""
        self._event(USER)
        said = [plain(word) for word in words(text)]
        self.said = [word for word in self.said if word.startswith("a:")] + said
        said += [day for day, _ in dates(text, self.year)]
        self.asked = self.step
        self.mention = set(said)
        for word in said:
            self.once.pop(word, None)
            self.once[word] = self.step
        _keep_last(self.once, 2 * MOST_HEARD)
        for phrase, before in phrases(text):
            self.heard.pop(phrase, None)
            self.heard[phrase] = Heard(self.step, before)
        _keep_last(self.heard, MOST_HEARD)
        self._spotted("user", text)

    def began(self, system: str) -> None:
        """What the model was told before all: the year it names is meant by dates without one."""
        self.year = max((day[:4] for day, _ in dates(system, "")), default=self.year)
        self.dated = bool(self.year)

    def wrote(self, text: str) -> None:
        """The model says something beside its calls."""
        if text:
            self.spoken = {plain(word) for word in words(text)}
            self._spotted("reply", text)

    def replied(self, text: str) -> None:
        """The model says something to the user."""
        self._event(REPLY)
        self._spotted("reply", text)
        spoken = [plain(word) for word in words(text)]
        self.spoken = set(spoken)
        self.said = [f"a:{word}" for word in spoken]

    def called(self, call: Call, *, read_only: bool, id: str = "") -> None:
        """The model asks for a tool."""
        self._event(call.name)
        self.inside += 1
        if id:
            self.asking[id] = call.name
            _keep_last(self.asking, 64)
        if not read_only:
            self.done.clear()
            self.tried.clear()
        self.done[call.key] = self.step
        _keep_last(self.done, MOST_DONE)
        for name, value in call.arguments.items():
            place = f"{call.name}.{name}"
            tried = self.tried.setdefault(place, {})
            tried[value] = self.step
            _keep_last(tried, MOST_VALUES * 4)
            self._value(f"{place}()", value, Seen(self.step, (f"c{self.step}",)))

    def answered(self, id: str, text: str) -> None:
        """A tool's result comes."""
        tool = self.asking.pop(id, "") or self.latest
        self.latest, self.inside = tool, 0
        found = leaves(text)
        self.step += 1
        for record, said in _words_of(found).items():
            self.records[f"r{self.step}.{record}"] = said
        _keep_last(self.records, MOST_OBJECTS)
        self.shown = [f"{leaf.path}={leaf.value}" for leaf in found if len(leaf.value) < MOST_SHOWN][:MOST_VALUES]
        for leaf in found:
            self._value(f"{tool}:{leaf.path}", leaf.value, Seen(self.step, (f"r{self.step}.{leaf.record}",)))
            if not self.dated and _DATE.match(leaf.value):
                self.year = max(self.year, leaf.value[1:5])

    def _spotted(self, who: str, text: str) -> None:
        record = f"{who[0]}t{self.step}"
        for each in spotted(text, self.year):
            seen = Seen(self.step, (f"{record}/{each.line}", f"{record}:{each.place}"))
            for source in (f"{who}:{each.shape}", f"{who}:{each.shape}|{each.before}"):
                self._value(source, spelled(each.text), seen)

    def _event(self, event: str) -> None:
        if event in (USER, REPLY):
            self.inside = 0
        self.step += 1
        self.events.append(event)
        del self.events[:-MOST_EVENTS]
        self.tools = [each for each in self.events if each not in (USER, REPLY)]

    def _value(self, source: str, value: str, seen: Seen) -> None:
        values = self.sources.pop(source, {})
        self.sources[source] = values
        values[value] = values[value].then(seen) if value in values else seen
        self._stands(source, value)
        if len(values) > MOST_VALUES:
            self._forget(source, min(values, key=lambda each: values[each].step))
        if len(self.sources) > MOST_SOURCES:
            oldest = next(iter(self.sources))
            for each in list(self.sources[oldest]):
                self._forget(oldest, each)
            del self.sources[oldest]

    def _stands(self, source: str, value: str) -> None:
        if ":" in source and not source.startswith(TEXTS):
            self.where.setdefault(value, set()).add(source)

    def _forget(self, source: str, value: str) -> None:
        del self.sources[source][value]
        stands = self.where.get(value)
        if stands is not None:
            stands.discard(source)
            if not stands:
                del self.where[value]


def _words_of(found: Iterable[Leaf]) -> dict[int, list[str]]:
    about: dict[int, list[str]] = {}
    for leaf in found:
        if leaf.value[:1] == '"':
            about.setdefault(leaf.record, []).extend(plain(word) for word in words(leaf.value.strip('"')))
    return {record: list(dict.fromkeys(said))[:MOST_ABOUT] for record, said in about.items()}


def _copied(value: Any) -> Any:
    """A JSON value of which whoever folds the state may change the containers."""
    if isinstance(value, Mapping):
        return {name: _copied(each) for name, each in value.items()}
    return list(value) if isinstance(value, list) else value


def _keep_last(many: dict[str, Any], most: int) -> None:
    while len(many) > most:
        del many[next(iter(many))]
