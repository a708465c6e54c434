"""The language of behaviour programs: rules in JSON, checked before they are run, printed as sentences.

It must not know how rules are found or run. After ROTE (arXiv 2510.01272), which lets a model write Python; here a
program can only look at a session and name a call, so a program from anywhere is safe to run.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, Self

from policies.prefetch.fields import spelled

MOST_RULES = 24
MOST_CONDITIONS = 6
MOST_ARGUMENTS = 8
MOST_WORDS = 12
MOST_CHARS = 200
"""Longest name, word or value."""
TURNS = ("user", "result")
PICKS = ("first", "fresh", "latest", "mentioned", "each")
"""Which value of a source: the first, the first that was not tried, the latest, the one that the user named, or every
one that was not tried."""


class Malformed(ValueError):
    """No program; the message says where and what was expected."""


class Condition(NamedTuple):
    """Something that holds in a session or does not."""

    kind: str
    """`turn`, `after`, `has`, `fresh`, `said` or `called`."""
    words: tuple[str, ...]
    number: int = 0
    negated: bool = False

    def json(self) -> dict[str, Any]:
        """As it is written."""
        if self.kind == "called":
            plain: dict[str, Any] = {"called": self.words[0], "times": self.number}
        elif self.kind == "fresh":
            plain = {"fresh": self.words[0], "for": self.words[1]}
        else:
            plain = {self.kind: self.words[0] if self.kind in ("turn", "has") else list(self.words)}
        return {"not": plain} if self.negated else plain

    def __str__(self) -> str:
        no = "not " if self.negated else ""
        match self.kind:
            case "turn":
                return f"{no}after a message of the user" if self.words[0] == "user" else f"{no}after a result"
            case "after":
                return f"{no}after {' then '.join(self.words)}"
            case "has":
                return f"{no}knowing {self.words[0]}"
            case "fresh":
                return f"{no}with values of {self.words[0]} not yet used for {self.words[1]}"
            case "said":
                return f"{no}the user saying {' or '.join(self.words)}"
        return f"{no}having called {self.words[0]} {self.number} times or more"


class Argument(NamedTuple):
    """Where a call's argument comes from."""

    name: str
    source: str = ""
    """`tool:path` of a result, `tool.argument()` of an earlier call, `user:shape`; empty for a fixed value."""
    pick: str = "fresh"
    value: str = ""
    """JSON text of the fixed value."""

    def json(self) -> dict[str, Any]:
        """As it is written."""
        return {"from": self.source, "pick": self.pick} if self.source else {"value": json.loads(self.value)}

    def __str__(self) -> str:
        return f"{self.name} = {self.pick} of {self.source}" if self.source else f"{self.name} = {self.value}"


class Rule(NamedTuple):
    """When these hold, this is called; `call` is empty for a reply to the user."""

    when: tuple[Condition, ...]
    call: str
    arguments: tuple[Argument, ...] = ()

    def json(self) -> dict[str, Any]:
        """As it is written."""
        when = [condition.json() for condition in self.when]
        if not self.call:
            return {"when": when, "reply": True}
        return {"when": when, "call": self.call, "with": {each.name: each.json() for each in self.arguments}}

    def __str__(self) -> str:
        given = ", ".join(map(str, self.arguments))
        does = f"call {self.call}({given})" if self.call else "reply to the user"
        return f"{', '.join(map(str, self.when)) or 'always'}: {does}"


class Program(NamedTuple):
    """Rules, the first that holds counts."""

    rules: tuple[Rule, ...]

    @property
    def size(self) -> int:
        """Rules and conditions: what a program pays for."""
        return len(self.rules) + sum(len(rule.when) for rule in self.rules)

    def json(self) -> dict[str, Any]:
        """As it is written; `parse` reads it."""
        return {"rules": [rule.json() for rule in self.rules]}

    @property
    def name(self) -> str:
        """A hash of its rules, 12 hex digits: the same wherever and whenever they were found."""
        return _named(self)

    def __str__(self) -> str:
        return "\n".join(f"{number}. {rule}" for number, rule in enumerate(self.rules, 1))


@lru_cache(1024)
def _named(program: Program) -> str:
    return blake2b(json.dumps(program.json(), sort_keys=True).encode(), digest_size=6).hexdigest()


