"""Who reads whom, over time; what was lost, at what length, and what was spent."""

import json
from typing import Any

import pytest

from policies.noise.accounts import DAY_S, MOST_AGENTS, MOST_MODELS, MOST_READ, account, fold, pairs, spending, spent

FOUND = {"agent": "", "workers": [{"agent": "ann"}, {"agent": ""}, {"agent": "ann"}], "attribution": "worker"}


def test_an_aggregation_teaches_who_was_read() -> None:
    """By name; who has none is a question mark. Without a length there is no point of a curve."""
    assert pairs(FOUND | {"doubts": {}}) == {"agent": "?", "reads": {"ann": 2, "?": 1}, "lost": "worker"}


@pytest.mark.parametrize(
    ("more", "score"),
    [
        ({"attribution": ""}, 1.0),
        ({"attribution": "worker"}, 1.0),
        ({"attribution": "aggregator"}, 0.0),
        ({"attribution": "", "first": "aggregator"}, 0.0),
        ({"doubts": {"coverage": "short"}}, 1.0),
        ({"doubts": {"all": "no English"}}, None),
    ],
)
def test_an_aggregation_teaches_how_well_it_went(more: Any, score: float | None) -> None:
    """Of the first reply, whatever was repaired; nothing of one that could not be checked."""
    told = pairs(FOUND | {"doubts": {}, "model": "m", "tokens": 900} | more)
    assert told.get("score") == score
    assert (told.get("model"), told.get("tokens")) == (("m", 900) if score is not None else (None, None))


def test_who_reads_whom_is_learned() -> None:
    """By agent; bounded; the lesson given stays what it was."""
    told = [{"agent": "editor", "reads": {"ann": 2}, "lost": "aggregator"}]
    lesson = fold(None, told)
    before = json.dumps(lesson)
    later = fold(lesson, told)
    assert later["agents"] == {"editor": {"aggregations": 2, "alarms": {"aggregator": 2}, "reads": {"ann": 4}}}
    assert json.dumps(lesson) == before
    crowd = [{"agent": f"a{n}", "reads": {f"w{m}": 1 for m in range(MOST_READ + 9)}, "lost": ""} for n in range(300)]
    many = fold(later, crowd)["agents"]
    assert len(many) == MOST_AGENTS
    assert len(many["a299"]["reads"]) == MOST_READ


def test_curves_are_learned() -> None:
    """By agent and model; shown beside the rest; bounded."""
    one = {"agent": "editor", "reads": {}, "lost": "", "model": "m", "tokens": 1_000, "score": 1.0}
    lesson = json.loads(json.dumps(fold(fold(None, [one]), [one | {"model": "n"}, one])))
    shown = account(lesson)["editor"]
    assert shown["aggregations"] == 3
    assert {model: each["points"][0][2] for model, each in shown["lengths"].items()} == {"m": 2, "n": 1}
    many = fold(lesson, [one | {"model": f"m{n}"} for n in range(MOST_MODELS + 5)])
    assert len(many["curves"]["editor"]) == MOST_MODELS
    assert account(None) == {}
    assert "lengths" not in account(fold(None, [{"agent": "editor", "reads": {}, "lost": ""}]))["editor"]


def test_extra_calls_are_counted_by_the_day() -> None:
    """Alone or with an aggregation; yesterday's count no more."""
    now = 100 * DAY_S + 5.0
    lesson = fold(None, [spending(now, 1), {"agent": "a", "reads": {}, "lost": ""} | spending(now, 2)])
    assert spent(lesson, now) == 3
    assert spent(lesson, now + DAY_S) == spent(None, now) == 0
    assert spent(fold(lesson, [spending(now + DAY_S, 4), spending(now, 9)]), now + DAY_S) == 13
