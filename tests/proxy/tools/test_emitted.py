"""Whose call it is: many sessions in flight, equal and different arguments, renamed tools, strangers."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.conversation import ToolCall
from proxy.tools import Owner, Visitor
from proxy.tools import emitted as module
from proxy.tools.catalogue import Catalogue, Listing, Place
from proxy.tools.emitted import Claim, Emitted, fingerprint, stamp

READ = {"name": "read", "inputSchema": {"properties": {"key": {"type": "string"}, "limit": {"default": 10}}}}
CATALOGUE = Catalogue(
    {"shop": Listing((READ, {"name": "write"})), "web": Listing(({"name": "read"}, {"name": "fetch"}))}
)
SHOP_READ, WEB_READ = Place("shop", "read"), Place("web", "read")
NOBODY = Claim(Owner("me", ""))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def made(clock: Clock | None = None) -> Emitted:
    return Emitted(lambda: CATALOGUE, clock or Clock())


def call(name: str, id: str = "", **arguments: Any) -> ToolCall:
    return ToolCall(id, name, json.dumps(arguments))


def claim(
    emitted: Emitted, place: Place = SHOP_READ, meta: Any = None, visitor: Visitor | None = None, **arguments: Any
) -> Claim:
    definition = dict(CATALOGUE.tools.items.values())[place]
    return emitted.claim(visitor or Visitor("me"), place, fingerprint(arguments, definition), meta or {})


@pytest.mark.parametrize("name", ["read", "shop_read", "mcp__shop__read", "mcp__outrider__shop_read", "shop.read"])
def test_a_call_belongs_to_the_session_whose_model_emitted_it(name: str) -> None:
    """By whatever name the client gave the tool; once."""
    emitted = made()
    emitted.hear(Owner("me", "s1"), call(name, "c1", key="a"))
    emitted.hear(Owner("me", "s2"), call(name, "c2", key="b"))
    assert claim(emitted, key="b") == Claim(Owner("me", "s2"), "call")
    assert claim(emitted, key="a") == Claim(Owner("me", "s1"), "call")
    assert claim(emitted, key="a") == NOBODY
    assert len(emitted) == 0


def test_spelling_and_defaults_do_not_matter() -> None:
    """Order, spaces, and arguments left out that the schema gives a default."""
    emitted = made()
    emitted.hear(Owner("me", "s1"), ToolCall("c1", "shop_read", '{ "limit":10,  "key": "\\u00e4" }'))
    assert claim(emitted, key="ä").owner.session == "s1"
    emitted.hear(Owner("me", "s1"), ToolCall("c2", "shop_read", ""))
    assert claim(emitted, limit=10).owner.session == "s1"
    emitted.hear(Owner("me", "s1"), call("shop_read", "c3", key="a", limit=11))
    assert claim(emitted, key="a") == NOBODY


def test_an_ambiguous_name_fits_both_servers() -> None:
    """A client with two connections calls both tools `read`; whichever server is called, it is that session's."""
    emitted = made()
    emitted.hear(Owner("me", "s1"), call("read", "c1", key="a"))
    assert claim(emitted, WEB_READ, key="a").owner.session == "s1"
    assert claim(emitted, SHOP_READ, key="a") == NOBODY


def test_equal_calls_go_to_equal_sessions_in_order() -> None:
    """As many as were emitted, each session once; the connection tells them apart where there is one."""
    emitted = made()
    for number in range(5):
        emitted.hear(Owner("me", f"s{number}"), call("shop_read", f"c{number}", key="a"))
    assert [claim(emitted, key="a").owner.session for _ in range(6)] == ["s0", "s1", "s2", "s3", "s4", ""]
    for session in ("one", "two"):
        emitted.hear(Owner("me", session), call("shop_read", "only" + session, key=session))
        claim(emitted, visitor=Visitor("me", connection=f"to {session}"), key=session)
    for session in ("one", "two"):
        emitted.hear(Owner("me", session), call("shop_read", "again" + session, key="same"))
    assert claim(emitted, visitor=Visitor("me", connection="to two"), key="same").owner.session == "two"
    assert claim(emitted, visitor=Visitor("me", connection="to one"), key="same").owner.session == "one"


