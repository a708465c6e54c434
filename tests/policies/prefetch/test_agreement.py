"""How far a fast model says what the slow one says."""

import json

import pytest

from policies.prefetch.agreement import LEAST, MOST_TOOLS, TRIED, Agreement, Times, nearer


def after(*drafts: bool, usd: float = 0.0, times: Times = Times(4.0, 1.0, 2.0)) -> Agreement:  # noqa: B008 (a value)
    """After drafts of one read each, right or not."""
    agreement = Agreement(times=times)
    for right in drafts:
        agreement = agreement.scored([("read", True, right)], usd, times.draft)
    return agreement


def test_the_posterior_follows_what_came() -> None:
    """A half before anything is known; the latest count most."""
    assert Agreement().likely("read") == 0.5
    assert after(*[True] * 20).likely("read") > 0.8
    assert after(*[False] * 20).likely("read") < 0.2
    assert after(*[False] * 20, *[True] * 20).likely("read") > after(*[True] * 20, *[False] * 20).likely("read")


def test_a_call_is_launched_while_what_it_saves_is_above_what_it_costs() -> None:
    """What a hit saves is the tool's time, as far as the slow model still thinks."""
    sure, unsure = after(*[True] * 20), after(*[False] * 20)
    assert sure.launches("read", 0.2, 1.0)
    assert not unsure.launches("read", 0.2, 1.0)
    assert not sure.launches("read", 0.2, 4.0)  # the draft came with the reply
    assert sure.launches("read", 0.2, 3.0)  # half of the tool's time is saved
    assert not sure.launches("read", 0.2, 3.8)
    assert Agreement().launches("read", 0.2, 9.0)  # nothing is known of times yet


def test_it_is_tried_before_it_is_judged() -> None:
    """Then drafts stop that are of no use, or cost more than they bring."""
    assert after(*[False] * (TRIED - 1)).pays(0.002)
    assert not after(*[False] * 60).pays(0.002)
    assert after(*[True] * 60, usd=0.0001).pays(0.002)
    assert not after(*[True] * 60, usd=0.1).pays(0.002)
    assert not after(*[True] * 60, usd=0.0001).pays(0.0)
    assert not after(*[True] * 60, usd=0.0001, times=Times(1.0, 1.0, 2.0)).pays(0.002)
    assert after(*[False] * 60).useful < LEAST


def test_a_draft_that_did_not_come_is_of_no_use() -> None:
    """And counts so."""
    agreement = Agreement()
    for _ in range(60):
        agreement = agreement.failed()
    assert not agreement.pays(1.0)


def test_times_come_nearer_to_what_is() -> None:
    """The first counts whole."""
    assert nearer(0.0, 5.0) == 5.0
    assert nearer(5.0, 10.0) == 6.0
    assert Times().then(reply=2.0, tool=1.0) == Times(2.0, 0.0, 1.0)
    assert not Times().then(reply=2.0).known
    assert Times(2.0, 1.0, 5.0).saved(1.0) == 1.0


def test_it_goes_through_json_and_is_bounded() -> None:
    """What is something else is nothing."""
    agreement = after(True, False, usd=0.01).scored([(f"t{each}", False, True) for each in range(90)], 0.0, 1.0)
    assert len(agreement.tools) == MOST_TOOLS
    again = Agreement.read(json.loads(json.dumps(agreement.json())))
    assert again == agreement
    assert Agreement.read(None) == Agreement.read({"tools": {}}) == Agreement()
    assert again.useful == pytest.approx(agreement.useful)
