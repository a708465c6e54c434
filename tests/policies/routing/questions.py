"""A small world of questions and models, for the tests of routing: who is good at what is known."""

import numpy as np

from policies.routing.sketch import Rows

ARITHMETIC, CODE, CHAT = "arithmetic", "code", "chat"
MODELS = ("general", "adder", "coder")
RIGHT = {ARITHMETIC: (0.5, 0.9, 0.3), CODE: (0.5, 0.2, 0.9), CHAT: (0.9, 0.4, 0.4)}


def question(kind: str, number: int) -> str:
    """The question of a kind with a number."""
    return {
        ARITHMETIC: f"How many apples are left when {number} of {number * 3 + 7} are eaten? Solve {number} + {number}.",
        CODE: f"Write a python function `task_{number}` that sorts a list.\n```python\ndef task_{number}(items):\n```",
        CHAT: f"Tell me something about the town number {number} on your list, and who lived there",
    }[kind]


def world(each: int, seed: int = 0) -> tuple[list[str], list[str], Rows]:
    """Texts, their kinds, and what each model scored on them."""
    chance = np.random.default_rng(seed)
    kinds = [kind for number in range(each) for kind in (ARITHMETIC, CODE, CHAT)]
    texts = [question(kind, seed * 10_000 + place) for place, kind in enumerate(kinds)]
    odds = np.array([RIGHT[kind] for kind in kinds])
    return texts, kinds, (chance.random(odds.shape) < odds).astype(np.float32)
