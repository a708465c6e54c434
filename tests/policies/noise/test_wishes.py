"""Whom to look at."""

from policies.noise.wishes import Wishes


def test_an_agents_own_mode_counts() -> None:
    """Else the general one; nobody is looked at where all are off."""
    assert Wishes("shadow", {"ann": "off"}).looks("ben")
    assert not Wishes("shadow", {"ann": "off"}).looks("ann")
    assert Wishes(agents={"ann": "shadow"}).looks("ann")
    assert not Wishes(agents={"ann": "shadow"}).looks("ben")
    assert Wishes(agents={"ann": "shadow"}).anybody
    assert not Wishes(agents={"ann": "off"}).anybody