@pytest.mark.parametrize("meta", [{"claudecode/toolUseId": "toolu_2"}, {"x": {"call": {"id": "toolu_2"}}}])
def test_the_id_of_the_call_counts_before_its_arguments(meta: Any) -> None:
    """Where a client hands it on, wherever in `_meta`, a person may even have changed the arguments."""
    emitted = made()
    for number in (1, 2):
        emitted.hear(Owner("me", f"s{number}"), call("shop_read", f"toolu_{number}", key="a"))
    assert claim(emitted, meta=meta, key="changed") == Claim(Owner("me", "s2"), "id")
    assert claim(emitted, meta=meta, key="a") == Claim(Owner("me", "s1"), "call")


def test_a_session_that_is_named_counts_before_all() -> None:
    """Header or path; what was emitted there is taken, nothing of other sessions."""
    emitted = made()
    for session in ("s1", "s2"):
        emitted.hear(Owner("me", session), call("shop_read", session, key="a"))
    named = Visitor("me", session="s2")
    assert claim(emitted, visitor=named, key="a") == Claim(Owner("me", "s2"), "header")
    assert claim(emitted, visitor=named, key="a") == Claim(Owner("me", "s2"), "header")
    assert claim(emitted, key="a") == Claim(Owner("me", "s1"), "call")


def test_nobody_gets_what_another_caller_emitted() -> None:
    """Not by arguments, not by id, not by naming the session."""
    emitted = made()
    emitted.hear(Owner("me", "s1"), call("shop_read", "c1", key="a"))
    other = Visitor("other")
    assert claim(emitted, visitor=other, key="a").owner == Owner("other", "")
    assert claim(emitted, visitor=other, meta={"id": "c1"}, key="a").owner == Owner("other", "")
    assert claim(emitted, visitor=other._replace(session="s1"), key="a").owner == Owner("other", "s1")
    assert claim(emitted, key="a").owner == Owner("me", "s1")


def test_in_an_open_house_a_client_without_credentials_finds_its_calls() -> None:
    """The model was asked with the provider's key, the tool is called with none; only what is one caller's is found."""
    emitted, anyone = made(), Visitor("anonymous", open=True)
    emitted.hear(Owner("me", "s1"), call("shop_read", "c1", key="a"))
    assert claim(emitted, visitor=anyone, key="a") == Claim(Owner("me", "s1"), "call")
    for caller in ("me", "you"):
        emitted.hear(Owner(caller, "s"), call("shop_read", f"c-{caller}", key="b"))
    assert claim(emitted, visitor=anyone, key="b") == Claim(Owner("anonymous", ""))
    assert claim(emitted, visitor=anyone, meta={"id": "c-you"}, key="b") == Claim(Owner("you", "s"), "id")
    assert claim(emitted, visitor=anyone._replace(session="s"), key="b") == Claim(Owner("me", "s"), "header")


def test_a_clients_own_tools_are_not_kept() -> None:
    """No server has them."""
    emitted = made()
    assert emitted.hear(Owner("me", "s1"), call("bash", "c1", command="ls")) == ()
    assert len(emitted) == 0


def test_a_server_that_is_still_starting() -> None:
    """A call of its tool is known as soon as the server has told what it has; not much later."""
    clock, there = Clock(), {"now": Catalogue({})}
    emitted = Emitted(lambda: there["now"], clock)
    emitted.hear(Owner("me", "s0"), call("shop_read", "c0", key="a"))
    clock.now = module.SOON_S + 1
    emitted.hear(Owner("me", "s1"), call("shop_read", "c1", key="a"))
    emitted.hear(Owner("me", "s1"), call("bash", "c2", command="ls"))
    emitted.renew()
    assert len(emitted) == 0
    there["now"] = CATALOGUE
    emitted.renew()
    assert claim(emitted, key="a").owner.session == "s1"
    assert len(emitted) == 0


