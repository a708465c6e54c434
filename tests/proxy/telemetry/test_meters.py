"""The light metrics show the same page as the package's own."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from proxy.telemetry.meters import LightCounter, LightGauge, LightHistogram

BOUNDS = (0.125, 1.0, 4.0)
AMOUNTS = st.lists(st.sampled_from([0.0, 0.0625, 0.125, 0.25, 1.0, 1.5, 4.0, 100.0]), max_size=12)


def page(
    amounts: Sequence[float],
    counter: type[Counter],
    gauge: type[Gauge],
    histogram: type[Histogram],
    reads: int,
) -> list[str]:
    """The page after counting, read in between so many times; without the times at which metrics were made."""
    registry = CollectorRegistry()
    counted = counter("counted", "c", ("who",), registry=registry)
    level, plain = gauge("level", "g", registry=registry), histogram("plain", "h", registry=registry, buckets=BOUNDS)
    spread = histogram("spread", "h", ("who",), registry=registry, buckets=BOUNDS)
    for number, amount in enumerate(amounts):
        who = "ab"[number % 2]
        counted.labels(who).inc(amount)
        spread.labels(who).observe(amount)
        plain.observe(amount)
        level.inc(2)
        level.dec()
        if number < reads:
            generate_latest(registry)
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


@given(AMOUNTS, st.integers(0, 3))
def test_the_page_is_the_same(amounts: list[float], reads: int) -> None:
    """Counters, gauges and histograms, with labels and without, however often they are read."""
    light = page(amounts, LightCounter, LightGauge, LightHistogram, reads)
    assert light == page(amounts, Counter, Gauge, Histogram, reads)
    assert len(light) > 10
