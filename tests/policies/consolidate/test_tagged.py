"""The model's own state in the place of what came before its last turn: cuts, groups, and what stays."""

from typing import Any

import pytest

from policies.consolidate.contract import told
from policies.consolidate.event import measure
from policies.consolidate.ledger import Branch, Ledger, recall
from policies.consolidate.tagged import checkpoint, noted
from proxy.conversation import Turn
from tests.policies.consolidate.talk import asked, call, said, user

FORMS = ["chat", "responses", "messages"]


def count(text: str) -> int:
    return -(-len(text) // 4)


def turns_of(form: str, items: list[dict[str, Any]]) -> tuple[Turn, ...]:
    request = asked(form, items)
    assert request.conversation is not None
    return request.conversation.turns


def grown(branch: Branch, turns: tuple[Turn, ...]) -> Branch:
    return branch.grown(turns, lambda place: measure(count, turns[place]))


def looked(form: str, number: int) -> list[dict[str, Any]]:
    return call(form, f"call_{number}", "search", {"page": number}, f"result {number}")


@pytest.mark.parametrize("form", FORMS)
def test_it_replaces_everything_before_the_reply_that_bore_it(form: str) -> None:
    """The reply, its results and what followed stay; so do the first task and the last thing the user asked."""
    items = [user("Find a flat."), *looked(form, 1), said("One."), user("And the next?")]
    before = turns_of(form, items)
    branch = noted(grown(Branch(), before), "seen one")
    after = turns_of(form, [*items, *looked(form, 2), said("Two."), user("And?")])
    made = checkpoint(grown(branch, after), after, count, "e2")
    assert made is not None
    assert made.start == len(before)
    assert [after[place].text for place in made.kept] == ["Find a flat.", "And the next?"]
    assert made.text == told("seen one")
    assert grown(branch, after).condensed(made).tokens == made.tokens + sum(
        measure(count, turn) for turn in after[made.start :]
    )


def test_what_the_user_asked_before_does_not_stay_for_ever() -> None:
    """The newest takes its place; rules stay."""
    items = [user("Find a flat."), said("Where?"), user("Never on the ground floor.")]
    branch = Branch()
    texts: list[str] = []
    for number in range(5):
        turns = turns_of("chat", items)
        branch = grown(branch, turns)
        made = checkpoint(branch, turns, count, f"e{number}")
        branch = noted(branch.condensed(made) if made else branch, f"state {number}")
        texts = [turns[place].text for place in made.kept] if made else []
        items += [said(f"Page {number}."), user(f"Question {number}?")]
    assert texts == ["Find a flat.", "Never on the ground floor.", "Question 2?"]


def test_without_a_state_nothing_goes() -> None:
    """And with an older one, nothing that came after it."""
    items = [user("Find a flat."), said("Where?"), user("Lyon.")]
    turns = turns_of("chat", items)
    branch = grown(Branch(), turns)
    assert noted(branch, "") is branch
    longer = turns_of("chat", [*items, said("a"), user("b")])
    assert checkpoint(grown(branch, longer), longer, count, "e") is None
    stated = noted(branch, "in Lyon")
    later = grown(stated, longer)
    made = checkpoint(later, longer, count, "e")
    assert made is not None
    condensed = later.condensed(made)
    longest = turns_of("chat", [*items, said("a"), user("b"), said("c"), user("d")])
    assert checkpoint(grown(noted(condensed, ""), longest), longest, count, "e") is None


def test_another_history_gets_no_state_of_this_one() -> None:
    """The turn before the reply has to be the same; a reply asked for again has none."""
    items = [user("Find a flat."), said("Where?"), user("Lyon.")]
    turns = turns_of("chat", items)
    branch = noted(grown(Branch(), turns), "in Lyon")
    assert checkpoint(branch, turns, count, "e") is None
    other = turns_of("chat", [*items[:2], user("Nice."), said("a"), user("b")])
    assert checkpoint(grown(branch, other), other, count, "e") is None


@pytest.mark.parametrize("form", FORMS)
def test_no_call_is_cut_from_its_result(form: str) -> None:
    """An answer in the middle of open calls has no seam before it."""
    items = [user("Find a flat."), *looked(form, 1)]
    turns = turns_of(form, items[:-1])
    branch = noted(grown(Branch(), turns), "asked")
    after = turns_of(form, [*items, said("One.")])
    assert checkpoint(grown(branch, after), after, count, "e") is None


def test_signed_groups_stay() -> None:
    """Whole, as in the other makers."""
    thought = {"type": "thinking", "thinking": "x", "signature": "sealed"}
    items = [
        user("a"),
        {"role": "assistant", "content": [thought, {"type": "text", "text": "b"}]},
        user("c"),
        said("d"),
        user("e"),
    ]
    turns = turns_of("messages", items)
    branch = noted(grown(Branch(), turns), "state")
    after = turns_of("messages", [*items, said("f"), user("g")])
    made = checkpoint(grown(branch, after), after, count, "e")
    assert made is not None
    assert made.kept == (0, 1, 4)


def test_the_store_gives_it_back() -> None:
    """With the branch."""
    branch = noted(Branch(length=3, last="ab"), "state")
    assert recall(Ledger((branch,)).memory()).branches == (branch,)
