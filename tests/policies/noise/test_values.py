"""Values that differ from the workers'."""

from policies.noise.values import MOST, Deviation, deviations, given, values


def differing(workers: list[str], aggregate: str) -> list[Deviation]:
    """What is said of the aggregate's values."""
    return deviations(given(workers), values(aggregate), len(workers))


def test_what_is_the_same_in_other_words_does_not_differ() -> None:
    """Formats, roundings that are said to be such, less than was said, sums, counts of workers."""
    workers = [
        "The plant in Turku sold 1,204 engines in May 2023. It has 31 welders.",
        "The plant in Vaasa sold 2,100 engines in May 2023. It opened on 3 June 1998. It made $4,183,222.",
    ]
    for told in (
        "Turku sold 1204 engines.",
        "Turku sold about 1,200 engines.",
        "Vaasa sold 2.1k engines.",
        "The plants sold 3304 engines together.",
        "Vaasa opened in 1998.",
        "Vaasa made $4.18M.",
        "Vaasa made almost $4.5 million.",
        "Vaasa opened in June 1998.",
        "Thirty-one welders work in Turku.",
        "The two plants sold engines.",
    ):
        assert not differing(workers, told), told


def test_another_value_of_the_same_is_changed() -> None:
    """And it is told which one it was."""
    (found,) = differing(
        ["The plant in Turku sold 1,204 engines in May."], "In May, the Turku plant sold 1,304 engines."
    )
    assert found.changed
    assert found.worker == 0
    assert found.instead is not None
    assert found.instead.text == "1,204"


def test_a_value_that_stands_elsewhere_does_not_excuse_it() -> None:
    """Sixteen is a worker's number, but not of welders."""
    workers = ["The yard in Turku employs 31 certified welders.", "The canteen serves 16 kinds of soup."]
    (found,) = differing(workers, "The Turku yard employs 16 certified welders.")
    assert found.changed
    assert found.instead is not None
    assert found.instead.text == "31"


def test_a_pair_that_is_torn_apart_is_changed() -> None:
    """Each time is true, but of the other day."""
    workers = ["They met at 1:56 pm on 8 May, 2023.", "They met at 10:37 am on 27 June, 2023."]
    assert not differing(workers, "They met on 8 May 2023 at 1:56 pm.")
    assert any(each.changed for each in differing(workers, "They met on 9 May 2023 at 1:56 pm."))


def test_a_value_of_something_else_is_only_unseen() -> None:
    """Nobody said how many cats there are."""
    (found,) = differing(["The plant in Turku sold 1,204 engines."], "Seven hundred cats live in Oslo.")
    assert not found.changed
    assert found.instead is None


def test_long_tables_and_endless_digits_are_no_trouble() -> None:
    """Of each text the first values are read."""
    table = "\n".join(f"row {number}: {number * 7} of {number * 3}" for number in range(20_000))
    assert differing([table, "1" * 50_000], "9" * 50_000 + " rows") is not None
    assert len(values(table)) == MOST


def test_tomorrow_is_a_day() -> None:
    """Told from the only date there is."""
    worker = "10:04 am on 19 June, 2023\nThe opening night of the studio is tomorrow."
    assert not differing([worker], "The opening night of the studio is on 20 June.")
    assert differing([worker], "The opening night of the studio is on 23 June.")
