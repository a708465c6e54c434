"""Wording: how a state reads."""

from policies.consolidate.literals import KINDS
from policies.consolidate.sightings import Called, Seen
from policies.consolidate.wording import OPENING, Kept, Sentence, head, sentences, told

CALLED = {"2": Called("get_user", (("user_id", "mia_li_3668"),), 0)}


def value(home: str, field: str, order: int = 0, record: int = 0) -> Seen:
    return Seen(KINDS.index("id"), 0, 0, home, field, record, order)


def test_a_state_is_read_from_top_to_bottom() -> None:
    """What it is; loose literals; then words and calls in the order of the messages."""
    values = {"1990-04-05": value("2", "dob"), "card_77": value("2", "id", 1), "JFK": value("9", "origin")}
    kept = Kept([Sentence("4", 0, "Use my card.")], ["2"], ["1990-04-05", "card_77", "JFK"])
    text = told(kept, CALLED, values)
    assert text.splitlines() == [
        OPENING,
        "Also seen: origin JFK",
        "#2 get_user(mia_li_3668) → dob/id 1990-04-05 card_77",
        '#4 user: "Use my card."',
    ]


def test_of_several_records_the_one_looked_for_is_told_by_its_name() -> None:
    """So that nobody takes the neighbour's number for it."""
    called = {"5": Called("find", (("guest", "Mara Ilves"),), 0)}
    values = {
        "Mara Ilves": value("5", "guest", 2, 2),
        "Q7": value("5", "code", 1, 1),
        "K9": value("5", "code", 3, 2),
    }
    assert "→ code Q7; guest/code Mara Ilves K9" in told(Kept([], ["5"], ["Q7", "K9"]), called, values)
    assert told(Kept([], ["5"], ["K9"]), called, values).endswith("#5 find(Mara Ilves) → code K9")


def test_sentences_left_out_are_marked() -> None:
    """So that nobody reads two as one."""
    first, _, third = sentences("4", "I need a seat. By the way, hello! No night train.")
    assert '"I need a seat. … No night train."' in told(Kept([first, third]), {}, {})


def test_long_arguments_are_cut_in_a_calls_line() -> None:
    """With a mark."""
    assert head("3", Called("write", (("text", "x" * 500),), 0)) == f"#3 write({'x' * 60}…)"
