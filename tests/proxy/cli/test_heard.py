"""Reading Server-Timing headers as they come from proxies and providers.

It must not know who wrote them.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.cli.heard import overhead_ms


@pytest.mark.parametrize(
    ("timing", "said"),
    [
        ("outrider;dur=0.412", 0.412),
        ('cdn;dur=9, outrider;desc="a b";dur=1', 1.0),
        ('outrider;dur="2.5"', 2.5),
        ("outrider", None),
        ("outrider;dur=soon", None),
        ("cdn;dur=9", None),
        ("", None),
    ],
)
def test_the_overhead_is_read_from_its_own_metric(timing: str, said: float | None) -> None:
    """Only the metric called outrider counts, wherever it stands."""
    assert overhead_ms(timing) == said


@given(st.text())
def test_any_header_is_read_without_failing(timing: str) -> None:
    """A provider may write what it likes."""
    overhead_ms(timing)
