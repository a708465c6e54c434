"""Which earlier outputs a text quotes."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from policies.noise.quotations import LASTING_S, MOST, Outputs, edges, fresh
from policies.noise.text import words
from proxy.conversation import ToolResult, Turn
from tests.policies.noise.team import AGGREGATE, FINANCE, PEOPLE, WORKERS


def remembered(*texts: str) -> Outputs:
    """Outputs of workers w0, w1, … at 0, 1, … seconds, as the store would give them back."""
    outputs = Outputs()
    for number, text in enumerate(texts):
        outputs.add(f"o{number}", f"w{number}", text, float(number))
    return Outputs(json.loads(json.dumps(outputs.json())))


def quoted(outputs: Outputs, text: str, now: float = 10.0, reader: str = "") -> list[str]:
    """Ids of the outputs in a text."""
    return [each.output.id for each in outputs.quoted(text, now, reader)]


def test_a_fan_in_names_its_workers() -> None:
    """Whatever stands around what they said, and in the order in which it stands there."""
    outputs = remembered(*WORKERS)
    prompt = f"Merge these reports.\n\n## Second\n> {PEOPLE}\n\n## First\n{FINANCE.upper()}\nBe brief."
    assert quoted(outputs, prompt) == ["o1", "o0"]
    assert edges(outputs.quoted(prompt, 10.0), "boss") == {("w1", "boss"): 1, ("w0", "boss"): 1}
    assert quoted(outputs, AGGREGATE) == []
    assert quoted(outputs, FINANCE[: len(FINANCE) // 3]) == []


def test_nobody_aggregates_oneself() -> None:
    """A session that gets its own words back."""
    assert quoted(remembered(FINANCE, PEOPLE), FINANCE + PEOPLE, reader="w0") == ["o1"]


def test_what_a_quoted_output_quotes_is_its_own_affair() -> None:
    """An editor's text holds the writer's; who reads the editor has read one output."""
    outputs = remembered(
        FINANCE, f"I corrected it a little, and this is how it reads now: {FINANCE} That is all of it."
    )
    assert quoted(outputs, f"I corrected it a little, and this is how it reads now: {FINANCE} That is all of it.") == [
        "o1"
    ]


def test_short_outputs_are_known_as_a_whole() -> None:
    """Those of three words are not."""
    outputs = remembered("The answer is 42 indeed.", "It is 42.")
    assert quoted(outputs, "One said: the answer is 42 indeed! Another said: it is 42.") == ["o0"]


def test_the_memory_is_bounded_and_forgets() -> None:
    """The oldest goes, and what is old is not quoted any more; an output said twice under one id is one."""
    outputs = Outputs()
    for number in range(MOST + 5):
        outputs.add(f"o{number}", "w", f"output number {number} with some words behind it for a shingle", 0.0)
    assert len(outputs) == MOST
    outputs.add("again", "w", FINANCE, 1.0)
    outputs.add("again", "w", FINANCE, 2.0)
    assert len(outputs) == MOST
    assert quoted(outputs, FINANCE, 3.0) == ["again"]
    assert quoted(outputs, FINANCE, 3.0 + LASTING_S) == []
    outputs.add("late", "w", PEOPLE, 5.0 + LASTING_S)
    assert len(outputs) == 1


def test_only_what_is_new_is_read() -> None:
    """All before the model's last word was seen when it came."""
    turns = [
        Turn("user", "old question"),
        Turn("assistant", "old answer"),
        Turn("tool", "", results=(ToolResult("c1", "a result"),)),
        Turn("user", "new question", name="planner"),
    ]
    assert fresh(turns) == "a result\nnew question"
    assert fresh(turns[:1]) == "old question"
    assert fresh(turns[:2]) == ""


WORDS = st.lists(
    st.sampled_from(
        ["the", "boat", "sank", "near", "a", "small", "island", "while", "rain", "fell", "on", "old", "trees"]
    )
)


@given(st.lists(WORDS.map(" ".join), max_size=6), WORDS.map(" ".join), st.integers(0, 5))
def test_what_is_pasted_is_found(texts: list[str], around: str, which: int) -> None:
    """Or lies within another that is found."""
    outputs = remembered(*texts)
    if not texts:
        assert quoted(outputs, around) == []
        return
    pasted = texts[which % len(texts)]
    found = outputs.quoted(f"{around} {pasted} {around}", 10.0)
    if len(pasted.split()) >= 8:
        assert found
    assert all(0.6 <= each.share <= 1 and each.begin < each.end for each in found)


def test_words_that_two_share_do_not_stretch_a_quote() -> None:
    """The same opening in every report: each still stands where it stands, and none holds another."""
    opening = "Findings on the price of oats in the valley, as they stand today:"
    texts = [f"{opening} {text}" for text in (FINANCE, PEOPLE, AGGREGATE)]
    quotes = remembered(*texts).quoted("\n\n".join(texts), 10.0)
    assert [each.output.id for each in quotes] == ["o0", "o1", "o2"]
    assert all(one.end <= two.begin + 14 for one, two in pairwise(quotes))


def test_outputs_that_share_their_words_are_told_apart() -> None:
    """Two that differ in a number, a preamble that all have: each is found where it stands, and none holds another."""
    preamble = "As the specialist in charge I have looked into the matter with great care."
    said = [f"{preamble} Site {name} has {count} wells and needs no repair this year at all." for name, count in
            (("north", "31"), ("south", "17"), ("east", "54"))]  # fmt: skip
    outputs = Outputs()
    for place, text in enumerate(said):
        outputs.add(f"e{place}", f"s{place}", text, float(place))
    told = "Bring together:\n" + "\n".join(said)
    quotes = outputs.quoted(told, 10.0)
    assert [quote.output.id for quote in quotes] == ["e0", "e1", "e2"]
    assert [" ".join(words(told)[quote.begin : quote.end]) for quote in quotes] == [
        " ".join(words(text)) for text in said
    ]
