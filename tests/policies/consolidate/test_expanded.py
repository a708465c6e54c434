"""What an outline holds comes back exactly; what is no outline is refused."""

import pytest
from hypothesis import given

from policies.consolidate.expanded import expanded
from policies.consolidate.outline import outline
from tests.policies.consolidate.documents import exactly, texts


@given(texts)
def test_every_value_comes_back(text: str) -> None:
    """Strings to the letter, numbers in their spelling, keys in their order."""
    made = outline(text)
    if made is None:
        assert exactly(text) in ([], ("object", []))
        return
    assert exactly(expanded(made)) == exactly(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("just words", "no colon"),
        ("a:1\n b:2", "no key"),
        ("[2]{a,b}:\n 1,2", "a row is missing"),
        ("[1]{a,b}:\n 1", "a cell is missing"),
        ("[1]{a,b}:\n 1,2,3", "a cell too many"),
        ("[1]{a,b}:\n 1,2\nc:3", "belong nowhere"),
        ("[1]{a,b:\n 1,2", "a header ends so"),
        ("[x]:\n 1,2", "no count"),
        ("[a,b]c", "more after the value"),
        ('a:"b"c', "more after the value"),
        ("a:[b", "no ]"),
        ("a:```\nb", "not in list"),
    ],
)
def test_what_is_no_outline_is_refused(text: str, complaint: str) -> None:
    """A reader is told what is wrong, rather than given half a value."""
    with pytest.raises(ValueError, match=complaint):
        expanded(text)
