"""What to believe of models before any outcome: read from their cards and prices, or foretold from scored questions.

It must not know outcomes, nor any library: it is asked on the road. Cards are prose, so what is read from them is
rough: a few scores outweigh it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from math import log2
from statistics import mean
from typing import NamedTuple

from proxy.roster import Card

IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SIZE = re.compile(r"(?<![\w.])(?:(\d+)\s*[x\u00d7]\s*)?(\d+(?:\.\d+)?)\s*(?:b\b|billion)", re.IGNORECASE)
YEAR = re.compile(r"\b(20[2-9]\d)(?:-(0[1-9]|1[0-2]))?\b")
BASE = re.compile(r"\b(base|pretrained|pre-trained)\b", re.IGNORECASE)
FLAGSHIP = re.compile(r"\b(flagship|frontier|strongest|most capable)\b", re.IGNORECASE)
NARROW = re.compile(r"\b(speciali[sz]ed|only for|made for|fine-tuned for)\b", re.IGNORECASE)
MIDDLE, LEAST, MOST = 0.5, 0.05, 0.95
REFERENCE_SIZE, REFERENCE_YEAR, REFERENCE_PRICE = 8.0, 2024.0, 1.0
PER_DOUBLING, PER_YEAR, PER_PRICE_DOUBLING = 0.05, 0.08, 0.03
EXPERT = 0.5
"""What several experts of a mixture count, of a dense model of their sum."""
UNTUNED, PRAISED, OFF_TOPIC, SKILLED = -0.05, 0.1, -0.15, 0.06

TOPICS = {
    "code": re.compile(r"```|\bdef \w|\breturn\b|\bpython\b|\bfunction\b|\bprogram\b|\bcode\b|\bassert\b|\bsql\b"),
    "math": re.compile(
        r"\\frac|\$[^$]+\$|\bsolve\b|\bhow many\b|\bequation\b|\bintegral\b|\bcalculate\b|\d\s*[-+*/=]\s*\d"
    ),
    "chinese": IDEOGRAPH,
    "medicine": re.compile(r"\bpatient|\bclinical|\bdisease|\bsymptom|\bdiagnos|\bdrug\b|\btherap"),
    "law": re.compile(r"\bcourt\b|\bplaintiff|\bdefendant|\bstatute|\bcontract\b|\blegal|\bliab"),
    "finance": re.compile(r"\bstock\b|\bbond\b|\binterest rate|\brevenue|\bmarket\b|\binvest|\btax\b"),
    "documents": re.compile(r"\baccording to the (?:passage|text|document|context)|\bcontext:|\bpassage:"),
}
"""Skills that cards name, and how a question shows that it asks for them."""
SHORT = {"coding": "code", "programming": "code", "maths": "math", "mathematics": "math", "medical": "medicine",
         "legal": "law", "retrieval": "documents", "rag": "documents"}  # fmt: skip
LOOKED_AT = 4_000


class Belief(NamedTuple):
    """What a card says of a model, in numbers."""

    level: float
    """Share of questions it will get right, whatever they ask."""
    skills: frozenset[str]
    narrow: bool
    """Made for its skills, and weaker at all else."""


class Foretold(NamedTuple):
    """What scored questions say of the models that they were put to, for one question."""

    levels: Mapping[str, float]
    """The mean score of each."""
    shares: Mapping[str, float]
    """The score to expect of each on this question."""
    best: str
    """The one to take where cost counts nothing."""


@lru_cache(1_000)
def read(name: str, card: Card) -> Belief:
    """The belief that a card and the model's name give; a size, date or price that is not told counts for nothing."""
    told = f"{name.replace('_', '.').replace('-', ' ')} {card.text}"
    level = MIDDLE
    if sizes := SIZE.findall(told):
        size = max(float(each) * (max(1.0, float(many or 1) * EXPERT)) for many, each in sizes)
        level += PER_DOUBLING * log2(max(size, 0.1) / REFERENCE_SIZE)
    if years := YEAR.findall(card.text):
        level += PER_YEAR * (max(int(year) + (int(month or 7) - 1) / 12 for year, month in years) - REFERENCE_YEAR)
    if card.price and card.price.input + card.price.output > 0:
        level += PER_PRICE_DOUBLING * log2((card.price.input + card.price.output) / 2 / REFERENCE_PRICE)
    if BASE.search(card.text):
        level += UNTUNED
    if FLAGSHIP.search(card.text):
        level += PRAISED
    skills = frozenset(SHORT.get(skill, skill) for skill in card.skills)
    return Belief(min(MOST, max(LEAST, level)), skills, bool(skills and NARROW.search(card.text)))


def topics(text: str) -> frozenset[str]:
    """The skills that a question asks for."""
    low = text[:LOOKED_AT].lower()
    return frozenset(name for name, sign in TOPICS.items() if sign.search(low))


def share(belief: Belief, asked: frozenset[str]) -> float:
    """The share the model is believed to get right of questions that ask for these skills."""
    level = belief.level
    if belief.skills & asked:
        level += SKILLED
    elif belief.narrow:
        level += OFF_TOPIC
    return min(MOST, max(LEAST, level))


def expected(
    cards: Mapping[str, Belief], asked: frozenset[str], told: Foretold | None
) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Of each model, by name, what it will get right in all, and of such questions: as scored questions foretell it;
    of those that were not asked there, as their cards say, moved by how far scores lie above or below the cards of the
    others."""
    levels = {name: belief.level for name, belief in cards.items()}
    shares = {name: share(belief, asked) for name, belief in cards.items()}
    known = [name for name in cards if told and name in told.levels]
    if not told or not known:
        return levels, shares
    away = mean(told.levels[name] - levels[name] for name in known)
    levels = {name: told.levels.get(name, level + away) for name, level in levels.items()}
    shares = {name: told.shares.get(name, level + away) for name, level in shares.items()}
    return levels, shares
