"""Prometheus metrics for one process: plain numbers until somebody reads them.

It must not know what is counted. The package's own metrics take four calls and a lock for each number, since threads
and other processes may count beside; here one thread counts, and reading is rare.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from prometheus_client import Counter, Gauge, Histogram


class LightCounter(Counter):
    """A counter."""

    def _metric_init(self) -> None:
        super()._metric_init()
        self._due = 0.0

    def inc(self, amount: float = 1, exemplar: dict[str, str] | None = None) -> None:
        """See `Counter.inc`; amounts are never negative here, and there are no exemplars."""
        self._due += amount

    def _child_samples(self) -> Iterable[Any]:
        due, self._due = self._due, 0.0
        super().inc(due)
        return super()._child_samples()


class LightGauge(Gauge):
    """A gauge that goes up and down."""

    def _metric_init(self) -> None:
        super()._metric_init()
        self._level = 0.0

    def inc(self, amount: float = 1) -> None:
        """See `Gauge.inc`."""
        self._level += amount

    def dec(self, amount: float = 1) -> None:
        """See `Gauge.dec`."""
        self._level -= amount

    def _child_samples(self) -> Iterable[Any]:
        self.set(self._level)
        return super()._child_samples()


class LightHistogram(Histogram):
    """A histogram."""

    def _metric_init(self) -> None:
        super()._metric_init()
        self._counts = [0] * len(self._upper_bounds)
        self._total = 0.0

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        """See `Histogram.observe`; there are no exemplars."""
        self._counts[bisect_left(self._upper_bounds, amount)] += 1
        self._total += amount

    def _child_samples(self) -> Iterable[Any]:
        self._sum.set(self._total)
        for bucket, count in zip(self._buckets, self._counts, strict=True):
            bucket.set(count)
        return super()._child_samples()
