"""What a plan told, and what it is billed for."""

from policies.inner.telling import Told, billed, told
from proxy.exchange import Exchange, Note, Request, Session

CHAT = Request("POST", "/v1/chat/completions", form="chat")
BILL = {"bill": [2, 100, 20, 0, 0, 0]}


def exchange(*notes: Note, request: Request = CHAT) -> Exchange:
    """An exchange with these notes."""
    return Exchange("e", request, Session("s"), notes=notes)


def test_the_latest_with_facts_counts() -> None:
    """Others' words, and words without facts, are passed over."""
    notes = (
        Note("team", "answer", "first", facts={"n": 1}),
        Note("team", "answer", "second", facts={"n": 2}, texts=("seen",)),
        Note("team", "answer", "third"),
        Note("other", "answer", "fourth", facts={"n": 4}),
    )
    assert told(exchange(*notes), "team") == Told({"n": 2}, ("seen",))
    assert told(exchange(), "team") == Told()


def test_all_calls_are_billed() -> None:
    """Where there were any, and the form can say so."""
    note = Note("team", "answer", "done", facts=BILL)
    decision = billed(exchange(note), "team")
    assert decision is not None
    assert decision.quiet
    assert billed(exchange(note), "other") is None
    assert billed(exchange(Note("team", "answer", "nobody asked", facts={"bill": [0, 0, 0, 0, 0, 0]})), "team") is None
    assert billed(exchange(note, request=CHAT.but(form="embeddings")), "team") is None
