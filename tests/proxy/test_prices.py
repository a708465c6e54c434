"""Prices: what an exchange costs, held against the price list's own calculation.

It must not know the road.
"""

from datetime import UTC, datetime

import anyio
import pytest
from genai_prices import Usage as ListUsage
from genai_prices import calc_price
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange import Usage
from proxy.prices import Prices

PRICES = Prices()
OPENAI = "https://api.openai.com/v1"
OPENROUTER = "https://openrouter.ai/api/v1"
SONNET = "claude-sonnet-4-5-20250929"
MAKERS = [provider for provider in providers if provider.id in ("openai", "anthropic", "google", "deepseek", "mistral")]
REFS = [(provider.id, model.id) for provider in MAKERS for model in provider.models if provider.find_model(model.id)]
USAGES = st.tuples(*[st.integers(0, 300_000)] * 4)


@given(st.sampled_from(REFS), USAGES, st.sampled_from([1.7e9, 1.76e9, 1.76e9 + 43_200, 1.79e9]))
def test_every_price_is_the_lists_own(ref: tuple[str, str], counts: tuple[int, ...], at: float) -> None:
    """For every model of the large makers, at any length of prompt and hour of the day, cached or not."""
    provider, model = ref
    fresh, cached, written, output = counts
    usage = Usage(fresh + cached + written, output, cached, written)
    cost = PRICES.cost(f"{provider}/{model}", usage, at=at)
    same = ListUsage(
        input_tokens=usage.prompt, output_tokens=output, cache_read_tokens=cached, cache_write_tokens=written
    )
    listed = calc_price(same, model, provider_id=provider, genai_request_timestamp=datetime.fromtimestamp(at, UTC))
    assert cost is None or cost == pytest.approx(float(listed.total_price), rel=1e-9, abs=1e-11)
    if listed.total_price and all(getattr(listed.model_price, f"{way}_mtok") for way in ("input", "output")):
        assert cost is not None


@pytest.mark.parametrize(
    ("model", "url", "dollars"),
    [
        ("gpt-4o", "", 0.0034875),
        ("gpt-4o-2024-08-06", OPENAI, 0.0034875),
        ("openai/gpt-4o", "", 0.0034875),
        ("openai/gpt-4o", OPENROUTER, 0.0034875),
        ("openrouter/openai/gpt-4o", "", 0.0034875),
        ("azure/gpt-4o", "", 0.0034875),
        ("gpt-4o", "http://127.0.0.1:4000/v1", 0.0034875),
        (SONNET, "", 0.004473),
        (f"anthropic/{SONNET}", "", 0.004473),
        ("ft:gpt-4o-2024-08-06:acme::a1b2", "", 0.00525),
        ("ft:gpt-4o-2024-08-06:acme/team::a1b2", OPENAI, 0.00525),
    ],
)
def test_the_names_a_model_goes_by(model: str, url: str, dollars: float) -> None:
    """Dated, with a vendor's prefix, through a gateway, fine-tuned: 990 fresh, 10 cached, 100 completion tokens."""
    assert PRICES.cost(model, Usage(1_000, 100, 10), upstream_url=url) == pytest.approx(dollars)


@pytest.mark.parametrize(
    "model",
    ["", "my-own-model", "ft:my-own-model:acme::1", "meta-llama/Llama-3.1-8B-Instruct", "/", "a//b", "x" * 10_000],
)
def test_an_unknown_price_is_none(model: str) -> None:
    """Never zero."""
    assert PRICES.cost(model, Usage(1_000, 100)) is None


def test_a_model_without_a_listed_rate_for_what_was_used_is_none() -> None:
    """An embedding model has no price for completion tokens; a subscription has none at all."""
    assert PRICES.cost("text-embedding-3-small", Usage(1_000), upstream_url=OPENAI) == pytest.approx(2e-5)
    assert PRICES.cost("text-embedding-3-small", Usage(1_000, 100), upstream_url=OPENAI) is None
    assert PRICES.cost("gpt-4o", Usage(1_000), upstream_url="https://api.githubcopilot.com") is None


def test_a_free_model_costs_nothing() -> None:
    """Zero is said where the list says that it is free."""
    assert PRICES.cost("openai/gpt-oss-20b:free", Usage(1_000, 100), upstream_url=OPENROUTER) == 0.0


def test_long_prompts_cost_more_where_the_list_says_so() -> None:
    """Beyond 200,000 prompt tokens every token of Sonnet 4.5 costs the higher rate; at 200,000 none does."""
    assert PRICES.cost(SONNET, Usage(200_000)) == pytest.approx(200_000 * 3e-6)
    assert PRICES.cost(SONNET, Usage(200_001)) == pytest.approx(200_001 * 6e-6)


def test_service_tiers_have_their_own_prices() -> None:
    """Flex costs half, priority double, and the words for the standard tier change nothing."""
    usage = Usage(1_000, 100)
    standard = PRICES.cost("gpt-5.1", usage)
    assert standard is not None
    tiers = {tier: PRICES.cost("gpt-5.1", usage, service_tier=tier) for tier in ("auto", "default", "flex", "priority")}
    assert tiers == pytest.approx(
        {"auto": standard, "default": standard, "flex": standard / 2, "priority": standard * 2}
    )


def test_a_tier_that_the_list_does_not_know_has_no_price() -> None:
    """The standard price would be wrong: gpt-4o is not sold as flex, Anthropic's priority is a contract."""
    usage = Usage(1_000, 100)
    assert PRICES.cost("gpt-4o", usage, service_tier="flex") is None
    assert PRICES.cost("gpt-4o", usage, service_tier="scale") is None
    assert PRICES.cost(SONNET, usage, service_tier="priority") is None
    assert PRICES.cost("gpt-4o", usage, service_tier="priority") == pytest.approx(1_000 * 4.25e-6 + 100 * 17e-6)
    assert PRICES.cost(SONNET, usage, service_tier="standard") == PRICES.cost(SONNET, usage)


def test_counts_that_contradict_each_other_still_have_a_cost() -> None:
    """More cached tokens than prompt tokens: nothing is negative, nothing raises."""
    assert PRICES.cost("gpt-4o", Usage(10, 0, 20)) == pytest.approx(20 * 1.25e-6)


@pytest.mark.anyio
async def test_the_event_loop_never_waits_for_the_list() -> None:
    """Before the list is loaded a call on the loop has no answer; once `ready`, it has."""
    prices = Prices()
    early = prices.cost("gpt-4o", Usage(1_000))
    with anyio.fail_after(30):
        await prices.ready()
    assert early in (None, pytest.approx(0.0025))
    assert prices.cost("gpt-4o", Usage(1_000)) == pytest.approx(0.0025)


def test_names_that_clients_make_up_do_not_pile_up() -> None:
    """What is remembered of unknown names is bounded; known prices are found all the same."""
    prices = Prices()
    for number in range(5_000):
        assert prices.cost(f"made-up-{number}", Usage(1)) is None
    assert len(prices._known) <= 4_096
    assert prices.cost("gpt-4o", Usage(1_000)) == pytest.approx(0.0025)
