"""Programs found without a model."""

from policies.prefetch.language import parse
from policies.prefetch.provenance import Tool
from policies.prefetch.running import run
from policies.prefetch.synthesis import MOST_CONTEXTS, Follows, followed, programs
from tests.policies.prefetch.shop import after, schooled, visit


def test_the_way_of_the_shop_is_found() -> None:
    """What follows what, and where the values come from."""
    model = schooled()
    found = programs(model.follows.counts, model.tools, model.names.words)
    said = "\n".join(map(str, found))
    assert "call get_user(user_id = fresh of find_user:)" in said
    assert "call get_order(order_id = each of get_user:orders[])" in said
    assert all(parse(each.json()) == each for each in found)


def test_one_of_them_foretells_a_customer_never_seen() -> None:
    """With the arguments."""
    model, state = schooled(), after(visit(40)[:5])
    acts = [run(each, state) for each in programs(model.follows.counts, model.tools, model.names.words)]
    assert any(call.values() == {"order_id": "#W400777"} for act in acts if act for call in act.calls)


def test_nothing_flows_from_what_was_said() -> None:
    """Every value of a message is fresh, and few are meant; dates that were moved stand in no session."""
    tool = Tool(
        {"forms": {"day": 9}, "arguments": {"day": {"calls": 9, "hits": {"reply:date": [9, 9], "f:day+1": [9, 9]}}}}
    )
    assert programs({}, {"search": tool}, {}) == []
    tool.arguments["day"].hits["f:day"] = [8, 9]
    assert "f:day " in str(programs({}, {"search": tool}, {})[0])


def test_nothing_is_found_in_nothing() -> None:
    """No counts, no rules."""
    assert programs({}, {}, {}) == []


def test_contexts_are_bounded() -> None:
    """However many there are; inside a message there is none."""
    follows = Follows()
    for number in range(2 * MOST_CONTEXTS):
        follows.learn([f"user|t{number}"], "f")
    assert len(follows.json()) == MOST_CONTEXTS
    state = after(visit(1)[:5])
    assert followed(state) == ["result|get_user", "result|find_user>get_user"]
    state.inside = 1
    assert followed(state) == []
