"""Retention: which literals a later call is likely to need."""

import math

from policies.consolidate.prior import PRIOR
from policies.consolidate.retention import SIZE, scores, traits
from policies.consolidate.sightings import Sightings
from policies.consolidate.view import talk
from tests.policies.consolidate.talk import asked, call, said, user


def sightings_of(*items: dict[str, object]) -> Sightings:
    sightings = Sightings()
    for number, turn in enumerate(talk(asked("messages", items)).turns):
        sightings.take(number, turn)
    return sightings


def test_the_prior_is_whole_and_sane() -> None:
    """A weight for each step, none of them without measure."""
    assert len(PRIOR.weights) == SIZE
    assert all(math.isfinite(weight) and abs(weight) < 12 for weight in (*PRIOR.weights, PRIOR.bias))


def test_scores_are_likelihoods() -> None:
    """One for each literal, in order, between 0 and 1."""
    sightings = sightings_of(user("I am mia_li_3668."), said("Hello Mia Li."))
    found = scores(sightings, set(), PRIOR)
    assert len(found) == len(sightings.values)
    assert all(0 < score < 1 for score in found)


def test_what_was_just_looked_up_is_worth_more_than_what_is_long_past() -> None:
    """Of two ids in results, the newer; of a result's values, an id more than a status."""
    old = call("messages", "c1", "find", {"q": "a"}, '{"order_id": "order_1111", "status": "pending"}')
    new = call("messages", "c2", "find", {"q": "b"}, '{"order_id": "order_2222", "status": "shipped"}')
    between = [item for number in range(12) for item in (said(f"one moment {number}"), user("and then?"))]
    sightings = sightings_of(user("find my orders"), *old, *between, *new)
    likely = dict(zip(sightings.values, scores(sightings, set(), PRIOR), strict=True))
    assert likely["order_2222"] > likely["order_1111"]
    assert likely["order_2222"] > likely["shipped"]


def test_a_score_is_the_sum_of_the_weights_of_its_traits() -> None:
    """Read from tables for speed, but the same number; however old, often or long a literal is."""
    items: list[dict[str, object]] = [user("Hi, I am mia_li_3668 and need W1234567."), said("Hello Mia Li.")]
    for number in range(0, 900, 7):
        result = f'{{"order_id": "W{number % 40}", "status": "pending", "note": "{"x" * (number % 90)}"}}'
        items += call("messages", f"c{number}", "find", {"id": f"W{number % 50}"}, result)
        items += [said(f"I see W{number}."), user("Hello again, and W3?") if number % 5 else user("And?")]
    sightings = sightings_of(*items)
    weights, bias = PRIOR.weights, PRIOR.bias
    prior = PRIOR._replace(fields={"status": 0.7})
    found = scores(sightings, {"W3"}, prior)
    for score, steps, seen in zip(found, traits(sightings, {"W3"}), sightings.values.values(), strict=True):
        odds = bias + sum(weights[step] for step in steps) + (0.7 if seen.field == "status" else 0)
        assert math.isclose(score, 1 / (1 + math.exp(-odds)), rel_tol=1e-9)
