"""Questions that small models are right on now and then, made from a seed: each with choices, one of them right.

It must not know models. The same seed gives the same questions.
"""

from random import Random
from typing import NamedTuple

LETTERS = "ABCD"
KINDS = {
    "animal": ("horse", "otter", "sparrow", "trout", "badger", "camel"),
    "tool": ("hammer", "chisel", "saw", "anvil", "rake", "pliers"),
    "fruit": ("pear", "quince", "cherry", "apricot", "lemon", "fig"),
    "metal": ("copper", "zinc", "silver", "tin", "nickel", "iron"),
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Question(NamedTuple):
    """One question with four choices."""

    text: str
    right: str
    """The letter."""


def drawn(count: int, seed: int) -> list[Question]:
    """So many questions, of five kinds in turn."""
    chance = Random(seed)
    makers = (_sum, _largest, _kind, _day, _product)
    return [makers[number % len(makers)](chance) for number in range(count)]


def _asked(chance: Random, text: str, right: str, wrong: list[str]) -> Question:
    choices = [right, *wrong[:3]]
    chance.shuffle(choices)
    told = "\n".join(f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=True))
    letter = LETTERS[choices.index(right)]
    return Question(f"{text}\n{told}\nEnd your answer with: The answer is (letter).", letter)


def _near(chance: Random, right: int) -> list[str]:
    return [str(right + off) for off in chance.sample([-20, -11, -10, -2, -1, 1, 2, 9, 10, 21], 3)]


def _sum(chance: Random) -> Question:
    one, two = chance.randint(12, 89), chance.randint(12, 89)
    return _asked(chance, f"What is {one} + {two}?", str(one + two), _near(chance, one + two))


def _product(chance: Random) -> Question:
    one, two = chance.randint(3, 12), chance.randint(6, 19)
    return _asked(chance, f"What is {one} times {two}?", str(one * two), _near(chance, one * two))


def _largest(chance: Random) -> Question:
    numbers = chance.sample(range(100, 1000), 4)
    most = max(numbers)
    return _asked(chance, "Which number is the largest?", str(most), [str(each) for each in numbers if each != most])


def _kind(chance: Random) -> Question:
    kind = chance.choice(sorted(KINDS))
    others = [chance.choice(words) for name, words in KINDS.items() if name != kind]
    article = "an" if kind[0] in "aeiou" else "a"
    return _asked(chance, f"Which of these is {article} {kind}?", chance.choice(KINDS[kind]), others)


def _day(chance: Random) -> Question:
    today, ahead = chance.randrange(7), chance.randint(2, 5)
    right = DAYS[(today + ahead) % 7]
    wrong = [day for day in DAYS if day not in (right, DAYS[today])]
    chance.shuffle(wrong)
    return _asked(chance, f"Today is {DAYS[today]}. Which day is it in {ahead} days?", right, wrong)