def test_what_is_heard_twice_counts_once_and_what_is_old_not_at_all() -> None:
    """A call waits a quarter of an hour; once its result stands in the conversation it waits no more."""
    clock = Clock()
    emitted = made(clock)
    for _ in range(2):
        emitted.hear(Owner("me", "s1"), call("shop_read", "c1", key="a"))
    emitted.hear(Owner("me", "s1"), call("shop_write", "c2", key="a"))
    assert [emission.id for emission in emitted.waiting(Owner("me", "s1"))] == ["c1", "c2"]
    emitted.settle(Owner("me", "s1"), {"c2", "other"})
    assert [emission.id for emission in emitted.waiting(Owner("me", "s1"))] == ["c1"]
    clock.now = module.TTL_S + 1
    assert claim(emitted, key="a") == NOBODY
    assert list(emitted.waiting(Owner("me", "s1"))) == []


def test_there_is_an_end_to_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """For one caller and for all; the oldest go."""
    monkeypatch.setattr(module, "MOST", 20)
    monkeypatch.setattr(module, "MOST_OF_CALLER", 8)
    emitted = made()
    for number in range(100):
        emitted.hear(Owner(f"caller {number % 4}", "s"), call("shop_read", f"c{number}", key=str(number)))
        assert len(emitted) <= 20
    assert claim(emitted, visitor=Visitor("caller 3"), key="99").owner.session == "s"
    assert claim(emitted, visitor=Visitor("caller 3"), key="3").owner.session == ""


SESSIONS = st.integers(0, 3).map("s{}".format)


@given(st.lists(st.tuples(SESSIONS, st.integers(0, 2), st.booleans()), max_size=40))
@settings(deadline=None, max_examples=60)
def test_every_emission_is_claimed_once_by_its_own_arguments(steps: list[tuple[str, int, bool]]) -> None:
    """Whatever the order of emissions and calls: a claim names a session that emitted just that and was not claimed."""
    emitted, open_calls = made(), []
    for number, (session, key, emits) in enumerate(steps):
        if emits:
            emitted.hear(Owner("me", session), call("shop_read", f"c{number}", key=str(key)))
            open_calls.append((session, key))
            continue
        found = claim(emitted, key=str(key)).owner.session
        fitting = [held for held in open_calls if held[1] == key]
        assert found == (fitting[0][0] if fitting else "")
        if fitting:
            open_calls.remove(fitting[0])
    assert len(emitted) == len(open_calls)


@given(st.dictionaries(st.text(max_size=4), st.integers() | st.booleans() | st.floats(allow_nan=False), max_size=4))
@settings(deadline=None, max_examples=60)
def test_fingerprints_are_equal_for_equal_json_only(arguments: dict[str, Any]) -> None:
    """In whatever order; a number and its truth value differ."""
    backwards = dict(reversed(arguments.items()))
    assert fingerprint(arguments, {}) == fingerprint(backwards, {}) == fingerprint(json.dumps(backwards, indent=2), {})
    assert fingerprint({**arguments, "new": None}, {}) != fingerprint(arguments, {})
    assert len({fingerprint({"a": value}, {}) for value in (1, True, 1.0, "1", [1])}) == 5


def test_arguments_that_are_no_json_still_have_one() -> None:
    """They are compared as they are."""
    assert fingerprint("{", {}) == fingerprint("{", {}) != fingerprint("{{", {})
    assert fingerprint("[1]", READ) == fingerprint("[ 1 ]", {})


def test_another_definition_is_another_stamp() -> None:
    """So is another protocol version."""
    assert stamp(READ, "1") == stamp(dict(reversed(READ.items())), "1")
    assert len({stamp(READ, "1"), stamp(READ, "2"), stamp({**READ, "title": "x"}, "1")}) == 3
