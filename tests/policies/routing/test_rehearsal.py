"""Recorded exchanges gone through again."""

from typing import Any

import pytest

from policies.routing import Verdict, Wishes, rehearsed
from policies.routing.rehearsal import cost, listed
from proxy.exchange import Completion, Exchange, Session, Usage
from proxy.roster import Card, Model, Price, Roster
from tests.policies.routing.test_policy import ROSTER, exchange

USE = Usage(1000, 100, 800)
QUESTION: dict[str, Any] = {"role": "user", "content": "Who was the first to fly?"}


def past(at: float, model: str = "big", *, session: str = "s", said: Any = None, **ended: Any) -> Exchange:
    """A request that a client made, and how it ended."""
    given = {"usage": USE, "cost": 0.013, "upstream": "a", "total_s": 1.0, **ended}
    completion = Completion(given.pop("status", 200), **given)
    return exchange(model, said=said).but(
        id=f"at {at:g}", now=at, session=Session(session, "clerk"), asked=None, roster=Roster(), completion=completion
    )


def verdicts(*exchanges: Exchange, name: str = "auto/best", roster: Roster = ROSTER) -> list[Verdict]:
    """All of them, in order."""
    return [*rehearsed(exchanges, roster, Wishes(mode="on"), name)]


def test_what_was_taken_and_what_would_have_been() -> None:
    """The same model costs what was paid; another one by its price and the same tokens."""
    (best,) = verdicts(past(1.0))
    assert (best.asked, best.chosen, best.paid_usd, best.would_usd) == ("big", "big", 0.013, 0.013)
    (cheap,) = verdicts(past(1.0), name="auto/cheap")
    assert (cheap.chosen, cheap.session, cheap.agent, cheap.topics) == ("small", "s", "clerk", ())
    assert cheap.would_usd == pytest.approx((1000 * 0.1 + 100 * 0.2) / 1e6)
    assert "small of 2: quality" in cheap.reason


def test_cached_tokens_stay_cached_where_the_session_stays() -> None:
    """A switch pays for the whole prompt, the next turn does not."""
    price = Price(1.0, 1.0, 0.1)
    assert cost(price, USE, cached=False) == pytest.approx(1100 / 1e6)
    assert cost(price, USE, cached=True) == pytest.approx(380 / 1e6)
    assert cost(Price(1.0, 1.0), USE, cached=True) == pytest.approx(1100 / 1e6)
    assert cost(None, USE, cached=True) is cost(price, None, cached=True) is None
    small = ROSTER.models["small"]
    cached = Model("small", "a", card=Card(small.card.text, price=Price(0.1, 0.2, 0.01)))
    roster = Roster({**ROSTER.models, "small": cached})
    more = {"messages": [QUESTION, {"role": "assistant", "content": "Ada."}, {"role": "user", "content": "And then?"}]}
    first, second = verdicts(past(1.0), past(9.0, said=more), name="auto/cheap", roster=roster)
    assert first.would_usd == pytest.approx(120 / 1e6)
    assert second.would_usd == pytest.approx((200 * 0.1 + 800 * 0.01 + 20) / 1e6)


def test_choices_know_what_was_known_by_then() -> None:
    """Failures leave a model out of later choices, not of those that came before they were known."""
    failures = [past(float(at), session=f"f{at}", status=500, usage=None, cost=None) for at in (1, 2, 3)]
    found = verdicts(past(8.0, session="late"), *failures, past(3.5, session="early", total_s=60.0))
    assert [each.exchange for each in found] == ["at 1", "at 2", "at 3", "at 3.5", "at 8"]
    assert [each.chosen for each in found] == ["big"] * 4 + ["small"]
    assert "; without big: failed 3 times in a row" in found[-1].reason
    assert found[0].would_usd is None


def test_corrections_are_learned_from() -> None:
    """A hundred sessions that put the flagship right: it is chosen no longer."""
    answer = {"role": "assistant", "content": "Bob."}
    wrong = {"messages": [QUESTION, answer, {"role": "user", "content": "That's wrong."}]}
    turns = [
        each
        for number in range(300)
        for each in (
            past(100.0 * number, session=f"c{number}"),
            past(100.0 * number + 9, said=wrong, session=f"c{number}"),
        )
    ]
    found = verdicts(*turns, past(1e6, session="new"))
    assert found[0].chosen == "big"
    assert found[-1].chosen == "small"


def test_where_it_is_unsure() -> None:
    """Two that nobody can tell apart; a flagship before a small one is sure."""
    twins = Roster({name: Model(name, "a", card=Card(price=Price(1, 1))) for name in ("one", "two")})
    (found,) = verdicts(past(1.0, "one"), roster=twins)
    assert (found.chosen, found.rival) == ("one", "two")
    assert not verdicts(past(1.0))[0].rival
    assert not verdicts(past(1.0), roster=Roster({"big": ROSTER.models["big"]}))[0].rival


def test_nobody_and_nothing_to_read() -> None:
    """Who could not serve, with the reason; a request that is no conversation is passed over."""
    part = {"type": "image_url", "image_url": {"url": "data:,"}}
    (found,) = verdicts(past(1.0, said={"messages": [{"role": "user", "content": [part]}]}))
    assert (found.chosen, found.would_usd) == ("", None)
    assert found.reason.startswith("big: it does not take image")
    plain = past(1.0)
    assert not verdicts(plain.but(request=plain.request.but(form="plain", conversation=None)))


def test_names_are_those_of_the_roster() -> None:
    """An alias, and what the upstream calls it; others stay as they are."""
    model = Model("big", "a", served_as="gpt-5", aliases=("huge",))
    roster = Roster({"big": model, "huge": model})
    assert [listed(name, roster) for name in ("huge", "gpt-5", "other")] == ["big", "big", "other"]
