"""How models are doing, folded from what was seen."""

import json
from typing import Any

import pytest

from policies.routing.condition import MOST_CALLERS, MOST_MODELS, WAITS, Condition, Sighting, condition, fold
from policies.routing.limits import Limit


def lesson(*seen: Sighting, before: Any = None) -> Any:
    """What is known after these; as JSON, as the store has it."""
    return json.loads(json.dumps(fold(before, [each.told() for each in seen])))


def well(at: float, waited_s: float = 1.0, model: str = "m", **more: Any) -> Sighting:
    """A request that went well."""
    return Sighting(model, at, "well", waited_s=waited_s, **more)


def failures(*moments: float) -> list[Sighting]:
    """Requests that failed, at these moments."""
    return [Sighting("m", at, "failed") for at in moments]


def now(known: Any, at: float, *, caller: str = "", kind: str = "whole", tokens: int = 10) -> Condition:
    """The condition of `m`."""
    return condition(known, "m", caller, kind, tokens, at)


def test_nothing_seen_is_well() -> None:
    """Neither slow nor failing."""
    assert now(None, 5.0) == now(lesson(well(1.0, model="other")), 5.0) == Condition()


def test_quantiles_of_each_kind_of_wait() -> None:
    """Streams are told from whole replies; one or two say nothing; the newest count; old ones say nothing."""
    known = lesson(*(well(100.0 + second, second) for second in range(1, 11)), well(111.0, 99.0, kind="stream"))
    assert now(known, 112.0)[1:3] == (5.0, 9.0)
    assert now(known, 112.0, kind="stream")[1:3] == (0.0, 0.0)
    known = lesson(*(well(112.0, 0.5) for _ in range(WAITS)), before=known)
    assert now(known, 113.0)[1:3] == (0.5, 0.5)
    assert now(known, 113.0 + 3600)[1:3] == (0.0, 0.0)
    assert now(lesson(*(well(5000.0, 7.0) for _ in range(3)), before=known), 5001.0).median_s == 7.0


def test_failures_in_a_row_are_left_alone_for_a_while() -> None:
    """Three; longer each time it goes on, to a minute; the first good reply ends it."""
    known = lesson(*failures(100, 101))
    assert not now(known, 101.0).out
    known = lesson(*failures(102), before=known)
    assert now(known, 103.0).out == "failed 3 times in a row, 4 s to rest"
    assert not now(known, 107.1).out
    known = lesson(*failures(103), before=known)  # sent before it rested
    assert not now(known, 107.1).out
    known = lesson(*failures(108), before=known)
    assert now(known, 117.0).out
    for at in range(200, 2000, 100):
        known = lesson(*failures(at), before=known)
    assert now(known, 1900.0).out.endswith("60 s to rest")
    assert not now(known, 1961.0).out
    assert not now(lesson(well(1962.0), before=known), 1963.0).out


def test_the_share_of_failures_fades() -> None:
    """One of many is a small doubt, most of them a large one, and an hour later none."""
    known = lesson(*(well(100.0) for _ in range(15)), *failures(101))
    assert now(known, 101.0).failing == pytest.approx(1 / 20, abs=0.001)
    known = lesson(*failures(*[102] * 16), before=known)
    assert now(known, 102.0).failing > 0.4
    assert now(known, 3702.0).failing < 0.01


def test_rate_limits_are_the_callers() -> None:
    """Who is limited waits as long as he was told; others do not, and a good reply that tells nothing ends it."""
    known = lesson(Sighting("m", 100.0, "limited", "ann", Limit(130.0)))
    assert now(known, 110.0, caller="ann").out == "rate limited for 20 s"
    assert not now(known, 110.0, caller="bob").out
    assert not now(known, 130.0, caller="ann").out
    assert not now(lesson(well(111.0, caller="ann"), before=known), 112.0, caller="ann").out
    known = lesson(Sighting("m", 100.0, "limited", "ann"))
    assert now(known, 109.0, caller="ann").out == "rate limited for 1 s"
    assert now(known, 109.0, caller="ann").failing == 0.0


def test_few_tokens_left_keep_large_requests_away() -> None:
    """A small one still fits."""
    known = lesson(well(100.0, limit=Limit(0.0, 500, 140.0)))
    assert now(known, 101.0, tokens=900).out == "rate limited: 500 tokens left for 39 s, about 900 needed"
    assert not now(known, 101.0, tokens=400).out
    assert not now(known, 141.0, tokens=900).out


def test_a_model_that_its_upstream_does_not_know() -> None:
    """Left alone for a minute, at once; by the caller to whom that was said, for another may have rights to it."""
    known = lesson(Sighting("m", 100.0, "gone"))
    assert not now(known, 101.0, caller="bob").out
    assert not now(lesson(well(100.5), before=known), 101.0).out
    assert now(lesson(*failures(100.5), before=known), 101.0).out
    assert now(known, 101.0).out == "its upstream does not know it, 59 s to rest"
    assert not now(known, 161.0).out


def test_a_busy_upstream_that_says_how_long() -> None:
    """A 503 that asks for time is heard at once."""
    assert now(lesson(Sighting("m", 100.0, "failed", limit=Limit(120.0))), 101.0).out.endswith("19 s to rest")


def test_it_stays_small_and_the_lesson_given_stays_what_it_was() -> None:
    """Models and callers are bounded; those heard of longest ago go."""
    crowd = [well(float(number), model=f"n{number}") for number in range(MOST_MODELS + 5)]
    assert len(lesson(*crowd)) == MOST_MODELS
    limited = [Sighting("m", 100.0, "limited", f"c{number}", Limit(200.0)) for number in range(MOST_CALLERS + 5)]
    known = lesson(*limited)
    assert len(known["m"]["limits"]) == MOST_CALLERS
    before = json.dumps(known)
    fold(known, [each.told() for each in (*failures(101, 102, 103), well(104.0))])
    assert json.dumps(known) == before
