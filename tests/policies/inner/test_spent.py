"""What calls have used."""

from policies.inner.spent import NOTHING, Spent, cost_of, text_of, words_of
from proxy.conversation import Turn
from proxy.exchange import Usage
from proxy.policy import Failure
from tests.policies.ensemble.table import said


def test_calls_add_up_and_one_can_be_taken_out() -> None:
    """Tokens of all; those of the call that the client sees anyway are told elsewhere."""
    spent = NOTHING.plus(Usage(10, 3), 0.01).plus(Usage(20, 5, 4), 0.02)
    assert (spent.calls, spent.prompt, spent.completion, spent.cached, spent.usd) == (2, 30, 8, 4, 0.03)
    assert spent.tokens == 38
    assert spent.less(Usage(20, 5, 4)) == Spent(2, 10, 3, usd=0.03)


def test_limits() -> None:
    """What is reached is spent; zero is no limit."""
    spent = Spent(1, 10, 5, usd=0.5)
    assert spent.within(0, 0.0)
    assert spent.within(16, 0.51)
    assert not spent.within(15, 0.0)
    assert not spent.within(0, 0.5)


def test_what_is_not_known_is_nothing() -> None:
    """A call without a reply has used nothing that anybody knows of."""
    assert cost_of(None) == (Usage(), 0.0)
    assert cost_of(said("m", "yes"))[1] == 0.01
    assert cost_of(Failure("cut off", said("m", "ye"))) == cost_of(said("m", "ye"))
    assert cost_of(Failure("gone")) == (Usage(), 0.0)


def test_what_was_said() -> None:
    """A turn below the other; white space around it counts only where it is asked for as it stands."""
    assert text_of(said("m", " yes ")) == "yes"
    assert words_of((Turn("assistant", " one"), Turn("assistant", ""), Turn("tool", "two\n"))) == " one\ntwo\n"
