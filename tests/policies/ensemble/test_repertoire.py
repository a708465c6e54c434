"""Templates of earlier runs."""

import json

from policies.ensemble.repertoire import MOST_KEYS, MOST_TEMPLATES, best, fold, key, told
from policies.ensemble.template import Role

TEAM = (Role("look", "Gather what is known."), Role("say", "Answer in a line.", ("look",)))
ASK = "Why does the sea have waves, and how many were there on the 3rd of May?"


def test_kinds() -> None:
    """By what a question asks for, and whose it is; its words are not in it."""
    assert key(ASK, "ann") == "ann|numbers|why"
    assert key("Compare these plans:\nA. one\nB. two", "ann") == "ann|choice|compare"
    assert key("x" * 3000, "") == "|long"
    assert key("Hello there", "bob") == "bob"


def test_what_did_well_is_taken_again() -> None:
    """Once is enough; what had to be put right as often as not is designed anew."""
    run = told(TEAM, ASK, good=True)
    bad = told(TEAM, ASK, good=False)
    assert run
    assert bad
    lesson = json.loads(json.dumps(fold({}, [("k", *run)])))
    assert best(lesson["k"]) == TEAM
    lesson = fold(lesson, [("k", *bad), ("k", *bad)])
    assert best(lesson["k"]) is None
    assert best(()) is None
    assert best([["no template", 1, 1]]) is None


def test_a_template_that_tells_of_its_question_is_not_kept() -> None:
    """Four words of it in a row, or a number."""
    for words in ("See whether the sea have waves.", "Look at the 3rd."):
        assert told((TEAM[0]._replace(instruction=words), TEAM[1]), ASK, good=True) is None


def test_it_stays_small() -> None:
    """The oldest kinds go, and the poorest templates of a kind."""
    many = [(f"k{number}", "{}", True) for number in range(2 * MOST_KEYS)]
    assert list(fold({}, many)) == [f"k{number}" for number in range(MOST_KEYS, 2 * MOST_KEYS)]
    lesson = fold({}, [("k", f"t{number}", number > 4) for number in range(8)])
    assert [row[0] for row in lesson["k"]] == ["t5", "t6", "t7"][:MOST_TEMPLATES]
