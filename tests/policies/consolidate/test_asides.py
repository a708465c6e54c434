"""Asides: put back where they were said, and nothing twice."""

import json
from typing import Any

import pytest

from policies.consolidate.asides import MOST, Inserted, cuts_of, inserted, kept, remaining
from policies.consolidate.view import talk
from proxy.conversation import Turn
from proxy.exchange import Aside, Completion
from proxy.wire.edit import splice
from tests.policies.consolidate.talk import asked, exchange, items_of, said, user

ASKED = [user("Find a flat."), said("Where?"), user("In Lyon.")]
ITEMS = (b'{"role":"assistant","content":"One moment.","tool_calls":[]}', b'{"role":"tool","content":"found"}')


def one(form: str, *reply: str, shown: str = "", parts: int = 0, items: tuple[bytes, ...] = ITEMS) -> Inserted:
    """The aside of a reply to `ASKED`."""
    turns = tuple(Turn("assistant", text) for text in reply)
    aside = Aside("consolidate", items, ("found",), shown, parts)
    told = exchange(asked(form, ASKED)).but(completion=Completion(200, turns=turns), asides=(aside,))
    made = inserted(told, talk(asked(form, ASKED)).turns, len)
    assert made
    return made


def put_back(form: str, items: list[Any], aside: Inserted) -> list[Any]:
    """The items of the next request with the aside in it."""
    request = asked(form, items)
    turns = talk(request).turns
    assert aside.belongs(turns)
    body = splice(request.body, list(cuts_of(form, request.body, turns, aside, follows=True)))
    return items_of(request.but(body=body))


@pytest.mark.parametrize("form", ["chat", "messages"])
def test_it_stands_before_the_reply_as_it_was_sent(form: str) -> None:
    """And the reply is left alone where nothing of it was said before."""
    items = put_back(form, [*ASKED, said("12 Rue Clerc."), user("Thanks.")], one(form, "12 Rue Clerc."))
    assert items[-4:-2] == [json.loads(item) for item in ITEMS]
    assert items[-2:] == [said("12 Rue Clerc."), user("Thanks.")]


@pytest.mark.parametrize("form", ["chat", "messages"])
def test_what_was_said_before_the_call_is_not_said_twice(form: str) -> None:
    """It is in the aside, with the call."""
    reply = "One moment.\n\n12 Rue Clerc."
    items = put_back(form, [*ASKED, said(reply), user("Thanks.")], one(form, reply, shown="One moment."))
    assert items[-2] == said("12 Rue Clerc.")


def test_blocks_that_were_given_before_the_call_are_not_given_twice() -> None:
    """Thoughts keep their signatures in the aside; what follows stays as the client has it."""
    before = [{"type": "thinking", "thinking": "Hm.", "signature": "s"}, {"type": "text", "text": "One moment."}]
    after = {"type": "text", "text": "12 Rue Clerc."}
    reply = {"role": "assistant", "content": [*before, after]}
    aside = one("messages", "One moment.\n12 Rue Clerc.", shown="One moment.", parts=2)
    assert put_back("messages", [*ASKED, reply, user("Thanks.")], aside)[-2] == {
        "role": "assistant",
        "content": [after],
    }


def test_output_items_that_the_aside_holds_are_not_sent_twice() -> None:
    """A client may leave out the reasoning between them."""

    def text(words: str, id: str) -> dict[str, Any]:
        return {"type": "message", "id": id, "role": "assistant", "content": [{"type": "output_text", "text": words}]}

    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    first, last = text("One moment.", "msg_1"), text("12 Rue Clerc.", "msg_2")
    raw = tuple(
        json.dumps(item, separators=(",", ":")).encode() for item in (thought, first, {"type": "function_call"})
    )
    aside = one("responses", "One moment.", "12 Rue Clerc.", shown="One moment.", parts=2, items=raw)
    for sent_back in ([thought, first, last], [first, last]):
        items = put_back("responses", [*ASKED, *sent_back, user("Thanks.")], aside)
        assert items[len(ASKED) :] == [thought, first, {"type": "function_call"}, last, user("Thanks.")]


def test_another_history_has_other_asides() -> None:
    """Another reply at that place, another question, or no reply yet."""
    aside = one("chat", "12 Rue Clerc.")
    for items in (ASKED, [*ASKED, said("Sorry."), user("?")], [*ASKED[:2], user("In Nice."), said("12 Rue Clerc.")]):
        assert not aside.belongs(talk(asked("chat", items)).turns)


def test_what_cannot_be_told_is_left_alone() -> None:
    """Twice is better than wrong."""
    aside = one("chat", "x", shown="One moment.")
    for raw in (b"[]", b"no json", b'{"content":"Other."}', b'{"content":"One moment."}', b'{"content":null}'):
        assert remaining(raw, aside) is None
    call = b'{"content":"One moment.","tool_calls":[1]}'
    assert remaining(call, aside) == b'{"content":null,"tool_calls":[1]}'
    cut = b'{"content":"One moment.cut \\ud83d"}'
    assert remaining(cut, aside) == b'{"content":"cut \\ud83d"}'


def test_a_session_remembers_the_newest() -> None:
    """Bounded in number and size; nothing said aside is nothing to remember."""
    aside = one("chat", "x")
    many = [aside._replace(place=place) for place in range(40)]
    assert [each.place for each in kept(many, aside._replace(place=99))] == [*range(40 - MOST + 1, 40), 99]
    huge = aside._replace(items="x" * 150_000)
    assert kept([huge, huge], None) == (huge,)
    nothing = exchange(asked("chat", ASKED)).but(completion=Completion(200, turns=(Turn("assistant", "x"),)))
    assert inserted(nothing, talk(asked("chat", ASKED)).turns, len) is None
