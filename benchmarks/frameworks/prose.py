"""What scripted agents write: findings in sentences, lists, JSON or Markdown, different for each agent and run.

It must not know agents or requests. The same seed gives the same text; its last words are a mark by which it is known.
"""

import json
from random import Random

NOUNS = (
    "bridge", "harbour", "supplier", "ledger", "tunnel", "orchard", "turbine", "archive", "ferry", "clinic",
    "reservoir", "library", "satellite", "vineyard", "warehouse", "museum", "railway", "observatory", "foundry",
    "greenhouse", "quarry", "lighthouse", "market", "laboratory", "estuary", "monastery", "pipeline", "theatre",
    "dairy", "shipyard", "canal",
)  # fmt: skip
VERBS = (
    "reported", "delayed", "inspected", "measured", "replaced", "approved", "rejected", "sold", "repaired",
    "insured", "counted", "flooded", "reopened", "certified", "audited", "expanded", "closed", "painted",
    "licensed", "moved",
)  # fmt: skip
HOWS = (
    "after a long review", "without notice", "for the second time", "at the council's request",
    "under a new contract", "in heavy rain", "with help from volunteers", "on the advice of engineers",
    "despite two complaints", "ahead of schedule", "at half of the planned cost", "in three stages",
    "by unanimous vote", "for lack of spare parts", "before the season",
)  # fmt: skip
PLACES = (
    "Siena",
    "Bergen",
    "Porto",
    "Graz",
    "Ghent",
    "Turku",
    "Brno",
    "Leeds",
    "Lyon",
    "Split",
    "Cork",
    "Riga",
    "Bari",
)
SHAPES = ("sentences", "list", "json", "markdown")
MARK = "Filed under"


def finding(seed: str, topic: str, *, words: int, shape: str) -> str:
    """About so many words on a topic, in a shape. It opens with the topic, as models do, and ends with its mark."""
    chance = Random(seed)
    facts: list[str] = []
    while sum(len(fact.split()) for fact in facts) < words:
        facts.append(_fact(chance))
    mark = f"{MARK} {chance.choice(NOUNS)}-{chance.randrange(10**9)}"
    if shape == "json":
        return json.dumps({"topic": topic, "findings": facts, "note": mark}, indent=chance.choice([None, 1]))
    if shape == "list":
        return f"Findings on {topic}:\n" + "\n".join(f"- {fact}" for fact in facts) + f"\n- {mark}"
    if shape == "markdown":
        half = len(facts) // 2
        told = f"## {topic}\n\n**Summary.** {' '.join(facts[:half])}\n\n### Details\n\n"
        return told + "\n".join(f"{number}. {fact}" for number, fact in enumerate(facts[half:], 1)) + f"\n\n*{mark}*"
    return f"I looked into {topic}. {' '.join(facts)} {mark}."


def mark_of(text: str) -> str:
    """The mark in a text: its last one; empty for a text that has none."""
    _, found, rest = text.rpartition(f"{MARK} ")
    digits = rest.partition("-")[2]
    number = digits[: len(digits) - len(digits.lstrip("0123456789"))]
    return f"{rest.partition('-')[0]}-{number}" if found and number else ""


def _fact(chance: Random) -> str:
    one, two = chance.sample(NOUNS, 2)
    how = chance.choice(HOWS)
    number, share = chance.randint(2, 9_800), chance.randint(1, 99)
    forms = (
        f"The {one} in {chance.choice(PLACES)} was {chance.choice(VERBS)} {how}.",
        f"In {chance.randint(1890, 2025)} the {one} by the {two} {chance.choice(VERBS)} {number} units {how}.",
        f"About {share} percent of the {one} budget went to the {two} of {chance.choice(PLACES)}.",
        f"{chance.choice(PLACES)}'s {one} is {number} metres from the {two}, which was {chance.choice(VERBS)}.",
        f"Nobody has {chance.choice(VERBS)} the {one} since the {two} was {chance.choice(VERBS)} {how}.",
    )
    return chance.choice(forms)
