"""Search: which messages hold what a few words ask for. Literals by their spelling, words by BM25.

It must not know how a message is shown, nor who asks. Source of the ranking of words: Robertson and Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond" (2009). The words of a passage count more than those of the call
that it answers and of the records around it; a message counts by its best passage, and by what the others add to it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import NamedTuple

from policies.consolidate.passages import Passage

K1, B = 1.2, 0.4
"""BM25's saturation and its length normalisation."""
BESIDE = 0.5
"""What a word counts in the call that is answered and in the records around; 1 in the passage itself."""
LITERAL = 3.0
"""What a literal counts in words as rare as it is."""
NAMED = 1.0
"""The same of a name of a field or a tool, which is no value."""
LATE = 0.15
"""At most so much more counts the newest message than the oldest: what was said last holds."""
MORE = 0.75
"""What words count that the best passage of a message lacks and others of it hold."""
_WORD = re.compile(r"[^\W_]+").findall
_LITERAL = re.compile(r"[\w#@](?:[\w.@:+#/-]*\w)?").findall
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DIGIT = re.compile(r"\d").search
_LETTER = re.compile("[a-z]").fullmatch
_MARKED = re.compile(r"[\d_.@:+#/-]").search
STOPPED = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been but by can could did do does for from get had has have he her him his how i if in "
        "is it its just let like me my need no not of on or our please she so some than that the their them then there "
        "these they this to up us want was we were what when where which who will with would yes you your",
    )
)
"""English words that say nothing by themselves."""


class Hit(NamedTuple):
    """A message that was found."""

    score: float
    passages: tuple[Passage, ...]
    """The best first, then those that stand beside it, then all others that were found, by their worth."""

    @property
    def number(self) -> int:
        """Of the message in the client's history."""
        return self.passages[0].number


class _Indexed(NamedTuple):
    """The words of a passage."""

    words: Mapping[str, float]
    """How often each stands there, by its stem; those beside the passage count less."""
    length: float
    spelling: str
    """All of it, in lower case."""


Worth = Mapping[int, float]
"""What a word or a literal of the query is worth, by the place of each passage that holds it."""


def found(passages: Sequence[Passage], query: str, most: int) -> list[Hit]:
    """At most so many messages that hold words of the query, best first; the same for the same arguments."""
    terms, literals = _terms(query), _literals(query)
    if not passages or not (terms or literals):
        return []
    index = [_indexed(each.piece.text, each.piece.path, each.head, each.piece.around) for each in passages]
    worths = [*_of_terms(terms, index), *(_of_literal(literal, index) for literal in sorted(literals))]
    return _by_message(passages, worths)[:most]


def _terms(query: str) -> Mapping[str, int]:
    """The words of a query by their stems, with how often each is said. Two in a row may be one in a name: `user id`
    finds `userId`."""
    parts = [part.lower() for part in _WORD(_CAMEL.sub(" ", query))]
    kept = Counter(_stem(part) for part in parts if part not in STOPPED and (len(part) > 1 or not _LETTER(part)))
    said = [part for part in parts if _stem(part) in kept]
    return {**{_stem(first + second): 1 for first, second in pairwise(said)}, **kept}


@lru_cache(maxsize=16384)
def _stem(word: str) -> str:
    """A word without what makes it a plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith("ss") else word


def _literals(query: str) -> set[str]:
    """What is asked for by its spelling: ids, dates, numbers, addresses, names of fields."""
    return {word.lower() for word in _LITERAL(query) if len(word) > 2 and _MARKED(word)}


@lru_cache(maxsize=8192)
def _indexed(text: str, path: str, head: str, around: str) -> _Indexed:
    words: dict[str, float] = defaultdict(float)
    for part, weight in ((f"{path} {text}", 1.0), (f"{head} {around}", BESIDE)):
        for word, times in Counter(_WORD(part.lower())).items():
            words[_stem(word)] += weight * times
    return _Indexed(dict(words), sum(words.values()), f"{path} {text} {head}".lower())


def _of_terms(terms: Mapping[str, int], index: Sequence[_Indexed]) -> Iterator[Worth]:
    """The worth of each word that stands anywhere."""
    mean = sum(each.length for each in index) / len(index) or 1.0
    holders: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(index):
        for word in each.words.keys() & terms.keys():
            holders[word].append(place)
    for word in sorted(holders):
        rare = terms[word] * _rarity(len(holders[word]), len(index))
        yield {
            place: rare * _saturated(index[place].words[word], index[place].length / mean) for place in holders[word]
        }


def _of_literal(literal: str, index: Sequence[_Indexed]) -> Worth:
    """The worth of a literal. Its digits must not run on: `12` is not found in `123`."""
    before, behind = (r"(?<!\d)" if literal[0].isdigit() else ""), (r"(?!\d)" if literal[-1].isdigit() else "")
    holds = re.compile(before + re.escape(literal) + behind).search
    there = [place for place, each in enumerate(index) if literal in each.spelling and holds(each.spelling)]
    worth = (LITERAL if _DIGIT(literal) else NAMED) * _rarity(len(there), len(index))
    return dict.fromkeys(there, worth)


def _rarity(holders: int, all_of_them: int) -> float:
    return log(1 + (all_of_them - holders + 0.5) / (holders + 0.5))


def _saturated(times: float, length: float) -> float:
    return times * (K1 + 1) / (times + K1 * (1 - B + B * length))


def _by_message(passages: Sequence[Passage], worths: Sequence[Worth]) -> list[Hit]:
    """The messages that hold anything, best first; of messages that say the same the newest alone."""
    scores: dict[int, float] = defaultdict(float)
    totals: dict[int, float] = defaultdict(float)
    for worth in worths:
        best: dict[int, float] = {}
        for place, value in worth.items():
            scores[place] += value
            number = passages[place].number
            best[number] = max(best.get(number, 0.0), value)
        for number, value in best.items():
            totals[number] += value
    places: dict[int, list[int]] = defaultdict(list)
    for place in sorted(scores, key=lambda place: (-scores[place], place)):
        places[passages[place].number].append(place)
    last = max(places, default=0) or 1
    hits = []
    for number, (first, *others) in places.items():
        score = scores[first] + MORE * (totals[number] - scores[first])
        hits.append(Hit(score * (1 + LATE * number / last), _in_order(passages, first, others)))
    hits.sort(key=lambda hit: (-hit.score, -hit.number))
    alike = {hit.passages[0].piece: hit for hit in reversed(hits)}
    return [hit for hit in hits if alike[hit.passages[0].piece] is hit]


def _in_order(passages: Sequence[Passage], first: int, others: Sequence[int]) -> tuple[Passage, ...]:
    """The passages of a message as they are to be read: a record's neighbours belong to what it says."""
    number = passages[first].number
    beside = (place for place in (first + 1, first - 1) if 0 <= place < len(passages))
    near = [place for place in beside if passages[place].number == number]
    return tuple(passages[place] for place in dict.fromkeys((first, *near, *others)))
