"""What a user may want."""

from policies.routing.wishes import NAMES, Wishes, answered


def test_a_name_may_say_what_counts() -> None:
    """`auto` follows the knob; the other two say it themselves."""
    wishes = Wishes(quality=0.6)
    assert [wishes.weight(name) for name in NAMES] == [0.6, 0.3, 1.0]


def test_agents_have_weights_of_their_own() -> None:
    """By the name in the model, or the agent that asks; a name that says itself what counts is what it says."""
    wishes = Wishes("on", 0.6, {"planner": 1.0})
    assert wishes.weight("auto:planner") == wishes.weight("auto", "planner") == 1.0
    assert wishes.weight("auto:scribe") == wishes.weight("auto", "scribe") == 0.6
    assert wishes.weight("auto:scribe", "planner") == 0.6
    assert wishes.weight("auto/cheap", "planner") == 0.3


def test_what_is_answered() -> None:
    """The names, and any agent's."""
    assert all(map(answered, (*NAMES, "auto:planner")))
    assert not any(map(answered, ("auto:", "auto/other", "automatic", "gpt:auto", "")))
