"""Tariffs: what price lists and wire forms say, and what is assumed where they say nothing."""

import pytest

from policies.consolidate.tariff import Rates, Tariff, tariff

GPT_4O = Rates(2.5e-6, 1.25e-6, None, 10e-6)
SONNET = Rates(3e-6, 0.3e-6, 3.75e-6, 15e-6)


def test_prices_are_taken_as_listed() -> None:
    """GPT-4o reads at half the price and takes no fee for writing."""
    known = tariff(GPT_4O, "chat", "gpt-4o")
    assert (known.fresh, known.read, known.write, known.output) == (2.5e-6, 1.25e-6, 2.5e-6, 10e-6)
    assert (known.least, known.ttl_s, known.caches, known.known) == (1024, 3600.0, True, True)


def test_no_price_is_taken_carefully() -> None:
    """Without a price reads are cheap and writes have a fee: so least is done."""
    for rates in (None, Rates(), Rates(fresh=0.0, output=0.0)):
        unknown = tariff(rates)
        assert (unknown.read / unknown.fresh, unknown.write / unknown.fresh) == pytest.approx((0.1, 1.25))
        assert unknown.caches
        assert not unknown.known


def test_a_cached_price_that_is_not_listed_is_taken_carefully() -> None:
    """An input price alone says nothing of a cache."""
    known = tariff(Rates(fresh=1e-6, output=2e-6))
    assert known.read == pytest.approx(1e-7)
    assert known.known


def test_the_same_price_cached_or_not_is_no_cache() -> None:
    """Where a list has no cached price the proxy's rates repeat the input price."""
    known = tariff(Rates(1e-6, 1e-6, 1e-6, 2e-6))
    assert not known.caches
    assert known.read == known.write == known.fresh


def test_claude_without_markers_caches_nothing() -> None:
    """In either wire form; with markers it does."""
    assert not tariff(SONNET, "messages", "claude-sonnet-4-5", marked=False).caches
    assert not tariff(SONNET, "chat", "anthropic/claude-sonnet-4-5", marked=False).caches
    assert tariff(SONNET, "messages", "claude-sonnet-4-5").write == 3.75e-6
    assert tariff(GPT_4O, "chat", "gpt-4o", marked=False).caches


def test_an_hour_with_claude_costs_double() -> None:
    """The list has the price for five minutes."""
    known = tariff(SONNET, "messages", "claude-sonnet-4-5", retention="1h")
    assert known.write == 6e-6
    assert known.ttl_s > 3600
    assert tariff(SONNET, "messages", "claude-sonnet-4-5").ttl_s < 600


@pytest.mark.parametrize(
    ("model", "fee"),
    [
        ("gpt-4.1", 1.0),
        ("gpt-5", 1.0),
        ("gpt-5-mini", 1.0),
        ("gpt-5.5-2026-03-01", 1.0),
        ("gpt-5.6", 1.25),
        ("openai/gpt-5.6-sol", 1.25),
        ("gpt-6-astra", 1.25),
        ("o3", 1.0),
        ("claude-opus-4-5", 1.25),
    ],
)
def test_the_fee_for_writing_is_known_by_name(model: str, fee: float) -> None:
    """Where a list has no price for it and the provider takes one."""
    assert tariff(Rates(1e-6, 1e-7, 1e-6, 5e-6), "chat", model).write == pytest.approx(fee * 1e-6)


def test_a_day_is_longer_than_an_hour() -> None:
    """The client's own word for how long its prompts are kept counts."""
    assert tariff(GPT_4O, "responses", "gpt-5.1", retention="24h").ttl_s > 24 * 3600
    assert tariff(GPT_4O, "responses", "gpt-5.1", retention="in-memory").ttl_s == 3600


@pytest.mark.parametrize(
    ("model", "least"), [("claude-haiku-4-5", 4096), ("claude-sonnet-4-5", 2048), ("gemini-3-pro", 4096)]
)
def test_the_smallest_cached_prompt_goes_by_the_maker(model: str, least: int) -> None:
    """The largest within a family."""
    assert tariff(SONNET, "chat", model).least == least


def test_a_request_is_priced_by_what_the_cache_holds() -> None:
    """Read, written, answered; beneath the smallest cached prompt all is fresh and nothing is written."""
    known = Tariff(1.0, 0.1, 1.25, 5.0, 300.0, 1024, True)
    assert known.price(10_000, 8_000, 100) == pytest.approx(800 + 2_500 + 500)
    assert known.price(10_000, 1_000) == 12_500
    assert known.price(1_000, 900) == 1_000
    assert known._replace(caches=False).price(10_000, 8_000) == 10_000
