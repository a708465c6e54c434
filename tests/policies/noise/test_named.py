"""Workers that a request names."""

import pytest

from policies.noise.named import HEADER, LONGEST, MOST, named
from proxy.exchange import Request


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", ()),
        ("ann", ("ann",)),
        (" ann , ben,, ann ,eva", ("ann", "ben", "eva")),
        ("x" * (LONGEST + 1), ()),
        ("a\tb, ben", ("ben",)),
    ],
)
def test_names_are_told_with_commas_between(said: str, found: tuple[str, ...]) -> None:
    """Each once, in order; what cannot be an id is none."""
    assert named(Request("POST", "/v1/chat/completions", ((HEADER, said.encode()),))) == found


def test_there_are_so_many_at_most() -> None:
    """The first ones."""
    said = ",".join(map(str, range(MOST + 5)))
    assert named(Request("POST", "/", ((HEADER, said.encode()),))) == tuple(map(str, range(MOST)))
