"""Search: which messages hold what a few words ask for. Literals by their spelling, words by BM25.

It must not know how a message is shown, nor who asks. Source of the ranking of words: Robertson and Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond" (2009). The words of a passage count more than those of the call
that it answers and of the records around it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
MORE = 0.2
"""What the second and third passage of a message count beside its best."""
_WORD = re.compile(r"[^\W_]+").findall
_LITERAL = re.compile(r"[\w#@](?:[\w.@:+#/-]*\w)?").findall
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DIGIT = re.compile(r"\d").search
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
    """Those of its passages that were found, the best first."""

    @property
    def number(self) -> int:
        """Of the message in the client's history."""
        return self.passages[0].number


class _Indexed(NamedTuple):
    """The words of a passage."""

    own: Mapping[str, int]
    beside: Mapping[str, int]
    length: float
    spelling: str
    """All of it, in lower case."""


class _Term(NamedTuple):
    """A word of the query in all its forms."""

    forms: frozenset[str]
    times: int


def found(passages: Sequence[Passage], query: str, most: int) -> list[Hit]:
    """At most so many messages that hold words of the query, best first; the same for the same arguments."""
    terms, literals = _terms(query), _literals(query)
    if not passages or not (terms or literals):
        return []
    index = [_indexed(each.piece.text, each.piece.path, each.head, each.piece.around) for each in passages]
    scores = [0.0] * len(index)
    mean = sum(each.length for each in index) / len(index) or 1.0
    for term in terms:
        counts = [_count(each, term.forms) for each in index]
        rare = term.times * _rarity(sum(map(bool, counts)), len(index))
        for place, times in enumerate(counts):
            if times:
                scores[place] += rare * _saturated(times, index[place].length / mean)
    for literal in literals:
        holders = [place for place, each in enumerate(index) if literal in each.spelling]
        worth = (LITERAL if _DIGIT(literal) else NAMED) * _rarity(len(holders), len(index))
        for place in holders:
            scores[place] += worth
    return _by_message(passages, scores)[:most]


def _terms(query: str) -> list[_Term]:
    """The words of a query. Two in a row may be one in a name: `user id` finds `userId`."""
    parts = [part.lower() for part in _WORD(_CAMEL.sub(" ", query))]
    kept = Counter(part for part in parts if part not in STOPPED and (len(part) > 1 or not part.isascii()))
    joined = {first + second for first, second in pairwise(parts) if first in kept and second in kept}
    return [
        *(_Term(_forms(word), times) for word, times in kept.items()),
        *(_Term(frozenset((one,)), 1) for one in joined),
    ]


def _forms(word: str) -> frozenset[str]:
    """A word as singular and plural."""
    one = word[:-3] + "y" if len(word) > 4 and word.endswith("ies") else word
    if one == word and len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        one = word[:-1]
    return frozenset((word, one, one + "s", one[:-1] + "ies" if one.endswith("y") else one))


def _literals(query: str) -> set[str]:
    """What is asked for by its spelling: ids, dates, numbers, addresses, names of fields."""
    return {word.lower() for word in _LITERAL(query) if len(word) > 2 and _MARKED(word)}


@lru_cache(maxsize=16384)
def _indexed(text: str, path: str, head: str, around: str) -> _Indexed:
    own, beside = Counter(_WORD(f"{path} {text}".lower())), Counter(_WORD(f"{head} {around}".lower()))
    length = own.total() + BESIDE * beside.total()
    return _Indexed(own, beside, length, f"{path} {text} {head}".lower())


def _count(indexed: _Indexed, forms: Iterable[str]) -> float:
    own, beside = indexed.own, indexed.beside
    return sum(own.get(form, 0) + BESIDE * beside.get(form, 0) for form in forms)


def _rarity(holders: int, all_of_them: int) -> float:
    return log(1 + (all_of_them - holders + 0.5) / (holders + 0.5))


def _saturated(times: float, length: float) -> float:
    return times * (K1 + 1) / (times + K1 * (1 - B + B * length))


def _by_message(passages: Sequence[Passage], scores: Sequence[float]) -> list[Hit]:
    """The messages with any score, best first; of messages that say the same the newest alone."""
    found: dict[int, list[tuple[float, Passage]]] = {}
    for passage, score in zip(passages, scores, strict=True):
        if score:
            found.setdefault(passage.number, []).append((score, passage))
    last = max(found, default=0) or 1
    hits = []
    for number, scored in found.items():
        scored.sort(key=lambda pair: -pair[0])
        score = scored[0][0] + MORE * sum(more for more, _ in scored[1:3])
        hits.append(Hit(score * (1 + LATE * number / last), tuple(passage for _, passage in scored)))
    hits.sort(key=lambda hit: (-hit.score, -hit.number))
    alike = {hit.passages[0].piece: hit for hit in reversed(hits)}
    return [hit for hit in hits if alike[hit.passages[0].piece] is hit]