class _Place(NamedTuple):
    """Where in the program something stands."""

    path: str
    value: Any

    def wrong(self, expected: str) -> Malformed:
        got = "nothing" if self.value is None else json.dumps(self.value, default=str)[:80]
        return Malformed(f"{self.path}: {expected} was expected, not {got}")

    def object(self, *known: str) -> Mapping[str, Any]:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        strange = sorted(str(key) for key in self.value if key not in known)
        if strange:
            raise Malformed(f"{self.path}: {', '.join(strange)[:80]} is not known here; there are {', '.join(known)}")
        return self.value

    def list(self, most: int, what: str) -> list["_Place"]:
        if not isinstance(self.value, list) or len(self.value) > most:
            raise self.wrong(f"a list of at most {most} {what}")
        return [type(self)(f"{self.path}[{place}]", each) for place, each in enumerate(self.value)]

    def word(self, what: str, *choices: str) -> str:
        if not isinstance(self.value, str) or not 0 < len(self.value) <= MOST_CHARS:
            raise self.wrong(what)
        if choices and self.value not in choices:
            raise self.wrong(f"one of {', '.join(choices)}")
        return self.value

    def number(self, what: str) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 0 < self.value < 1000:
            raise self.wrong(f"{what}, from 1 to 999")
        return self.value

    def at(self, key: str) -> Self:
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return type(self)(f"{self.path}.{key}", value)


def parse(value: object) -> Program:
    """The program that JSON (as Python values) holds. Raises `Malformed`, and nothing else, for whatever is none."""
    whole = _Place("program", value)
    whole.object("rules")
    return Program(tuple(_rule(place) for place in whole.at("rules").list(MOST_RULES, "rules")))


def _rule(place: _Place) -> Rule:
    keys = place.object("when", "call", "with", "reply")
    when = tuple(_condition(each) for each in place.at("when").list(MOST_CONDITIONS, "conditions"))
    if "reply" in keys:
        if keys["reply"] is not True or "call" in keys or "with" in keys:
            raise place.at("reply").wrong("`true` without `call` and `with`")
        return Rule(when, "")
    call = place.at("call").word("the name of a tool, or `reply`")
    given = place.at("with")
    if "with" in keys and (not isinstance(given.value, dict) or len(given.value) > MOST_ARGUMENTS):
        raise given.wrong(f"an object of at most {MOST_ARGUMENTS} arguments")
    return Rule(when, call, tuple(_argument(name, given.at(name)) for name in keys.get("with", {})))


def _condition(place: _Place, *, negated: bool = False) -> Condition:
    keys = place.object("turn", "after", "has", "fresh", "for", "said", "called", "times", "not")
    if "not" in keys and len(keys) == 1 and not negated:
        return _condition(place.at("not"), negated=True)
    kind = next((kind for kind in _READERS if kind in keys), None)
    if kind is None or set(keys) != _KEYS[kind]:
        raise place.wrong(f"one of {', '.join(' with '.join(sorted(each)) for each in _KEYS.values())} or not")
    words, number = _READERS[kind](place)
    return Condition(kind, words, number, negated)


def _words(kind: str, what: str) -> Callable[[_Place], tuple[tuple[str, ...], int]]:
    def read(place: _Place) -> tuple[tuple[str, ...], int]:
        words = tuple(each.word(what) for each in place.at(kind).list(MOST_WORDS, f"of {what}"))
        if not words:
            raise place.at(kind).wrong(f"at least {what}")
        return words, 0

    return read


_READERS: Mapping[str, Callable[[_Place], tuple[tuple[str, ...], int]]] = {
    "turn": lambda place: ((place.at("turn").word("who spoke", *TURNS),), 0),
    "after": _words("after", "the name of a tool"),
    "has": lambda place: ((place.at("has").word("a source"),), 0),
    "fresh": lambda place: ((place.at("fresh").word("a source"), place.at("for").word("`tool.argument`")), 0),
    "said": _words("said", "a word"),
    "called": lambda place: ((place.at("called").word("the name of a tool"),), place.at("times").number("a count")),
}
_KEYS = {kind: {kind} for kind in _READERS} | {"fresh": {"fresh", "for"}, "called": {"called", "times"}}


def _argument(name: str, place: _Place) -> Argument:
    if not isinstance(name, str) or not 0 < len(name) <= MOST_CHARS:
        raise place.wrong("an argument with a name")
    keys = place.object("from", "pick", "value")
    if set(keys) == {"value"}:
        return Argument(name, pick="", value=_fixed(place.at("value")))
    source = place.at("from").word("a source, or `value`")
    if "value" in keys:
        raise place.wrong("either `from` or `value`")
    return Argument(name, source, place.at("pick").word("a pick", *PICKS) if "pick" in keys else "fresh")


def _fixed(place: _Place) -> str:
    try:
        text = spelled(place.value)
        json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise Malformed(f"{place.path}: a JSON value was expected") from None
    if len(text) > MOST_CHARS:
        raise Malformed(f"{place.path}: a value of at most {MOST_CHARS} characters was expected")
    return text
