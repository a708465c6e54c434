"""Dialogues with the look beside the client, and with the sample."""

from typing import Any

import pytest

from policies.inner.reports import KEPT
from policies.noise.aggregation import Reading
from policies.noise.looking import Look, looked, with_report
from proxy.conversation import Turn
from proxy.exchange import Completion
from proxy.policy import Call, Decision, Failure, Journal, Together, Work
from tests.policies.noise.asking import request, user
from tests.policies.noise.team import AGGREGATE, WORKERS, without
from tests.policies.noise.test_acting import TOLD, entries

AT = 9.0
KNOWN = {"model": "m", "tokens": 900}


def look(*, again: bool = True, made: str = AGGREGATE) -> Look:
    """At an aggregator's exchange."""
    reading = Reading("e", "s", "editor", "", AT, TOLD, made)
    return Look(reading, KNOWN, request([user(TOLD)]) if again else None)


def came(look: Look, journal: Any, *texts: str | None) -> tuple[Decision | None, list[Call]]:
    """What a look comes to, and what was asked; None for a reply that fails."""
    replies, calls = [*texts], list[Call]()

    def fulfil(wish: Any) -> Any:
        match wish:
            case Together():
                return tuple(map(fulfil, wish.wishes))
            case Journal():
                return journal
            case Work():
                return wish.function(*wish.arguments)
        calls.append(wish)
        text = replies.pop(0)
        return Failure("status 500") if text is None else Completion(200, turns=(Turn("assistant", text),))

    plan, answer = looked(look), None
    try:
        while True:
            answer = fulfil(plan.send(answer))
    except StopIteration as stop:
        return (stop.value(None) if stop.value else None), calls


def test_a_look() -> None:
    """A report with what is known beside it, in the memory and for the lesson; nobody is asked."""
    decision, calls = came(look(again=False), entries())
    assert decision is not None
    (report,) = decision.memory["reports"]
    assert (report["model"], report["tokens"], report["attribution"]) == ("m", 900, "")
    assert decision.tell["score"] == 1.0
    assert "day" not in decision.tell
    assert not calls


def test_a_sample() -> None:
    """What comes out differently is a remark; two calls are counted, and told to the lesson."""
    decision, calls = came(look(), entries(), without(1), None)
    assert decision is not None
    (report,) = decision.memory["reports"]
    (remark,) = [each for each in report["findings"] if each["kind"] == "unstable"]
    assert not remark["alarm"]
    assert remark["said"].startswith("asked again: coverage")
    assert report["sampled"] == ["asked again"]
    assert report["attribution"] == ""
    assert [call.purpose for call in calls] == ["sample", "sample"]
    assert decision.figures["extra_calls"] == 2.0
    assert decision.figures["unstable"] == 1.0
    assert (decision.tell["day"], decision.tell["calls"]) == (0, 2)


def test_a_sample_without_a_difference() -> None:
    """Says that it was taken, and nothing else."""
    decision, _ = came(look(), entries(), AGGREGATE, AGGREGATE)
    assert decision is not None
    (report,) = decision.memory["reports"]
    assert report["findings"] == []
    assert len(report["sampled"]) == 2


@pytest.mark.parametrize("journal", [[], entries()[:1], Failure("gone")])
def test_what_is_no_aggregation_is_not_sampled(journal: Any) -> None:
    """Nor told."""
    assert came(look(), journal) == (None, [])


def test_what_cannot_be_checked_is_not_sampled() -> None:
    """It would cost for nothing."""
    decision, calls = came(look(made="Ответ готов, и больше ничего не нужно."), entries())
    assert decision is not None
    assert not calls


def test_the_latest_reports_are_kept() -> None:
    """So many."""
    found = {"workers": [], "attribution": "", "findings": [], "agent": "", "doubts": {}}
    memory: Any = None
    for number in range(KEPT + 3):
        memory = with_report(found | {"exchange": str(number)}, {}, memory).memory
    assert [each["exchange"] for each in memory["reports"]] == [str(number) for number in range(3, KEPT + 3)]


def test_workers_are_five() -> None:
    """Of the team that the tests share."""
    assert len(entries()) == len(WORKERS) == 5
