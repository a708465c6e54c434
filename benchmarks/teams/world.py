"""A world of questions and scripted models with known skills.

It must not know teams or votes. Whether a model is right is drawn once for each question from its accuracy in the
question's domain, with a difficulty that all models share (a Gaussian copula); what it says when wrong is partly what
others say when wrong. All draws are of a seed, so that a model asked twice is the same model.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

LETTERS = "ABCDEFGH"
WORDS = {
    "math": "integral algebra geometry theorem polynomial matrix prime equation vertex derivative",
    "law": "contract statute court liability plaintiff tort appeal jurisdiction clause verdict",
    "code": "python function compiler recursion pointer debugging algorithm thread stack database",
    "medicine": "patient diagnosis dosage symptom artery vaccine surgery infection tumor enzyme",
    "finance": "interest dividend portfolio inflation asset bond equity hedge liquidity audit",
    "history": "empire treaty dynasty revolution monarch siege colony crusade archive reform",
}
DOMAINS = tuple(WORDS)
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Skill:
    """A scripted model."""

    name: str
    accuracy: tuple[float, ...]
    """Share of right answers in each domain."""
    card: str = ""
    price: float = 1.0
    liar: bool = False
    """Writes long and confident answers, with many words of the subject, right or wrong."""
    shared: float = 0.3
    """Correlation of its being right with others', through the question's difficulty."""

    def on(self, domain: int) -> float:
        """Its accuracy there."""
        return self.accuracy[domain]

    @property
    def mean(self) -> float:
        """Its accuracy over all domains, which come alike."""
        return sum(self.accuracy) / len(self.accuracy)


@dataclass(frozen=True, slots=True)
class Question:
    """A multiple-choice question."""

    number: int
    seed: int
    domain: int
    text: str
    right: str
    trap: str
    """The wrong choice that models fall for together."""

    def draw(self, label: str) -> float:
        """A number in [0, 1) of this question and label."""
        return random.Random(f"{self.seed}/{self.number}/{label}").random()


def questions(count: int, seed: int) -> list[Question]:
    """So many questions, all domains alike often."""
    found = []
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        domain = number % len(DOMAINS)
        subject = dice.sample(WORDS[DOMAINS[domain]].split(), 3)
        right, trap = dice.sample(LETTERS, 2)
        choices = "\n".join(f"{letter}. {dice.randrange(1000)}" for letter in LETTERS)
        text = f"Question {number}: which holds for the {subject[0]}, given {subject[1]} and {subject[2]}?\n{choices}"
        found.append(Question(number, seed, domain, text, right, trap))
    return found


@dataclass(frozen=True, slots=True)
class Nature:
    """How models err, judge and take advice, for all of them alike."""

    trapped: float = 0.35
    """Share of wrong answers that are the trap; the others are any wrong choice."""
    sampling: float = 0.5
    """Correlation of a model's being right with its being right when it is asked once more."""
    noise: float = 0.25
    """Of a judge's score, as a share of the whole."""
    insight: float = 0.3
    """Chance that a reader who was wrong sees another's right answer to be right, at an accuracy of one half."""
    steadfast: float = 0.8
    """Chance that a reader who was right keeps to it whatever the others say."""


def answered(skill: Skill, question: Question, nature: Nature, attempt: int = 0) -> str:
    """The letter that a model chooses when asked alone, for the so-manieth time."""
    hard = _normal(question.draw("hard"))
    self_ = _normal(question.draw(f"{skill.name}/self"))
    fresh = _normal(question.draw(f"{skill.name}/{attempt}"))
    own = math.sqrt(nature.sampling) * self_ + math.sqrt(1 - nature.sampling) * fresh
    latent = math.sqrt(skill.shared) * hard + math.sqrt(1 - skill.shared) * own
    if latent < NORMAL.inv_cdf(min(0.999, max(0.001, skill.on(question.domain)))):
        return question.right
    if question.draw(f"{skill.name}/{attempt}/trap") < nature.trapped:
        return question.trap
    wrong = [letter for letter in LETTERS if letter != question.right]
    return wrong[int(question.draw(f"{skill.name}/{attempt}/wrong") * len(wrong))]


def scored(judge: Skill, question: Question, nature: Nature, others: Sequence[str]) -> list[float]:
    """A judge's scores: what agrees with itself is good, the rest alike, all with noise; shares of 1."""
    own = answered(judge, question, nature)
    raw = []
    for place, letter in enumerate(others):
        base = 1.0 if letter == own else 0.3
        raw.append(base + nature.noise * question.draw(f"{judge.name}/score/{place}/{letter}"))
    return [each / sum(raw) for each in raw]


def advised(
    reader: Skill, question: Question, nature: Nature, own: str, others: Sequence[tuple[float, str]], step: str = ""
) -> str:
    """What a reader answers once it has seen others' answers (how relevant, the letter).

    It stays with its own unless others outweigh it; a right answer among them it sees to be right sometimes.
    """
    in_sight = question.right in (own, *(letter for _, letter in others))
    sees = nature.steadfast if own == question.right else nature.insight * 2 * reader.on(question.domain)
    if in_sight and question.draw(f"{reader.name}/insight/{step}") < sees:
        return question.right
    weights = {own: 0.75}
    for relevance, letter in others:
        weights[letter] = weights.get(letter, 0.0) + relevance
    return max(weights, key=lambda letter: weights[letter])


def _normal(share: float) -> float:
    return NORMAL.inv_cdf(min(1 - 1e-9, max(1e-9, share)))


def expert(name: str, domain: str, best: float, rest: float, **more: object) -> Skill:
    """A model that is good at one domain."""
    accuracy = tuple(best if each == domain else rest for each in DOMAINS)
    return Skill(name, accuracy, f"Specialised in {domain}: {WORDS[domain]}.", **more)  # type: ignore[arg-type]


def even(name: str, accuracy: float, **more: object) -> Skill:
    """A model that is equally good at everything."""
    return Skill(name, (accuracy,) * len(DOMAINS), **more)  # type: ignore[arg-type]
