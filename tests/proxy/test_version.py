"""Which Outrider this is."""

import re

from proxy.version import installed


def test_a_version_is_always_known() -> None:
    """A number where it is installed, a word where it is not; never an error."""
    assert re.fullmatch(r"\d+\.\d+\.\d+.*|source", installed())
