"""Usage and cost: the provider's counts first, an estimate where there are none, never a made-up price."""

from proxy.charge import PER_TURN, Charge
from proxy.conversation import Conversation, Turn
from proxy.exchange import Exchange, Request, Session, Usage
from proxy.wire import Outcome


class Prices:
    """A dollar per token, for one model at one place."""

    def cost(
        self, model: str, usage: Usage, *, upstream_url: str = "", at: float | None = None, service_tier: str = ""
    ) -> float | None:
        if (model, upstream_url) != ("known", "https://here"):
            return None
        return (usage.prompt + usage.completion) * (0.5 if service_tier == "flex" else 1.0)


def turn(text: str, number: int) -> Turn:
    return Turn("user", text, strict=number.to_bytes(16, "big"))


def exchange(*turns: Turn, model: str = "known") -> Exchange:
    request = Request("POST", "/v1/chat/completions", model=model, conversation=Conversation(turns))
    return Exchange("x", request, Session("s"), now=1.0)


def charge(counted: list[str]) -> Charge:
    def count(text: str) -> int:
        counted.append(text)
        return len(text)

    return Charge(count, Prices(), lambda name: {"here": "https://here"}.get(name, ""))


SAID = (Turn("assistant", "yes"),)


def test_the_providers_counts_stand() -> None:
    """Nothing is counted where the provider did."""
    counted: list[str] = []
    outcome = Outcome(SAID, usage=Usage(10, 5), model="known")
    assert charge(counted)(exchange(turn("hi", 1)), outcome, "here") == (Usage(10, 5), 15.0)
    assert counted == []


def test_a_price_nobody_knows_is_null() -> None:
    """Neither an unknown model nor an unknown place costs zero: they cost nothing known."""
    outcome = Outcome(SAID, usage=Usage(10, 5))
    assert charge([])(exchange(model="other"), outcome, "here")[1] is None
    assert charge([])(exchange(model="known"), outcome, "elsewhere")[1] is None


def test_the_tier_that_answered_is_charged() -> None:
    """By the reply's word, not by what was asked for."""
    outcome = Outcome(SAID, usage=Usage(10, 5), model="known", tier="flex")
    assert charge([])(exchange(), outcome, "here") == (Usage(10, 5), 7.5)


def test_streams_without_usage_are_estimated_and_say_so() -> None:
    """Counted here, with each message's framing; marked as an estimate."""
    usage, cost = charge([])(exchange(turn("hello", 1)), Outcome(SAID, model="known"), "here")
    assert usage == Usage(5 + PER_TURN, 3, estimated=True)
    assert cost == 5 + PER_TURN + 3


def test_each_turn_is_counted_once() -> None:
    """A session's earlier turns are not counted again: turn 200 costs what turn 2 costs."""
    counted: list[str] = []
    bill = charge(counted)
    turns = [turn(f"turn {number}", number) for number in range(1, 50)]
    for end in range(1, len(turns) + 1):
        usage, _ = bill(exchange(*turns[:end]), Outcome(SAID), "here")
        assert usage is not None
        assert usage.prompt == sum(len(each.text) + PER_TURN for each in turns[:end])
    assert [text for text in counted if text.startswith("turn")] == [each.text for each in turns]


def test_what_cannot_be_read_has_no_usage() -> None:
    """No conversation, or nothing said: nothing is claimed."""
    bill = charge([])
    plain = Exchange("x", Request("GET", "/v1/files"), Session("s"))
    assert bill(plain, Outcome(SAID), "here") == (None, None)
    assert bill(exchange(turn("hi", 1)), Outcome(), "here") == (None, None)
