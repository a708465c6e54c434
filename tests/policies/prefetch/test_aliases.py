"""What users call things."""

from policies.prefetch.aliases import Aliases, may_name
from policies.prefetch.state import Heard

HERE = Heard(1, "from")


def test_a_city_stands_for_its_airport() -> None:
    """Once it was seen twice; words that stand beside everything stand for nothing."""
    aliases = Aliases()
    for city, code in (("chicago", "ORD"), ("boston", "BOS"), ("chicago", "ORD"), ("boston", "BOS"), ("denver", "DEN")):
        aliases.learn([city, "monday"], f'"{code}"')
    again = Aliases(aliases.json())
    assert list(again.meant({"chicago": HERE, "monday": HERE, "denver": HERE})) == [('"ORD"', HERE)]


def test_what_may_be_called_otherwise() -> None:
    """Short words of capitals."""
    assert [value for value in ('"JFK"', '"Yes"', "3", '"HAT001"', '"ECONOMYCLASS"') if may_name(value)] == ['"JFK"']
