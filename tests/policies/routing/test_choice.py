"""Who can serve, and who is worth most."""

from collections.abc import Sequence

import pytest

from policies.routing.choice import sifted
from policies.routing.lesson import fold, told
from policies.routing.need import Need
from policies.routing.outcomes import Outcome
from policies.routing.prior import Foretold
from policies.routing.saying import figures
from policies.routing.wishes import Checks, Wishes
from proxy.roster import Card, Health, Model, Price, Roster

BIG = Model("big", "a", card=Card("The flagship, released 2025.", window=1000, tools=True, price=Price(10, 30)))
SMALL = Model("small", "b", aliases=("s",), card=Card("A small model of 8b.", window=100, price=Price(0.1, 0.2)))
EYES = Model("eyes", "a", card=Card("", modalities=("text", "image"), tools=False, price=Price(1, 2)))
ROSTER = Roster({"big": BIG, "small": SMALL, "s": SMALL, "eyes": EYES})
PLAIN = Need(10, tools=False, modalities=frozenset(), asks=frozenset(), bound=False)


def names(need: Need, wish: float = 1.0, roster: Roster = ROSTER, lesson: object = None) -> list[str]:
    """Candidates, the worthiest first."""
    field = sifted(roster, need, wish, lesson, Wishes(), 100.0)
    return [each.model.name for each in field.candidates]


def test_quality_or_money() -> None:
    """All for quality: the flagship; hardly any: the cheap one. An alias is no second model."""
    assert names(PLAIN)[0] == "big"
    assert names(PLAIN, 0.3)[0] == "small"
    assert len(names(PLAIN)) == 3


def test_what_a_request_needs_excludes_with_a_reason() -> None:
    """Window, tools, pictures; a window that is not known excludes nobody."""
    field = sifted(ROSTER, PLAIN._replace(tokens=500, tools=True), 1.0, None, Wishes(), 0.0)
    assert [each.model.name for each in field.candidates] == ["big"]
    assert dict(field.excluded) == {
        "small": "its window of 100 tokens is too small for about 500",
        "eyes": "it cannot call tools",
    }
    assert names(PLAIN._replace(modalities=frozenset({"image"}))) == ["eyes"]
    assert names(PLAIN._replace(modalities=frozenset({"audio"}))) == []


def test_who_rests_is_left_out_unless_all_do() -> None:
    """An upstream that failed is not asked; when none is well, one that rests is better than nothing."""
    resting = Health(3, 3, 3, 0.0, 200.0)
    assert names(PLAIN, roster=ROSTER._replace(health={"a": resting})) == ["small"]
    assert len(names(PLAIN, roster=ROSTER._replace(health={"a": resting, "b": resting}))) == 3


def test_outcomes_change_the_choice() -> None:
    """A flagship that keeps failing is not taken, whatever its card says."""
    lesson = fold(None, [told([Outcome("big", (), 0.0)])] * 40)
    assert names(PLAIN, lesson=lesson)[-1] == "big"


FORETOLD = Foretold({"big": 0.5, "s": 0.8}, {"big": 0.4, "s": 0.9}, "big")


class Known:
    """A foreteller that says the same of every question."""

    deep = False

    def __call__(self, question: str, vector: Sequence[float] = ()) -> Foretold:
        """What was to be said."""
        assert question
        assert not vector
        return FORETOLD


def test_scored_questions_count_in_place_of_cards() -> None:
    """Under any of a model's names; who was not asked there is believed by the card, beside the others. Where cost
    counts nothing the one to take comes first. Without a question nothing is foretold."""
    asked, wishes = PLAIN._replace(question="Where?"), Wishes(foreteller=Known())
    found = {each.model.name: each for each in sifted(ROSTER, asked, 0.9, None, wishes, 0.0).candidates}
    assert (found["big"].quality, found["small"].quality) == (0.4, 0.9)
    assert [name for name, each in found.items() if each.foretold] == ["small", "big"]
    cards = {each.model.name: each.quality for each in sifted(ROSTER, asked, 0.9, None, Wishes(), 0.0).candidates}
    away = (0.5 - cards["big"] + 0.8 - cards["small"]) / 2
    assert found["eyes"].quality == pytest.approx(cards["eyes"] + away)
    assert sifted(ROSTER, asked, 1.0, None, wishes, 0.0).candidates[0].model.name == "big"
    assert not any(each.foretold for each in sifted(ROSTER, PLAIN, 1.0, None, wishes, 0.0).candidates)


def test_outcomes_move_what_is_foretold() -> None:
    """Forty failures of the one that scored best."""
    asked, wishes = PLAIN._replace(question="Where?"), Wishes(foreteller=Known())
    lesson = fold(None, [told([Outcome("small", (), 0.0)])] * 40)
    found = sifted(ROSTER, asked, 0.9, lesson, wishes, 0.0).candidates
    assert found[0].model.name != "small"


def test_checks_count_as_little_as_signs_do() -> None:
    """One loss in ten of what a middling model put together moves it nowhere; one in two does. It is said how many."""
    twins = Roster({name: Model(name, "a", card=Card()) for name in ("one", "two")})

    def quality(clean: float, lost: float) -> float:
        checks = {"one": Checks(clean, lost)}
        found = {each.model.name: each for each in sifted(twins, PLAIN, 1.0, None, Wishes(), 0.0, checks).candidates}
        assert figures(found["one"]).startswith(
            f"quality {found['one'].quality:.2f} by its card and {clean + lost:.0f} ch"
        )
        assert "checks" not in figures(found["two"])
        return found["one"].quality

    assert quality(90, 10) == pytest.approx(0.5, abs=0.02)
    assert quality(50, 50) < 0.4
    assert quality(100, 0) < 0.6


def test_a_cheap_model_that_thinks_at_length_is_not_cheap() -> None:
    """Two alike, one at half the price: taken until its replies turn out ten times as long."""
    prices = {"frugal": Price(1, 4), "wordy": Price(1, 2)}
    roster = Roster({name: Model(name, "a", card=Card(price=price)) for name, price in prices.items()})
    seen = [told([], spent=Outcome(name, (), tokens)) for name, tokens in (("wordy", 5_000.0), ("frugal", 500.0))]
    assert names(PLAIN, 0.3, roster)[0] == "wordy"
    assert names(PLAIN, 0.3, roster, fold(None, seen * 20))[0] == "frugal"


def test_a_slow_upstream_counts_where_quality_does_not() -> None:
    """Two models alike in all else: the faster one."""
    twins = Roster({name: Model(name, name, card=Card(price=Price(1, 1))) for name in ("one", "two")})
    slow = twins._replace(health={"one": Health(9, 0, 0, 5.0), "two": Health(9, 0, 0, 0.5)})
    assert names(PLAIN, 0.5, slow)[0] == "two"


def test_an_unknown_price_is_taken_for_the_dearest() -> None:
    """Nobody is cheap because nothing is known of him."""
    prices = {"known": Price(1, 1), "dear": Price(10, 10), "dark": None}
    roster = Roster({name: Model(name, "a", card=Card(price=price)) for name, price in prices.items()})
    assert names(PLAIN, 0.1, roster)[0] == "known"
