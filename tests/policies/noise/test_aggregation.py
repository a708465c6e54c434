"""An aggregation as it is seen on the road."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.noise.aggregation import MOST_FINDINGS, MOST_SHOWN, Reading, aggregation, counted, noted, quoted, team_of
from policies.noise.quotations import Output, Quote
from policies.noise.text import words

ONE = "The bridge was opened in 1893 and carries 32,000 vehicles every single day of the year."
TWO = "Nine of the forty cables are corroded, and a repair would cost 14 million euros in all."


def reading(exchange: str, told: str, made: str, at: float = 10.0) -> Reading:
    """One exchange."""
    return Reading(exchange, f"s-{exchange}", "", "", at, told, made)


def test_the_workers_texts_are_those_of_the_request() -> None:
    """What the request cut off, its model never saw, and nobody dropped it."""
    cut = TWO.partition(", and")[0]
    entries = [noted(reading("a", "", ONE), 5.0), noted(reading("b", "", cut), 5.0)]
    found = aggregation([each for each in entries if each], reading("c", f"{ONE}\n{TWO}", f"{ONE} {cut}."))
    assert found is not None
    assert [worker["exchange"] for worker in found["workers"]] == ["a", "b"]
    assert found["attribution"] == ""


def entries_of(*outputs: tuple[str, str]) -> list[Any]:
    """What a journal holds of these exchanges."""
    found = [noted(reading(name, "", text), 5.0) for name, text in outputs]
    return [each for each in found if each]


THREE = "Residents of the northern bank complain about noise at night, above all from freight trucks."


def test_a_worker_that_is_only_named() -> None:
    """Paraphrased, it is one of the team, comes last, and nothing is said of what became of it."""
    known = entries_of(("a", ONE), ("b", TWO), ("c", THREE))
    asks = reading("d", f"People up north cannot sleep.\n{ONE}\n{TWO}", f"{ONE} {TWO}")
    found = aggregation(known, asks._replace(named=("s-c", "a")))
    assert found is not None
    assert [(each["exchange"], each["share"]) for each in found["workers"]] == [("a", 1.0), ("b", 1.0), ("c", 0.0)]
    assert found["coverage"] == [pytest.approx(1, abs=0.1), pytest.approx(1, abs=0.1), None]
    assert found["doubts"]["named"].startswith("1 of the workers")
    assert found["attribution"] == ""


def test_a_team_that_is_only_named() -> None:
    """Nothing can be checked, and that is said; who is not known is counted, and nobody of the reader's own session."""
    known = entries_of(("a", ONE), ("b", TWO))
    found = aggregation(known, reading("d", "Sum it up.", "A bridge.", 9.0)._replace(named=("a", "s-b", "eva")))
    assert found is not None
    assert [each["share"] for each in found["workers"]] == [0.0, 0.0]
    assert found["coverage"] == []
    assert {"all", "named", "unknown"} == {*found["doubts"]}
    own = reading("d", "Sum it up.", "A bridge.", 9.0)._replace(session="s-a", named=("a", "b"))
    assert aggregation(known, own) is None


def test_of_a_session_that_is_named_the_last_output_counts() -> None:
    """Nobody says twice what was said once; an exchange can be named itself. A run is no border then."""
    first, last = entries_of(("a", ONE), ("b", TWO))
    last["output"][1] = first["output"][1]
    other = entries_of(("c", THREE))
    asks = reading("d", "Sum it up.", "A bridge.")._replace(run="mine")
    team = team_of([first, last | {"run": "yours"}, *other], asks._replace(named=("s-a", "c")))
    assert team is not None
    assert [each["exchange"] for each in team.workers] == ["b", "c"]
    assert team_of([first, last, *other], asks._replace(named=("a", "b", "c"))) is not None


def test_passages_are_cut_where_words_begin_and_end() -> None:
    """As they were written."""
    quote = Quote(Output("a", "s", 0.0, 4, ()), 1.0, 1, 3)
    assert quoted("It's, as said, İzmir's, old town.", [quote]) == ["as said"]


@given(st.lists(st.text(min_size=1), min_size=1), st.integers(0, 9), st.integers(0, 9))
def test_a_passage_holds_its_words(parts: list[str], one: int, other: int) -> None:
    """Whatever the script."""
    text = " ".join(parts)
    count = len(words(text))
    begin, end = sorted((min(one, count), min(other, count)))
    if begin < end:
        (passage,) = quoted(text, [Quote(Output("a", "s", 0.0, 4, ()), 1.0, begin, end)])
        assert passage in text


def test_a_report_is_bounded() -> None:
    """Many changed numbers, long evidence: the first of them, and it is JSON."""
    facts = [f"Site {n} has {n * 7 + 11} wells and {n * 13 + 5} pumps." for n in range(60)]
    halves = " ".join(facts[:30]), " ".join(facts[30:])
    entries = [noted(reading(str(place), "", half), 5.0) for place, half in enumerate(halves)]
    made = " ".join(facts).replace("wells", f"wells{'x' * 300}")
    found = aggregation([each for each in entries if each], reading("c", "\n".join(halves), made.replace("1", "4")))
    assert found is not None
    assert len(found["findings"]) <= MOST_FINDINGS
    texts = [place["text"] for each in found["findings"] for place in each["evidence"]]
    assert all(len(text) <= MOST_SHOWN for text in texts)
    assert len(json.dumps(found)) < 50_000


def test_numbers_to_add_up() -> None:
    """An aggregation, its workers, its findings by kind, and who lost something."""
    findings = [{"kind": "changed"}, {"kind": "changed"}, {"kind": "foreign"}]
    found = {"workers": [1, 2, 3], "attribution": "aggregator", "findings": findings}
    assert counted(found) == {
        "aggregations": 1.0,
        "workers": 3.0,
        "lost_by_aggregator": 1.0,
        "changed": 2.0,
        "foreign": 1.0,
    }
