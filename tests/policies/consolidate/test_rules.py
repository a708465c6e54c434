"""How users put rules and corrections."""

import pytest

from policies.consolidate.rules import matters, rules


@pytest.mark.parametrize(
    "text",
    [
        "Never book a seat at the window.",
        "From now on, ask me first!",
        "NO, the other one",
        "I told you: the blue one",
        "please don\u2019t change the card",
        "It mustn't arrive before Friday",
        "Stop sending e-mails",
        "use that instead",
    ],
)
def test_rules_and_corrections(text: str) -> None:
    """In any case of letters, with either apostrophe; each of them matters too."""
    assert rules(text)
    assert matters(text)


@pytest.mark.parametrize(
    "text", ["I would rather fly", "Only two bags", "No thanks", "不要改", "wait a moment", "dont"]
)
def test_preferences_matter_and_are_no_rules(text: str) -> None:
    """They are told sooner than others, and are not kept word for word."""
    assert matters(text)
    assert not rules(text)


@pytest.mark.parametrize("text", ["", "Hello!", "I know the waiter.", "A nonstop flight to Nome", "My number is 4."])
def test_other_words(text: str) -> None:
    """What only looks like it inside a word is none."""
    assert not matters(text)
    assert not rules(text)
