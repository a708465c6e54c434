"""How likely foretold calls are to be made, and how honest that is."""

import json

from policies.prefetch.uses import Case, Uses


def case(tool: str, name: float = 0.5) -> Case:
    """A forecast."""
    return Case(tool, name, 0.8, 1.0, 2, after_user=False, model="m")


def test_what_is_used_more_is_likelier() -> None:
    """By tool, and the numbers come near the shares."""
    uses = Uses()
    for number in range(400):
        uses.learn(case("often"), used=number % 10 < 8)
        uses.learn(case("seldom"), used=number % 10 < 2)
    again = Uses(json.loads(json.dumps(uses.json())))
    assert abs(again.likely(case("often")) - 0.8) < 0.15
    assert abs(again.likely(case("seldom")) - 0.2) < 0.15


def test_nothing_is_likely_before_anything_is_known() -> None:
    """So nothing is launched."""
    assert Uses().likely(case("new")) < 0.05


def test_a_wrong_slope_is_set_right() -> None:
    """What was foretold for the first time follows how such calls fared, even where the rest misleads."""
    uses = Uses()
    for number in range(300):
        uses.learn(case("tool")._replace(age=2), used=True)
        uses.learn(case("tool"), used=number % 4 > 0)
    assert abs(uses.likely(case("tool")) - 0.75) < 0.12
    assert uses.likely(case("tool")._replace(age=2)) > uses.likely(case("tool"))


def test_cases_told_before_they_had_an_age_are_read() -> None:
    """A session that began with an older version goes on."""
    assert Case(*case("tool").json()[:-1]).age == 0
