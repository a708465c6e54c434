"""The scenes: pools of scripted models, and what happens to them.

It must not know how anything is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.teams.world import DOMAINS, WORDS, Skill, even, expert


@dataclass(frozen=True, slots=True)
class Scene:
    """A pool under a condition."""

    name: str
    skills: tuple[Skill, ...]
    seats: int = 3
    """Members of goa."""


def experts(count: int = 6) -> tuple[Skill, ...]:
    """One expert for each domain, mediocre elsewhere."""
    return tuple(expert(f"{domain}-expert", domain, 0.78, 0.42) for domain in DOMAINS[:count])


def half_weak(*, liars: bool = False) -> tuple[Skill, ...]:
    """Three that are good and three that are hardly better than a guess; the weak ones lie at length, if they lie."""
    strong = [even(f"strong-{place}", 0.62) for place in range(3)]
    weak = [even(f"weak-{place}", 0.2, liar=liars) for place in range(3)]
    return tuple(each for pair in zip(strong, weak, strict=True) for each in pair)


def close(shared: float) -> tuple[Skill, ...]:
    """Six models of about the same skill, whose errors have more or less in common."""
    return tuple(even(f"model-{place}", 0.58 - place / 100, shared=shared) for place in range(6))


SCENES = (
    Scene("six experts", experts()),
    Scene("three strong, nobody weak", half_weak()[::2]),
    Scene("half weak", half_weak()),
    Scene("half weak, lying at length", half_weak(liars=True)),
    Scene("alike, errors independent", close(0.0)),
    Scene("alike, errors correlated", close(0.6)),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A condition that changes under a pool: what the models are like then, and how the proxy sees it."""

    name: str
    before: tuple[Skill, ...]
    after: tuple[Skill, ...]
    down: tuple[str, ...] = ()
    """Who does not answer in time any more."""
    failing: float = 0.0
    """The failure rate that the proxy has seen of those by then."""


def changes() -> Sequence[Change]:
    """What the graph has to follow: a model gone, slow, dear, swapped for another, upgraded."""
    pool = (even("general", 0.6, card="A generalist for everyday questions."), *experts())
    names = [skill.name for skill in pool]
    first, second = names[1], names[2]
    swapped = replace(pool[1], accuracy=pool[2].accuracy, card=f"Specialised in law: {WORDS['law']}.")
    weak = replace(pool[0], accuracy=(0.2,) * len(DOMAINS), card="Poems and songs.")
    upgraded = replace(pool[0], accuracy=(0.85,) * len(DOMAINS), card=" ".join(WORDS.values()))
    return (
        Change("slowed", pool, pool, (first,), 0.9),
        Change("two removed", pool, pool, (first, second), 1.0),
        Change("made dear", pool, (pool[0], replace(pool[1], price=200.0), *pool[2:])),
        Change("swapped", pool, (pool[0], swapped, *pool[2:])),
        Change("swapped for a weak one", pool, (weak, *pool[1:])),
        Change("upgraded", pool, (upgraded, *pool[1:])),
    )
