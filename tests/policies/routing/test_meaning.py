"""A question's embedding before its model is chosen."""

from policies.routing.choice import Candidate, Field
from policies.routing.meaning import by_meaning
from policies.routing.need import Need
from proxy.policy import Call, Failure
from proxy.roster import Model
from tests.policies.ensemble.table import Table, chat

BIG = Candidate(Model("big", "a"), 0.9, 0, 0.02, 0.0)
SMALL = Candidate(Model("small", "a"), 0.6, 0, 0.01, 0.0)
ASKED = chat("Where is the gate?", stream=True)
NEED = Need(10, tools=False, modalities=frozenset(), asks=frozenset(), bound=False, question="Where is the gate?")


def weighed(need: Need) -> Field:
    """By its embedding, the small one; by words, the big one."""
    return Field((SMALL, BIG) if need.vector else (BIG, SMALL), ())


def test_the_embedding_decides() -> None:
    """The question is embedded; the worthiest by that gets the client's request, the other stands by."""
    table = Table({}, embedded=lambda texts: [(1.0, 0.0)] * len(texts))
    ended = table.play(by_meaning(ASKED, NEED, weighed))
    assert isinstance(ended, Call)
    assert (ended.request.model, ended.request.stream) == ("small", True)
    assert [each.model for each in ended.instead] == ["big"]
    assert "small of 2" in table.says[0].reason


def test_without_one_its_words_do() -> None:
    """And it is said why."""
    table = Table({}, embedded=lambda _texts: Failure("the embeddings are being loaded"))
    ended = table.play(by_meaning(ASKED, NEED, weighed))
    assert isinstance(ended, Call)
    assert ended.request.model == "big"
    assert table.says[0].reason.endswith("; by words: the embeddings are being loaded")
