"""What cards give to believe."""

from policies.routing.prior import read, share, topics
from proxy.roster import Card, Price


def test_larger_newer_dearer_and_praised_is_believed_better() -> None:
    """Each by itself, all else alike."""
    old = read("m", Card("An assistant of 8 billion parameters, released 2023-05."))
    assert read("m", Card("An assistant of 70 billion parameters, released 2023-05.")).level > old.level
    assert read("m", Card("An assistant of 8 billion parameters, released 2024-11.")).level > old.level
    assert read("m", Card("A base model of 8 billion parameters, released 2023-05.")).level < old.level
    assert read("m", Card("The flagship, of 8 billion parameters, released 2023-05.")).level > old.level
    assert read("m", Card(price=Price(10, 30))).level > read("m", Card(price=Price(0.1, 0.3))).level


def test_a_name_tells_the_size_where_the_card_does_not() -> None:
    """`70b`, `8x7B`; a version is no size, and nothing told is the middle."""
    assert read("some-70b-chat", Card()).level > read("some-8x7B", Card()).level > read("some-7b", Card()).level
    assert read("model-3.5-turbo", Card()).level == read("model", Card()).level == 0.5


def test_a_specialist_is_for_its_own_questions() -> None:
    """Above the general model on code, below it on everything else; a skill without narrowness costs nothing."""
    beliefs = [
        read("general", Card("A general assistant.")),
        read("coder", Card("Specialised in code.", skills=("coding",))),
        read("both", Card("A general assistant.", skills=("code",))),
    ]
    asked = [topics(text) for text in ("```python\ndef f(x):\n```", "Who was the first king of Siam?")]
    code, chat = ([share(belief, those) for belief in beliefs] for those in asked)
    assert code[1] > code[0] > chat[1]
    assert code[2] > code[0] == chat[0] == chat[2]


def test_questions_show_what_they_ask_for() -> None:
    """Scripts and words; a plain question asks for nothing special."""
    assert topics("下列哪个城市是首都?") == {"chinese"}
    assert "math" in topics("How many eggs are left? Solve it.")
    assert topics("Who painted this?") == frozenset()
