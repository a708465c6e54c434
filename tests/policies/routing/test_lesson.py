"""What is learned across sessions: two parts that know nothing of each other."""

from policies.routing.condition import Sighting
from policies.routing.lesson import CONDITION, SCORES, fold, part, told
from policies.routing.outcomes import Outcome


def test_each_part_gets_what_is_told_of_it() -> None:
    """Scores and sightings go where they belong; nothing told is nothing."""
    assert told([]) == {}
    seen = Sighting("m", 5.0, "well", waited_s=1.0)
    known = fold(None, [told([Outcome("m", (), 1.0)]), told([], [seen]), told([Outcome("n", (), 0.0)], [seen])])
    assert list(part(known, SCORES)) == ["m", "n"]
    assert part(known, CONDITION)["m"]["asked"] == 2.0
    assert part(None, SCORES) is None
