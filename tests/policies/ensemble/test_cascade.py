"""Cascade played: cheap where two agree, the most able where they differ."""

from typing import Any

import pytest

from policies.ensemble.asking import Account, Limits
from policies.ensemble.cascade import cascade, cheapest_first
from policies.ensemble.member import Member
from policies.ensemble.sitting import Sitting
from proxy.exchange import Completion, Request
from proxy.policy import Call, Failure
from tests.policies.ensemble.table import Table, chat

POOL = [Member("big", skill=0.8, price=10.0), Member("middle", price=2.0), Member("small", price=0.1)]
OPEN = "Write of the sea."


def at(request: Request | None = None, pool: list[Member] | None = None, **limits: Any) -> Sitting:
    return Sitting("cascade", request or chat(), pool or POOL, Account(Limits(**limits)))


def test_two_that_agree() -> None:
    """The cheapest's own reply, after two calls; the big one is not asked."""
    table = Table({"small": "B", "middle": "The answer is B."})
    ended = table.play(cascade(at()))
    assert isinstance(ended, Completion)
    assert ended.model == "small"
    assert [model for model, _, _ in table.heard] == ["small", "middle"]
    assert "middle agrees" in table.says[-1].reason


def test_two_that_differ() -> None:
    """The most able answers the client's own request, and streams."""
    table = Table({"small": "A", "middle": "B"})
    ended = table.play(cascade(at(chat(stream=True))))
    assert isinstance(ended, Call)
    assert ended.request.model == "big"
    assert ended.request.stream
    assert "middle differs from small | big answers" in table.says[-1].reason


@pytest.mark.parametrize(("sure", "model"), [("0.9", "small"), ("I am 95% sure: 95", "small"), ("0.3", "big")])
def test_open_text_is_doubted(sure: str, model: str) -> None:
    """A number decides: the cheap reply, or the most able model's."""
    ended = Table({"small": "The sea is a deep and blue thing.", "middle": sure}).play(cascade(at(chat(OPEN))))
    assert (ended.request.model if isinstance(ended, Call) else ended.model) == model


@pytest.mark.parametrize("said", ["It is a fine answer indeed.", Failure("status 500")])
def test_a_checker_that_cannot_say_keeps_nobody(said: object) -> None:
    """An essay instead of a number, or no reply: the cheap answer goes out."""
    table = Table({"small": "The sea is a deep and blue thing.", "middle": said})
    ended = table.play(cascade(at(chat(OPEN))))
    assert isinstance(ended, Completion)
    assert table.says[-1].facts["malformed"] == (0 if isinstance(said, Failure) else 1)


def test_up_the_ladder() -> None:
    """The cheapest fails: the next one answers and the big one checks. All fail: it is tried all the same."""
    table = Table({"small": Failure("status 500"), "middle": "B", "big": "B"})
    ended = table.play(cascade(at()))
    assert isinstance(ended, Completion)
    assert ended.model == "middle"
    ended = Table({"small": Failure("x"), "middle": Failure("x"), "big": "B"}).play(cascade(at()))
    assert isinstance(ended, Completion)
    assert ended.model == "big"
    assert isinstance(Table(lambda *_: Failure("x")).play(cascade(at())), Call)


def test_of_two_the_better_has_the_word() -> None:
    """A pool of two that differ: the checker's own reply is given, and nobody is asked again."""
    ended = Table({"one": "A", "two": "B"}).play(cascade(at(pool=[Member("one"), Member("two")])))
    assert isinstance(ended, Completion)
    assert ended.model == "one"


def test_prices_order_the_ladder() -> None:
    """Cheapest first; without prices the last of the pool is taken for the cheapest."""

    def order(pool: list[Member]) -> list[str]:
        return [each.name for each in cheapest_first(pool, pool)]

    assert order(POOL) == ["small", "middle", "big"]
    assert order([Member("a"), Member("b"), Member("c")]) == ["c", "b", "a"]
    assert order([Member("a", price=5.0), Member("b"), Member("c", price=1.0)])[0] == "c"


def test_a_reply_without_one_of_the_choices_is_no_answer() -> None:
    """However sure somebody would be of it: the next one up is asked, and the last one's counts in any case."""
    table = Table({"small": "Paris is a fine city on a river.", "middle": "B", "big": "B"})
    ended = table.play(cascade(at()))
    assert isinstance(ended, Completion)
    assert ended.model == "middle"
    lost = Table(dict.fromkeys(("small", "middle", "big"), "It is a fine city on a river.")).play(cascade(at()))
    assert (lost.request.model if isinstance(lost, Call) else lost.model) == "big"
