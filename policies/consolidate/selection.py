"""Selection: which sentences, calls and literals a state tells in the room there is, by their worth per token.

It must not know how worth is found, nor how a state reads in the end.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from policies.consolidate.literals import KINDS
from policies.consolidate.rules import matters
from policies.consolidate.sightings import Sightings
from policies.consolidate.wording import ALSO, OPENING, Kept, Sentence, head, label, number, sentences

WORDS_SHARE = 0.25
"""Of the room: what users' sentences and the lines of calls may take for their own sake."""
NAMED = 1.25
"""Times the cost of literals: with the names of their fields."""
ANSWERS_SHARE = 0.6
"""The same for the lines of calls whose results hold what a user asked for by name."""
LEAST_WORTH = 0.0001
"""Likelihood per token below which a literal is not told, however much room is left."""
GOAL, PLAIN, SMALL, CALL = 0.3, 0.1, 0.01, 0.1
"""What a sentence is worth for itself: a goal or a correction, any other, a courtesy. What a call is."""
OPENS = 60
"""Characters by which a message is known that is in sight."""
SAID_HALVES, CALLED_HALVES = 24, 16
"""Messages after which that worth is half; with each new topic it halves again."""

TOKENS: Mapping[str, float] = {
    "number": 0.36, "decimal": 0.45, "date": 0.55, "time": 0.6, "email": 0.35, "hash": 0.6, "path": 0.3,
    "id": 0.42, "code": 0.45, "word": 0.25, "name": 0.22, "phrase": 0.25,
}  # fmt: skip
"""About how many tokens a character takes, by the kind of the literal."""
_PER_CHARACTER = tuple(TOKENS[kind] for kind in KINDS)

_WORDS = re.compile(r"[\w.:@#+-]*\w").findall
_COURTESIES = re.compile(r"(?:thanks?|great|perfect|ok(?:ay)?|yes|sure|you too|have a)\b", re.IGNORECASE)


class Item(NamedTuple):
    """A sentence or a call (by its line), what it is worth and what it takes, in tokens."""

    what: Sentence | str
    worth: float
    cost: float
    share: float = WORDS_SHARE
    """Of the room: what it and all that is dearer may take."""


class Sight(NamedTuple):
    """What stays in the request as it is: the text, and its words for looking up."""

    text: str
    words: Set[str]

    def shows(self, literal: str) -> bool:
        """Whether a literal stands there; one within a longer word may be missed."""
        return literal in self.words or (" " in literal and literal in self.text)


def sight(text: str) -> Sight:
    """A text, to look up in."""
    return Sight(text, frozenset(_WORDS(text)))


class Offer(NamedTuple):
    """All that could be told, best first."""

    sightings: Sightings
    items: tuple[Item, ...]
    literals: tuple[str, ...]
    """Those that do not stand in sight."""
    ranked: Sequence[str]
    """All literals."""
    costs: Mapping[str, float]
    whole: float
    """Tokens of all `literals`, about."""


def offered(sightings: Sightings, worth: Mapping[str, float], sight: Sight, named: Set[str] = frozenset()) -> Offer:
    """What could be told, best first. `worth`: the likelihood of each literal; what is in sight need not be told."""
    costs = {text: 0.7 + len(text) * _PER_CHARACTER[seen.kind] for text, seen in sightings.values.items()}
    density = {text: worth[text] / cost for text, cost in costs.items()}
    ranked = sorted(density, key=density.__getitem__, reverse=True)
    items = [*_said(sightings, worth, sight), *_called(sightings, worth, sight, named)]
    items.sort(key=lambda item: item.worth / item.cost, reverse=True)
    worthy = takewhile(lambda text: density[text] > LEAST_WORTH, ranked)
    literals = tuple(text for text in worthy if not sight.shows(text))
    whole = NAMED * sum(map(costs.__getitem__, literals))
    return Offer(sightings, tuple(items), literals, ranked, costs, whole)


