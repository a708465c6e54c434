"""What replies say of rate limits, as providers spell it."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.routing.limits import LONGEST_S, REFILL_S, Limit, asked_s, limit

NOW = 1_790_000_000.0


def headers(**told: str) -> tuple[tuple[bytes, bytes], ...]:
    """Headers by names with underscores."""
    return tuple((name.replace("_", "-").encode(), value.encode("latin-1", "replace")) for name, value in told.items())


def test_a_reply_that_says_nothing() -> None:
    """No limit, whatever its status."""
    assert limit((), NOW, refused=False) == limit((), NOW, refused=True) == Limit()


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after_ms": "250", "retry_after": "1"}, 0.25),
        ({"retry_after": format_datetime(datetime.fromtimestamp(NOW + 30, UTC), usegmt=True)}, 30.0),
        ({"retry_after": "soon"}, 0.0),
        ({"retry_after": "-3"}, 0.0),
        ({"retry_after": "inf"}, 0.0),
    ],
)
def test_to_be_left_alone(told: dict[str, str], seconds: float) -> None:
    """In seconds, milliseconds, or as a date; only where the reply is a refusal, and never for longer than bearable."""
    assert asked_s(headers(**told), NOW) == pytest.approx(seconds)
    assert limit(headers(**told), NOW, refused=False).until == 0.0
    until = limit(headers(**told), NOW, refused=True).until
    assert until == pytest.approx(NOW + seconds if seconds else 0.0)
    assert limit(headers(retry_after="86400"), NOW, refused=True).until == NOW + LONGEST_S


def test_what_is_left() -> None:
    """OpenAI's spans and Anthropic's dates; the scarcest counts, and no limit that fills is waited for for long."""
    openai = headers(x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="1m2.5s")
    assert limit(openai, NOW, refused=False).until == NOW + REFILL_S
    openai = headers(x_ratelimit_remaining_tokens="149", x_ratelimit_reset_tokens="120ms")
    assert limit(openai, NOW, refused=False) == Limit(0.0, 149, NOW + 0.12)
    date = datetime.fromtimestamp(NOW + 9, UTC).isoformat().replace("+00:00", "Z")
    anthropic = headers(
        anthropic_ratelimit_requests_remaining="0",
        anthropic_ratelimit_requests_reset=date,
        anthropic_ratelimit_tokens_remaining="50",
        anthropic_ratelimit_tokens_reset=date,
        anthropic_ratelimit_input_tokens_remaining="20",
        anthropic_ratelimit_input_tokens_reset=date,
    )
    assert limit(anthropic, NOW, refused=False) == Limit(NOW + 9, 20, NOW + 9)
    assert limit(headers(x_ratelimit_remaining_requests="few"), NOW, refused=False) == Limit()


NAMES = (
    "retry_after",
    "retry_after_ms",
    "x_ratelimit_remaining_requests",
    "x_ratelimit_reset_requests",
    "x_ratelimit_remaining_tokens",
    "x_ratelimit_reset_tokens",
)


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)), st.booleans())
def test_whatever_stands_there(told: dict[str, str], refused: bool) -> None:
    """It is read or not; nothing is ever put off beyond the longest."""
    found = limit(headers(**told), NOW, refused=refused)
    assert found.until == 0.0 or NOW < found.until <= NOW + LONGEST_S
    assert found.full <= NOW + REFILL_S
