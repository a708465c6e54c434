"""Several programs at once."""

import json

from policies.prefetch.language import Program, parse
from policies.prefetch.pool import MOST, NEWCOMER, Particle, Pool, outcome
from policies.prefetch.running import Act
from tests.policies.prefetch.shop import after, call, schooled, visit

RIGHT = parse({"rules": [{"when": [], "call": "f", "with": {"a": {"value": 1}}}]})
WRONG = parse({"rules": [{"when": [], "call": "g"}]})


def pool(*programs: Program) -> Pool:
    """With these in it."""
    found = Pool()
    found.renew(programs)
    return found


def test_the_one_that_replays_the_history_is_believed() -> None:
    """Its vote comes to be nearly all."""
    both, state = pool(RIGHT, WRONG), after(visit(1)[:1])
    for _ in range(10):
        both.judge(both.outcomes(both.acts(state), call("f", a=1)))
    tools, calls = Pool(json.loads(json.dumps(both.json()))).votes(both.acts(state))
    assert tools["f"] > 0.8 > 0.1 > tools["g"]
    assert calls[call("f", a=1).key] > 0.8


def test_the_smaller_of_two_equals() -> None:
    """A program pays for its size."""
    larger = Program((*RIGHT.rules, *WRONG.rules))
    assert Particle(RIGHT).weight > Particle(larger).weight


def test_outcomes() -> None:
    """Right with the very call, or with a reply; silence is neither."""
    act = Act("f", (call("f", a=1), call("f", a=2)))
    assert [outcome(act, call("f", a=2)), outcome(act, call("f", a=3)), outcome(act, None)] == [1, -1, -1]
    assert [outcome(Act(""), None), outcome(Act(""), call("f")), outcome(None, call("f"))] == [1, -1, 0]


def test_the_poor_make_room() -> None:
    """Newcomers get their chance, and the pool stays small."""
    full = pool(*(parse({"rules": [{"when": [], "call": f"t{number}"}]}) for number in range(MOST)))
    for _ in range(NEWCOMER):
        full.judge({each.program.name: 1 if each.program.rules[0].call == "t3" else -1 for each in full.particles})
    full.renew([RIGHT])
    programs = [each.program for each in full.particles]
    assert len(programs) == MOST
    assert RIGHT in programs
    assert programs[0].rules[0].call == "t3"


def test_what_is_no_program_is_left_out() -> None:
    """Whatever the store gives."""
    assert Pool([[RIGHT.json(), 1, 0, 2], ["eval()"], 3, [{"rules": 1}, 1, 1, 1]]).particles[0].program == RIGHT


def test_programs_are_found_while_it_learns() -> None:
    """And the best of them has mostly been right."""
    best = max(schooled(20).pool.particles, key=lambda each: each.weight)
    assert best.hit_rate > 0.6
    assert "get_order" in str(best.program)


def test_outcomes_under_way_find_their_programs() -> None:
    """Whatever has come into the pool or left it since; a list of the same length is not the same pool."""
    before, state = pool(RIGHT, WRONG), after(visit(1)[:1])
    outcomes = before.outcomes(before.acts(state), call("f", a=1))
    since = pool(parse({"rules": [{"when": [], "call": "h"}]}), RIGHT)
    since.judge(json.loads(json.dumps(outcomes)))
    assert [(each.matched, each.missed) for each in since.particles] == [(0.0, 0.0), (1.0, 0.0)]
