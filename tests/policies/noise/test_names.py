"""Names in texts."""

from policies.noise.names import names


def test_names_are_found_within_sentences() -> None:
    """Rows of capitals too; the first word of a sentence only where it is a name elsewhere."""
    found = [
        each.text for each in names("Yesterday Mary Smith met Tom in New York. Tom was late. Nobody saw Mary's car.")
    ]
    assert found == ["Yesterday Mary Smith", "Tom", "New York", "Tom", "Mary's"]
    assert not names("nothing with a capital")
    assert not names("ALL OF THIS IS SHOUTED AND SAYS NOTHING")


def test_parts_are_compared_without_case() -> None:
    """And without what marks possession."""
    assert names("He saw Mary's car.")[0].parts == ("mary",)
