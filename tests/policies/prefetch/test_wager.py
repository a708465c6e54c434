"""Whether it pays to send the next request early."""

import json

from policies.prefetch.wager import Wager


def after(*equal: bool, ahead: float = 1.0, usd: float = 0.001) -> Wager:
    """After requests that were as expected, or were not."""
    wager = Wager()
    for each in equal:
        wager = wager.then({"equal": float(each), "ahead": ahead, "usd": usd})
    return wager


def test_it_pays_while_what_it_brings_is_above_what_it_costs() -> None:
    """By the chance, the seconds and the price."""
    assert after(*[True] * 10).pays(0.002)
    assert not after(*[False] * 10).pays(0.002)
    assert not after(*[True] * 10, ahead=0.01).pays(0.002)
    assert not after(*[True] * 10, usd=1.0).pays(0.002)
    assert not after(*[True] * 10).pays(0.0)


def test_nothing_is_wagered_on_what_is_not_known() -> None:
    """No price, no time."""
    assert not Wager().pays(1.0)
    assert not after(*[True] * 10, usd=0.0).pays(1.0)
    assert not Wager(equal=5.0, usd=0.001).pays(1.0)


def test_the_latest_counts_most() -> None:
    """A client that has changed is noticed."""
    assert after(*[True] * 40, *[False] * 40).p < 0.3
    assert Wager().p == 0.5


def test_it_goes_through_json() -> None:
    """What is something else is nothing."""
    wager = after(True, False)
    assert Wager.read(json.loads(json.dumps(list(wager)))) == wager
    assert Wager.read(None) == Wager.read([1]) == Wager()