def chosen(offer: Offer, room: float) -> Kept:
    """What is told in about so many tokens: words first, up to their share or what literals leave, then literals."""
    room -= text_cost(OPENING) + text_cost(ALSO)
    said: list[Sentence] = []
    calls: list[str] = []
    spent, most = 0.0, max(room * WORDS_SHARE, room - offer.whole)
    for what, _, cost, share in offer.items:
        if spent + cost > max(most, room * share):
            continue
        spent += cost
        if isinstance(what, Sentence):
            said.append(what)
        else:
            calls.append(what)
    shown = [sentence.text for sentence in said]
    shown += (head(home, offer.sightings.called[home]) for home in calls)
    literals, left = _literals(offer, sight("\n".join(shown)), room - spent, set(calls))
    return Kept(said, calls, literals, not left and len(said) + len(calls) == len(offer.items))


def _literals(offer: Offer, shown: Sight, room: float, calls: set[str]) -> tuple[list[str], bool]:
    """Literals that are not shown yet, and whether some are left; a field's name is paid once on each line."""
    kept: list[str] = []
    named: set[tuple[str, str]] = set()
    values, costs = offer.sightings.values, offer.costs
    for text in offer.literals:
        seen = values[text]
        name = label(seen)
        key = (seen.home if seen.home in calls else "", name)
        price = costs[text] + (0 if key in named else text_cost(name))
        if price > room:
            return kept, True
        if not shown.shows(text):
            room -= price
            named.add(key)
            kept.append(text)
    return kept, False


def _said(sightings: Sightings, worth: Mapping[str, float], sight: Sight) -> Iterator[Item]:
    """Users' sentences, for their own sake and for the literals in them."""
    inside: dict[str, list[str]] = {}
    for text, seen in sightings.values.items():
        if seen.by_user >= 0 and not sight.shows(text):
            inside.setdefault(str(seen.by_user), []).append(text)
    topic = -1
    for home, (words, begun) in sorted(sightings.said.items(), key=lambda item: number(item[0])):
        begins, topic = begun != topic, begun
        fades = 0.5 ** ((sightings.now - int(home)) / SAID_HALVES + sightings.topic - begun)
        if _opening(words) <= sight.words and words[:OPENS] in sight.text:
            continue
        literals = inside.get(home, ())
        for sentence, own, cost in _weighed(home, words, begins=begins):
            held = sum(worth[text] for text in literals if text in sentence.text) if literals else 0.0
            yield Item(sentence, own * fades + held, cost)


@lru_cache(maxsize=1024)
def _opening(words: str) -> frozenset[str]:
    """The first words of a message, to find out at small cost that it is not in sight."""
    return frozenset(_WORDS(words[:OPENS])[:-1])


@lru_cache(maxsize=2048)
def _weighed(home: str, words: str, *, begins: bool) -> tuple[tuple[Sentence, float, float], ...]:
    """The sentences of a message, each with its own worth and its cost."""
    parts = sentences(home, words)
    return tuple((sentence, _own(sentence.text, begins), text_cost(sentence.text) + 4) for sentence in parts)


def _own(text: str, begins: bool) -> float:
    if text.count(" ") < 3 or _COURTESIES.match(text):
        return SMALL
    return GOAL if begins or matters(text) else PLAIN


def _called(sightings: Sightings, worth: Mapping[str, float], sight: Sight, named: Set[str]) -> Iterator[Item]:
    """Calls, for their own sake and for the literals given."""
    now, topic = sightings.now, sightings.topic
    answers: dict[str, float] = {}
    for text in named:
        if not sight.shows(text):
            home = sightings.values[text].home
            answers[home] = answers.get(home, 0.0) + worth[text]
    for home, called in sightings.called.items():
        fades = 0.5 ** ((now - number(home)[0]) / CALLED_HALVES + topic - called.topic)
        literals = sum(worth.get(text, 0.0) for _, text in called.arguments if not sight.shows(text))
        answered = answers.get(home, 0.0)
        share = ANSWERS_SHARE if answered else WORDS_SHARE
        yield Item(home, CALL * fades + literals + answered, text_cost(head(home, called)) + 2, share)


def text_cost(text: str) -> float:
    """About how many tokens words take."""
    return 1 + len(text) / 4.5
