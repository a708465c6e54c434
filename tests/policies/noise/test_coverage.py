"""How much of each worker stands in the aggregate."""

from policies.noise.coverage import by_worker, coverage
from policies.noise.statements import Statements
from policies.noise.text import sentences
from tests.policies.noise.team import AGGREGATE, WORKERS, without


def covered(aggregate: str) -> list[float | None]:
    """Of each of the five."""
    return by_worker(coverage(Statements(WORKERS), sentences(aggregate)), len(WORKERS))


def test_a_copy_is_covered_whole() -> None:
    """And nothing of what is not there."""
    assert all(each is not None and each > 0.999 for each in covered("\n".join(WORKERS)))
    assert all(each is not None and each < 0.05 for each in covered("Entirely unrelated words about gardening."))


def test_the_dropped_one_is_covered_least() -> None:
    """Whoever it is."""
    for gone in range(5):
        found = [each or 0.0 for each in covered(without(gone))]
        assert min(range(5), key=found.__getitem__) == gone
        assert found[gone] < 0.5 * sorted(found)[1]


def test_each_statement_is_told() -> None:
    """So that the missing one can be named."""
    found = coverage(
        Statements(WORKERS), sentences(AGGREGATE.replace("Users want an offline mode and a dark theme", ""))
    )
    least = min((each for each in found if each.statement.worker == 2), key=lambda each: each.similarity)
    assert least.statement.sentence.text == "Users ask for an offline mode and a dark theme."


def test_a_worker_who_says_nothing_has_no_coverage() -> None:
    """Which is not the same as none of it."""
    assert by_worker(coverage(Statements(["", "A boat sank."]), sentences("A boat sank.")), 2)[0] is None
