"""A session watched."""

import json

from policies.prefetch.gate import Gate
from policies.prefetch.model import Model
from policies.prefetch.watch import Watch
from tests.policies.prefetch.shop import ID, READS, call, hear, schooled, visit, watched


def test_reads_are_served_and_writes_empty_the_shelf() -> None:
    """An agent that works alike: most of its reads are there before they are asked for."""
    model, last = schooled(20), Watch()
    for _, _, watch in watched(model, visit(40, 3), Gate(cost=0.2)):
        last = watch
    assert last.reads == 5
    assert last.served >= 4
    assert last.launched <= 8
    assert last.shelf == {}


def test_the_likeliest_tool_is_named() -> None:
    """A reply is no tool; a model that knows nothing names none."""
    steps = [step for step, _, _ in watched(schooled(), visit(40, 1))]
    assert steps[0].likeliest == "find_user"
    assert Watch().foretell(Model(), READS.__contains__, Gate()).likeliest == ""


def test_a_result_is_used_once() -> None:
    """The second time it would be fetched again."""
    model, watch = schooled(), Watch()
    made = call("get_order", order_id="#W1")
    watch.shelf[made.key] = 0
    assert [watch.call(model, made, READS.__contains__)[1] for _ in range(2)] == [True, False]


def test_a_slow_user_does_not_use_up_the_launches() -> None:
    """What expired before it could be used may be fetched again, and is not held against the session's bounds."""
    model, watch = schooled(20), Watch()
    hear(watch.state, visit(40, 3)[0])
    step = watch.foretell(model, READS.__contains__, Gate(cost=0.2))
    watch.launch(step, now=100.0)
    launched = watch.launched
    assert launched == len(step.launched) > 0
    watch.forget(before=100.0)
    assert (watch.launched, len(watch.shelf)) == (launched, launched)
    watch.forget(before=100.5)
    assert (watch.launched, watch.shelf) == (0, {})
    again = watch.foretell(model, READS.__contains__, Gate(cost=0.2, ahead=launched))
    assert [each.call.key for each in again.launched] == [each.call.key for each in step.launched]


def test_it_survives_the_store_between_any_two_lines() -> None:
    """Remembered and read again, it foretells the same."""
    model, watch, other = schooled(), Watch(model="m"), Watch(model="m")
    for line in visit(40, 2):
        other = Watch(json.loads(json.dumps(other.json())))
        if hear(watch.state, line):
            hear(other.state, line)
            continue
        one, two = (each.foretell(model, READS.__contains__, Gate()) for each in (watch, other))
        assert [each.call.key for each in one.launched] == [each.call.key for each in two.launched]
        for each, step in ((watch, one), (other, two)):
            each.launch(step)
            for made in line.calls:
                each.call(model, made, READS.__contains__, ID)
            each.end(model, line.says, called=bool(line.calls))
    assert watch.json() == other.json()
