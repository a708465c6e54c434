"""The guest, played as the engine plays it: a session that grows, request by request."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from policies.consolidate import Consolidate, Wishes
from policies.consolidate.event import measure
from policies.consolidate.lesson import FEWEST_JUDGED, fold
from proxy.exchange import REFUSED, Completion, Exchange, Note, Request
from proxy.policy import Decision
from tests.policies.consolidate.talk import READ, asked, call, exchange, items_of, said, user

FORMS = ["chat", "responses", "messages"]
ON = Wishes("on", above=600, to=200)


class Session:
    """One session before the policy: what it sends, what goes on, and the memory in between."""

    def __init__(self, form: str, wishes: Wishes = ON) -> None:
        self.form = form
        self.policy = Consolidate(wishes)
        self.items: list[dict[str, Any]] = [user("Find me a flat in Lyon.")]
        self.memory: Any = None
        self.now = 1000.0
        self.number = 0
        self.kept: dict[str, bytes] = {}
        self.said: list[Decision | None] = []
        self.lesson: Any = None
        self.figures: Counter[str] = Counter()

    def send(
        self, request: Request | None = None, *, refused: bool = False, status: int = 200, headers: Any = ()
    ) -> Request:
        """One request; what reaches the upstream, which answers with this status at last."""
        self.number += 1
        self.now += 10
        request = request or asked(self.form, self.items)
        request = request.but(headers=tuple(headers))
        one = exchange(request, self.memory, id=f"e{self.number}", now=self.now)
        one = one.but(shared={"consolidate": self.lesson})
        decision = self.policy.prepare(one)
        self.said.append(decision)
        sent = decision.request if decision and decision.request else request
        if decision and decision.memory is not None and not refused:
            one = one.but(memory={"consolidate": orjson.loads(orjson.dumps(decision.memory))})
        notes = (Note("road", "answer", "refused", REFUSED),) if refused else ()
        went = request if refused else READ(sent)
        self._learn(one.but(request=went, asked=request, completion=Completion(status), notes=notes))
        return went

    def _learn(self, one: Exchange) -> None:
        learned = self.policy.learn(one)
        if learned is not None:
            self.memory = orjson.loads(orjson.dumps(learned.memory))
            self.figures.update(learned.figures)
            self.kept |= {ref: raw for ref, raw in learned.keep.items() if ref not in self.kept}

    def look(self, words: str = "flat at 12 Rue Clerc, 900 euros, free from 2024-05-20; ") -> None:
        """The agent looks something up and speaks of it."""
        number = len(self.items)
        self.items += call(self.form, f"call_{number}", "search", {"page": number}, f"{number}: {words * 4}")
        self.items += [said(f"Page {number} has one flat."), user("Go on, please.")]


def weight(request: Request) -> int:
    """Tokens of its conversation as the policy counts them here, four characters each."""
    turns = request.conversation.turns if request.conversation else ()
    return sum(measure(ON.count, turn) for turn in turns if turn.role != "system")


def array(body: bytes) -> bytes:
    """The items as they were sent, without the closing bracket."""
    return body[body.index(b'[{"role"') : body.rindex(b"]")]


@pytest.mark.parametrize("form", FORMS)
def test_between_two_events_a_request_begins_with_the_one_before(form: str) -> None:
    """Byte for byte; events are rare, and after each the conversation is small."""
    session, before, broken = Session(form), b"", 0
    for _ in range(40):
        session.look()
        sent = session.send()
        broken += bool(before) and not array(sent.body).startswith(before)
        before = array(sent.body)
        assert weight(sent) <= 600
    events = [one for one in session.said if one and not one.quiet]
    assert broken == len(events)
    assert 0 < broken <= 16


@pytest.mark.parametrize("form", FORMS)
def test_what_went_can_be_had_again(form: str) -> None:
    """Every item that is not in the request any more is kept under its number, as the client wrote it."""
    session = Session(form)
    for _ in range(12):
        session.look()
        sent = session.send()
    raw = [orjson.dumps(item) for item in items_of(asked(form, session.items))]
    for place, item in enumerate(raw):
        assert item in sent.body or session.kept[str(place)] == item


def test_the_first_task_and_the_users_rules_stay() -> None:
    """Word for word."""
    session = Session("chat")
    session.items += [said("Where?"), user("Never show me flats on the ground floor.")]
    for _ in range(20):
        session.look()
        sent = session.send()
    assert b"Find me a flat in Lyon." in sent.body
    assert b"Never show me flats on the ground floor." in sent.body


def test_shadow_decides_the_same_and_changes_nothing() -> None:
    """One code, two modes."""
    real, shadow = Session("chat"), Session("chat", ON._replace(mode="shadow"))
    for _ in range(20):
        for session in (real, shadow):
            session.look()
        assert items_of(shadow.send()) == items_of(asked("chat", shadow.items))
        real.send()
    assert real.memory["purse"]["events"] == shadow.memory["purse"]["events"] > 0
    assert not shadow.kept


@pytest.mark.parametrize("recall", [False, True])
def test_a_refused_session_is_left_alone(recall: bool) -> None:
    """What a provider does not take is not tried twice."""
    session = Session("chat", ON._replace(recall=recall))
    for _ in range(16):
        session.look()
    session.send(refused=True)
    assert session.said[-1]
    assert session.said[-1].request
    for _ in range(6):
        session.look()
        assert items_of(session.send()) == items_of(asked("chat", session.items))


@pytest.mark.parametrize("recall", [False, True])
def test_what_was_refused_either_way_teaches_nothing(recall: bool) -> None:
    """The client's own words were at fault: the session goes on as if they had not been sent."""
    session = Session("chat", ON._replace(recall=recall))
    session.send(refused=True, status=400)
    assert session.memory is None
    for _ in range(16):
        session.look()
        session.send()
        before = session.memory
        session.send(refused=True, status=422)
        assert session.memory == before
    assert session.figures["events"] > 0
    assert all(bool(decision and decision.tool) == recall for decision in session.said)


