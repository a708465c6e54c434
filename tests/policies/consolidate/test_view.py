"""A request through its session's branch."""

import json

import orjson
import pytest

from policies.consolidate.ledger import Branch
from policies.consolidate.view import frame, grown, originals, talk, written
from proxy.exchange import Request
from tests.policies.consolidate.talk import asked, call, items_of, said, user

TABLE = json.dumps([{"id": f"row-{place}", "price": place, "status": "open"} for place in range(30)], indent=1)


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
def test_a_result_is_made_smaller_before_it_is_first_sent(form: str) -> None:
    """And stays so; an older one, sent before the policy came, stays as it was."""
    old = [user("a"), *call(form, "1", "look", {}, TABLE), said("b"), user("c")]
    branch = grown(Branch(), asked(form, old), len)
    assert not branch.small
    new = [*old, *call(form, "2", "look", {}, TABLE.replace("row", "line"))]
    branch = grown(branch, asked(form, new), len)
    assert len(branch.small) == 1
    first = written(asked(form, new), branch)
    later = asked(form, [*new, said("d"), user("e")])
    branch = grown(branch, later, len)
    second = written(later, branch)
    assert second.startswith(first[: first.rindex(b"]")])
    assert len(second) < len(later.body)
    assert items_of(later)[:4] == orjson.loads(second)["input" if form == "responses" else "messages"][:4]


def test_the_frame_is_all_that_is_not_conversation() -> None:
    """System text, tools and other fields, in tokens of four bytes."""
    tools = [{"type": "function", "function": {"name": "f", "description": "x" * 4000}}]
    talked = [user("word " * 500), said("b")]
    assert 1000 < frame(asked("chat", talked, tools=tools)) < 1100
    assert frame(asked("chat", talked)) < 40


def test_originals_belong_to_the_event_of_their_exchange() -> None:
    """Without one there are none."""
    assert originals(asked("chat", [user("a"), said("b")]), Branch(), "e1") == {}


def test_only_a_conversation_can_be_talked_of() -> None:
    """Anything else is a mistake of the caller."""
    with pytest.raises(ValueError, match="without a conversation"):
        talk(Request("GET", "/v1/models"))
