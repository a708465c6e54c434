"""A model that reads the cards."""

from policies.routing.choice import Candidate
from policies.routing.judging import MOST, choosing, judged
from proxy.policy import Call, Failure
from proxy.roster import Card, Model
from tests.policies.ensemble.table import Table, chat

BIG = Candidate(Model("big", "a", card=Card("The flagship.", ("code", "math"))), 0.9, 0, 0.02, 0.0)
SMALL = Candidate(Model("small", "a"), 0.6, 0, None, 0.0)


def test_the_judge_is_asked_once_and_followed() -> None:
    """The model it names gets the client's own request; the others stand by in their order."""
    table = Table({"judge": "I would take small."})
    ended = table.play(judged(chat("Where is the gate?", stream=True), [BIG, SMALL], "judge"))
    assert isinstance(ended, Call)
    assert (ended.request.model, ended.request.stream) == ("small", True)
    assert [each.model for each in ended.instead] == ["big"]
    assert table.purposes == ["route"]
    assert table.says[0].facts["judged"] is True
    assert table.says[0].facts["bill"][0] == 1


def test_without_an_answer_the_worthiest_is_asked() -> None:
    """And it is said why: no reply, or no name in it."""
    for said, why in ((Failure("not within 10 s"), "not within 10 s"), ("It depends.", "names none")):
        table = Table({"judge": said})
        ended = table.play(judged(chat(), [BIG, SMALL], "judge"))
        assert isinstance(ended, Call)
        assert ended.request.model == "big"
        assert why in table.says[0].reason


def test_what_it_is_shown() -> None:
    """Cards, skills, what the question would cost, and the end of a long one."""
    words = choosing("x" * MOST + "Where is the gate?", [BIG, SMALL])
    assert "- big: The flagship. Good at code, math. About $0.02 for this question." in words
    assert "- small: Nothing is known of it." in words
    assert words.endswith("Where is the gate?")
    assert len(words) < MOST + 500
