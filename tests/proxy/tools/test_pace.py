"""Latencies, counts and pauses, with a clock of the test's own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.tools import pace as module
from proxy.tools.catalogue import Place
from proxy.tools.pace import Counter, Latencies, Limits, ServerPace, ToolPace

READ = Place("shop", "read")


@given(st.lists(st.floats(0, 100), max_size=100))
@settings(deadline=None, max_examples=60)
def test_p95_is_known_after_a_few_calls(taken: list[float]) -> None:
    """Of the newest ones; at least 19 of 20 do not exceed it."""
    latencies = Latencies()
    for seconds in taken:
        latencies.took(READ, seconds)
    p95, newest = latencies.p95(READ), taken[-module.KEPT :]
    if len(taken) < module.ENOUGH:
        assert p95 is None
        return
    assert p95 is not None
    assert sum(seconds <= p95 for seconds in newest) >= 0.95 * len(newest)
    assert latencies.p95(Place("shop", "other")) is None


def test_counts_are_kept_for_the_newest_keys() -> None:
    """There is an end to what is remembered."""
    counter = Counter()
    for number in range(module.MOST + 10):
        counter.add(number)
        counter.add("kept")
    assert counter.of(0) == 0
    assert counter.of(module.MOST) == 1
    assert counter.of("kept") == module.MOST + 10


def test_a_tool_that_fails_is_left_alone_longer_each_time() -> None:
    """Until it works again; its budget fills as time passes."""
    limits = Limits(pause_s=(5, 18), rate=2, burst=4)
    tool = ToolPace(0, 0.0)
    ends = []
    for _ in range(4):
        tool.ended(0.0, limits, well=False)
        ends.append(tool.paused_until)
    assert ends == [5, 10, 18, 18]
    tool.ended(50.0, limits, well=True)
    tool.ended(100.0, limits, well=False)
    assert tool.paused_until == 105
    tool.refill(1.0, limits)
    assert tool.tokens == 2
    tool.refill(100.0, limits)
    assert tool.tokens == 4


def test_a_server_shows_that_it_answers_several_at_once() -> None:
    """When a later call ends before an earlier one."""
    server = ServerPace()
    first, second = server.begin(), server.begin()
    server.end(first)
    server.end(second)
    seen = [server.parallel]
    first, second = server.begin(), server.begin()
    server.end(second)
    server.end(first)
    assert [*seen, server.parallel] == [False, True]
    assert server.order == []
