"""The report of an aggregation: what was lost, added or changed, and by whom."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.noise import Report, examined
from tests.policies.noise.team import AGGREGATE, FINANCE, PARTS, PEOPLE, WORKERS, without


def kinds(report: Report) -> list[str]:
    """The kinds of the alarms."""
    return [each.kind for each in report.alarms]


def test_a_good_aggregate_raises_no_alarm() -> None:
    """Everybody is in it, in other words."""
    report = examined(WORKERS, AGGREGATE)
    assert report.applicable
    assert not report.findings
    assert report.attribution == ""
    assert all(each is not None and each > 0.4 for each in report.coverage)


@pytest.mark.parametrize("worker", range(5))
def test_the_dropped_worker_is_named(worker: int) -> None:
    """With the first sentence that is missing."""
    report = examined(WORKERS, without(worker))
    assert kinds(report) == ["dropped"]
    assert report.attribution == "aggregator"
    place = report.alarms[0].evidence[0]
    assert place.worker == worker
    assert WORKERS[worker][place.begin : place.end] == place.text
    assert min(range(5), key=lambda who: report.coverage[who] or 0.0) == worker


def test_a_changed_value_is_shown_beside_the_workers_own() -> None:
    """Amount, date, time, share: each is found at its place."""
    for true, false, own in (
        ("$4.2 million", "$4.8 million", "$4.2 million"),
        ("September 14th, 2023", "September 19th, 2023", "14 September 2023"),
        ("09:30", "11:30", "9:30 am"),
        ("to 6 percent", "to 9 percent", "6 percent"),
        ("85 employees", "58 employees", "85"),
    ):
        told = AGGREGATE.replace(true, false)
        report = examined(WORKERS, told)
        assert kinds(report) == ["changed"], false
        here, there = report.alarms[0].evidence
        assert told[here.begin : here.end] == here.text
        assert here.worker is None
        assert there.text == own
        assert there.worker is not None
        assert WORKERS[there.worker][there.begin : there.end] == own
        assert report.attribution == "aggregator"


def test_a_sentence_of_nobody_is_the_likeliest_foreign_one() -> None:
    """It stands among the others and scores highest."""
    strange = "The founder sailed around the world with an orchestra of retired dentists."
    lines = AGGREGATE.split("\n")
    told = "\n".join([*lines[:2], strange, *lines[2:]])
    report = examined(WORKERS, told)
    assert max(range(len(report.foreign)), key=report.foreign.__getitem__) == 4
    foreign = [each for each in report.findings if each.kind == "foreign"]
    assert [each.evidence[0].text for each in foreign] == [strange]
    assert not report.alarms


def test_a_lost_majority_is_the_aggregators() -> None:
    """Two say five, one says seven, and the aggregate believes the one."""
    workers = [
        "The bridge over the river Ems was closed for 5 weeks by the city council. Cars took the ferry.",
        "By the city council the bridge over the river Ems was closed for five weeks. Trade suffered from it.",
        "The city council closed the bridge over the river Ems for 7 weeks. Shops lost many customers then.",
    ]
    told = (
        "The city council closed the bridge over the river Ems for {} weeks, so cars took the ferry, trade suffered "
        "and shops lost customers."
    )
    lost = examined(workers, told.format(7))
    assert kinds(lost) == ["majority_lost"]
    assert lost.attribution == "aggregator"
    assert [each.text for each in lost.alarms[0].evidence] == ["5", "7"]
    kept = examined(workers, told.format(5))
    assert not kept.alarms
    assert [(each.kind, each.by) for each in kept.findings] == [("conflict", "worker")]


def test_fields_are_compared_by_name() -> None:
    """JSON of workers is read field by field, and so is that of the aggregator."""
    rows = [
        {"invoice": "A-17", "status": "approved", "total": 1200, "reviewer_note": "matches the purchase order"},
        {"invoice": "A-17", "status": "approved", "total": 1200, "delivery": "complete on the second of May"},
        {"invoice": "A-17", "status": "rejected", "total": 1200, "supplier": "Hansen and Sons of Bergen"},
    ]
    workers = [json.dumps(row) for row in rows]
    merged = {**rows[0], **rows[1], "supplier": rows[2]["supplier"]}
    good = examined(workers, "```json\n" + json.dumps(merged) + "\n```")
    assert good.applicable
    assert not good.alarms
    assert [each.said for each in good.findings if each.kind == "conflict"] == ["2 against 1 workers"]
    bad = examined(workers, json.dumps({**merged, "status": "rejected"}))
    assert kinds(bad) == ["majority_lost"]
    wrong = examined(workers, json.dumps({**merged, "total": 1500}))
    assert "changed" in kinds(wrong)


SALES = (
    "Revenue for the quarter was $4,183,222, up 18.6% on the year. We signed 42 new customers in Germany and lost 3 of "
    "them by March.",
    "The German office now has 31 staff. Churn was 7.1 percent among small customers, and the average "
    "deal closed in 45 days.",
    "Support handled 12,480 tickets, of which 93% were answered within 24 hours. Two outages lasted 40 "
    "minutes in total.",
)


@pytest.mark.parametrize(
    "told",
    [
        "Revenue reached roughly $4.2 million, almost 20% more than a year ago, with 42 new German customers "
        "signed, of whom 3 left by March. The German office employs 31 people; churn among small customers "
        "was about 7%, and deals closed in 45 days on average. Support answered 93% of 12,480 tickets within "
        "a day; two outages cost 40 minutes.",
        "1. Revenue: $4.18M (+18.6%).\n2. Customers: 42 new in Germany, 3 lost.\n3. Staff in Germany: 31. "
        "Churn 7.1% for small customers. Deals: 45 days on average.\n4. Support: 12.5k tickets, 93% within "
        "24 h; outages: 2, 40 min.",
        "The quarter went well: revenue and customers grew, deals close fast, and support is quick in spite "
        "of outages.",
        "I'm sorry, but I can't help with that request.",
    ],
)
def test_a_rounding_a_list_an_abstract_and_a_refusal_raise_no_alarm(told: str) -> None:
    """An aggregator may write as it likes."""
    assert not examined(SALES, told).alarms


def test_fields_may_become_prose() -> None:
    """With the units that the names of the fields have."""
    rows = [
        {"city": "Oslo", "temperature_c": 4, "wind_ms": 7, "condition": "rain"},
        {"city": "Bergen", "temperature_c": 6, "wind_ms": 11, "condition": "storm"},
        {"city": "Narvik", "temperature_c": -3, "wind_ms": 5, "condition": "snow"},
    ]
    told = "Oslo has rain at 4 °C with wind of 7 m/s. Bergen sees a storm, 6 °C and 11 m/s. Narvik: snow, -3 °C, 5 m/s."
    report = examined([json.dumps(row) for row in rows], told)
    assert report.applicable
    assert not report.findings


def test_of_two_workers_one_can_be_dropped() -> None:
    """The other one is all there is to compare with."""
    assert kinds(examined([FINANCE, WORKERS[3]], PARTS[0])) == ["dropped"]
    assert not examined([FINANCE, WORKERS[3]], f"{PARTS[0]} {PARTS[3]}").alarms


def test_work_done_twice_is_the_schemas() -> None:
    """Of any number of workers; nobody is said to be missing."""
    report = examined([FINANCE, PEOPLE, FINANCE], PARTS[0] + PARTS[1])
    assert [(each.kind, each.by, each.said) for each in report.findings] == [
        ("repeated", "schema", "2 workers handed in the same")
    ]
    assert not report.alarms
    same = examined([FINANCE] * 200, PARTS[0])
    assert same.applicable
    assert same.doubts == {"coverage": "all workers said the same"}
    assert not same.alarms


def test_what_cannot_be_checked_says_so() -> None:
    """An answer of one number, other scripts and languages, nothing at all."""
    number = examined(WORKERS, "42")
    assert number.applicable
    assert set(number.doubts) == {"coverage", "support"}
    assert not number.alarms
    cases = (
        (WORKERS, "", "the aggregate is empty"),
        ([FINANCE], PARTS[0], "fewer than two workers said anything"),
        ([FINANCE, "  "], PARTS[0], "fewer than two workers said anything"),
        (
            ["公司在2023年的收入增长到四百二十万元。", "公司有八十五名员工。"],
            "收入增长。公司有九十名员工。",
            "a text is in a script that is not Latin",
        ),
        (
            [
                "Der Umsatz stieg im Jahr 2023 auf 4,2 Millionen Euro, und die Kosten blieben trotz der neuen Stellen "
                "in Lissabon fast gleich, was vor allem an zwei großen Kunden lag.",
                "Die Firma beschäftigt 85 Leute an drei Orten.",
            ],
            "Revenue was 5.2 million.",
            "a text does not read like English prose",
        ),
    )
    for workers, aggregate, why in cases:
        report = examined(workers, aggregate)
        assert report == Report(False, {"all": why})
        assert not report.alarms


def test_many_workers_in_few_words_are_condensed_and_not_dropped() -> None:
    """An aggregate of two hundred cannot hold each."""
    workers = [
        f"Station {number} in the valley of {place} measured rain on {number % 28 + 1} days. The sensor is new."
        for number, place in enumerate(f"{a}{b}berg" for a in "abcdefghijklmnopqrst" for b in "aeiouyklmn")
    ]
    report = examined(
        workers, "All stations report rain. The sensors work well in most valleys, and nothing is broken there."
    )
    assert report.applicable
    assert not report.alarms


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=6), st.text(max_size=300))
def test_whatever_comes_there_is_a_report(workers: list[str], aggregate: str) -> None:
    """Evidence always points at what it shows."""
    report = examined(workers, aggregate)
    for finding in report.findings:
        assert finding.by in ("aggregator", "worker", "schema")
        for place in finding.evidence:
            assert 0 <= place.begin <= place.end
    assert len(report.coverage) in (0, len(workers))


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(5)))
def test_the_order_of_workers_does_not_matter(order: list[int]) -> None:
    """Coverage goes with the worker."""
    plain = examined(WORKERS, without(2)).coverage
    mixed = examined([WORKERS[who] for who in order], without(2)).coverage
    for place, who in enumerate(order):
        assert mixed[place] == pytest.approx(plain[who])
