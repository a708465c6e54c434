"""Who reads whom, over time."""

import json

from policies.noise.accounts import MOST_AGENTS, MOST_READ, fold, pairs


def test_an_aggregation_teaches_who_was_read() -> None:
    """By name; who has none is a question mark."""
    workers = [{"agent": "ann"}, {"agent": ""}, {"agent": "ann"}]
    found = {"agent": "", "workers": workers, "attribution": "worker"}
    assert pairs(found) == {"agent": "?", "reads": {"ann": 2, "?": 1}, "lost": "worker"}


def test_who_reads_whom_is_learned() -> None:
    """By agent; bounded; the lesson given stays what it was."""
    told = [{"agent": "editor", "reads": {"ann": 2}, "lost": "aggregator"}]
    lesson = fold(None, told)
    before = json.dumps(lesson)
    later = fold(lesson, told)
    assert later == {"editor": {"aggregations": 2, "alarms": {"aggregator": 2}, "reads": {"ann": 4}}}
    assert json.dumps(lesson) == before
    crowd = [{"agent": f"a{n}", "reads": {f"w{m}": 1 for m in range(MOST_READ + 9)}, "lost": ""} for n in range(300)]
    many = fold(later, crowd)
    assert len(many) == MOST_AGENTS
    assert len(many["a299"]["reads"]) == MOST_READ
