"""What a request adds to its session's bill, and what it teaches: contract and state are charged to condensing."""

from typing import Any

from policies.consolidate.accounts import agent_key, charged, figures, told
from policies.consolidate.case import Case
from policies.consolidate.choice import Marks
from policies.consolidate.ledger import Branch, Ledger
from policies.consolidate.standing import bill
from policies.consolidate.tariff import Rates, tariff
from proxy.conversation import Turn
from proxy.exchange import Completion, Exchange, Usage
from tests.policies.consolidate.talk import asked, exchange, user

PRICES = tariff(Rates(1e-6, 1e-6, 1e-6, 1e-5), "chat", "m")
REPLY = Completion(200, turns=(Turn("assistant", "Yes."),), finish="stop", usage=Usage(100, 50), cost=0.25)


def answered() -> Exchange:
    return exchange(asked("chat", [user("a")])).but(completion=REPLY)


def case(mode: str, contract: int = 0) -> Case:
    return Case(asked("chat", [user("a")]), mode, PRICES, 1000, Marks(900, 300, True), 0, None, contract)


def billed(mode: str, **extra: Any) -> tuple[Ledger, Any]:
    branch = Branch(sizes=(100,), whole=400)
    ledger = charged(Ledger((branch,)), Ledger(), branch, case(mode, extra.pop("contract", 0)), answered(), **extra)
    return ledger, bill(ledger.purse["bill"])


def test_what_was_not_sent_is_saved() -> None:
    """By the client's own history beside what went on."""
    ledger, one = billed("on")
    assert (round(one.plain, 9), round(one.ours, 9)) == (0.0019, 0.0016)
    assert figures(ledger, Ledger(), Branch(sizes=(100,), whole=400), "on")["saved_tokens"] == 300


def test_the_contract_and_the_state_are_no_cost_of_the_clients() -> None:
    """The one is prompt, the other is output, of what condensing sends and gets."""
    _, plain = billed("tagged", contract=200, state=40)
    _, on = billed("on")
    assert round(on.plain - plain.plain, 9) == 0.0004
    assert round(plain.ours - on.ours, 9) == 0.0002


def test_what_is_told() -> None:
    """Of an agent of one caller: how long sessions last; of a trial, each request."""
    one = answered()
    key = agent_key(one)
    assert key == "me:agent"
    assert told(one, Ledger(purse={"requests": 1, "events": 0, "bill": [0.0] * 6}), "on") == [[key, "reached", 1]]
    assert told(one, Ledger(purse={"requests": 1, "events": 0}), "tagged") == [
        [key, "trial", "tagged", "s1", 100, 0.25, "finished"]
    ]
