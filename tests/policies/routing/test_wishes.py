"""What a user may want."""

from policies.routing.wishes import NAMES, Wishes


def test_a_name_may_say_what_counts() -> None:
    """`auto` follows the knob; the other two say it themselves."""
    wishes = Wishes(quality=0.6)
    assert [wishes.weight(name) for name in NAMES] == [0.6, 0.3, 1.0]