def test_a_session_whose_tool_is_refused_goes_on_without_it() -> None:
    """From its first request on; it is condensed all the same."""
    session = Session("chat", ON._replace(recall=True))
    session.send(refused=True)
    for _ in range(16):
        session.look()
        session.send()
    assert [bool(decision and decision.tool) for decision in session.said] == [True, *[False] * 16]
    assert session.figures["events"] > 0


def test_another_way_goes_in_full_or_from_the_checkpoint_it_shares() -> None:
    """Never with words that were not said; and the first way goes on as before."""
    session = Session("chat")
    for _ in range(12):
        session.look()
        sent = session.send()
    edited = [user("Find me a house in Nice."), *session.items[1:]]
    assert items_of(session.send(asked("chat", edited)))[1] == edited[0]
    other = [*session.items[:-1], user("Stop. How many?")]
    again = session.send(asked("chat", other))
    assert array(again.body).startswith(array(sent.body)[: -len(orjson.dumps(session.items[-1]))])
    session.items += [said("Yes."), user("And?")]
    assert array(session.send().body).startswith(array(sent.body))


def test_a_store_that_lost_the_session_means_full_history() -> None:
    """For that turn; then it begins anew."""
    session = Session("chat", ON._replace(above=2500, to=800))
    for _ in range(9):
        session.look()
        session.send()
    session.memory = None
    assert items_of(session.send())[1:] == session.items


def modes(mode: str, **agents: str) -> Mapping[str, Any]:
    return {"mode": mode, "agents": agents, "above": 600, "to": 200}


@pytest.mark.parametrize(
    ("wishes", "header", "changes"),
    [
        (modes("on"), "", True),
        (modes("on"), "consolidate=off", False),
        (modes("off"), "noise=on, consolidate=on", True),
        (modes("on", agent="off"), "", False),
        (modes("off", agent="on"), "", True),
        (modes("on"), "consolidate=perhaps", True),
    ],
)
def test_modes_by_request_agent_and_setting(wishes: Mapping[str, Any], header: str, changes: bool) -> None:
    """The header wins over the agent's, that over the general one; words nobody knows count nothing."""
    session = Session("chat", Wishes(**wishes))
    for _ in range(16):
        session.look()
    sent = session.send(headers=[(b"x-outrider-policies", header.encode())] if header else [])
    assert (items_of(sent)[1:] != session.items) is changes


def test_what_is_not_a_whole_history_is_left_alone() -> None:
    """A reference to what the provider keeps, a prompt as a string, another path."""
    policy = Consolidate(ON)
    items = [user("word " * 3000), said("b"), user("c"), said("d"), user("e")]
    for request in (
        asked("responses", items, previous_response_id="resp_1"),
        READ(Request("POST", "/v1/responses", (), orjson.dumps({"model": "m", "input": "word " * 3000}))),
        READ(Request("POST", "/v1/messages/count_tokens", (), asked("messages", items).body)),
        asked("chat", items).but(headers=((b"content-encoding", b"gzip"),)),
    ):
        assert policy.prepare(exchange(request)) is None
        assert policy.learn(exchange(request)) is None


@pytest.mark.parametrize("form", ["responses", "messages"])
def test_signed_and_marked_items_stay(form: str) -> None:
    """With the whole group they stand in."""
    session = Session(form)
    signed = (
        [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"}]
        if form == "responses"
        else [{"role": "assistant", "content": [{"type": "thinking", "thinking": "x", "signature": "sealed"}]}]
    )
    session.items += signed
    session.items += [user("and then")]
    for _ in range(15):
        session.look()
        sent = session.send()
    assert b"sealed" in sent.body
    assert len(items_of(sent)) < len(session.items)


def test_money_is_on_the_bill() -> None:
    """What the client's own requests would have cost beside what was sent."""
    session = Session("chat")
    for _ in range(30):
        session.look()
        session.send()
    plain, ours, *_ = session.memory["purse"]["bill"]
    assert 0 < ours < plain


def test_an_agent_that_is_left_alone_is_told_of() -> None:
    """Once aloud, then quietly; counted at each request; and nothing is changed."""
    session = Session("chat", Wishes("on"))
    session.lesson = fold(None, [["me:agent", "net", f"s{number}", -1.0] for number in range(FEWEST_JUDGED)])
    session.items += [said("word " * 60_000), user("And?")]
    for _ in range(2):
        assert items_of(session.send())[1:] == session.items
        session.items += [said("So."), user("Go on.")]
    first, second = session.said
    assert first is not None
    assert second is not None
    assert "off for 25 sessions of this agent" in first.reason
    assert (first.quiet, second.quiet) == (False, True)
    assert session.figures["left_alone"] == 2


def test_nothing_is_in_the_providers_cache_before_the_first_request() -> None:
    """The bill of a session's first request is the same with the policy as without."""
    session = Session("chat")
    session.send()
    session.look()
    session.send()
    plain, ours, *_ = session.memory["purse"]["bill"]
    assert plain == ours
