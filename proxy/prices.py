"""Prices: what an exchange cost, in US dollars. The only room of `genai_prices`.

It must not know the road, a policy or a wire form, and it never asks the network: the list is the one that came
with the package.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING

from proxy.exchange import Usage

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

MOST_KNOWN = 4_096
LONGEST_NAME = 256
STANDARD_TIERS = ("", "auto", "default", "standard")


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars per token (`request`: per request) once a prompt is longer than `above` tokens; None: not priced."""

    above: int
    fresh: float | None
    cached: float | None
    written: float | None
    output: float | None
    reasoning: float | None
    request: float

    def cost(self, usage: Usage) -> float | None:
        """US dollars; None when tokens were used for which there is no rate."""
        total = self.request
        for tokens, rate in (
            (max(0, usage.prompt - usage.cached - usage.cache_write), self.fresh),
            (usage.cached, self.cached),
            (usage.cache_write, self.written),
            (max(0, usage.completion - usage.reasoning), self.output),
            (min(usage.reasoning, usage.completion), self.reasoning),
        ):
            if not tokens:
                continue
            if rate is None:
                return None
            total += tokens * rate
        return round(total, 12)


class Prices:
    """The price list: loaded in a thread, looked up once for each model, then a few multiplications.

    Assumed, because a usage count does not tell: cache writes live 5 minutes; audio and image tokens cost what text
    tokens cost; searches and other tools the provider runs are not in the count. A URL the list does not know, or
    a model its provider does not list, is priced by the model's name alone, as if bought from its maker. A model
    sold by subscription has no price.
    """

    def __init__(self) -> None:
        self._loaded = threading.Event()
        self._began = threading.Lock()
        self._list: DataSnapshot | None = None
        self._known: dict[tuple[str, str, str], tuple[int, tuple[Rates, ...]]] = {}

    def warm(self) -> None:
        """Starts loading the list in a thread (0.3 s of work); more calls do nothing."""
        if self._began.acquire(blocking=False):
            threading.Thread(target=self._load, name="prices", daemon=True).start()

    async def ready(self) -> None:
        """Returns once the list is loaded; the event loop goes on meanwhile."""
        self.warm()
        await asyncio.to_thread(self._loaded.wait)

    def cost(
        self, model: str, usage: Usage, *, upstream_url: str = "", at: float | None = None, service_tier: str = ""
    ) -> float | None:
        """US dollars, or None when the price is not known; never zero for an unknown price.

        `at` is in epoch seconds (None: now): some prices depend on the day or the hour. `service_tier` is the
        reply's word for it; a tier of the model that the list does not know has no price. Before the list is loaded
        the call waits, except on an event loop: there it is None.
        """
        if len(model) > LONGEST_NAME:
            return None
        minute = int((time.time() if at is None else at) // 60)
        key = (model, upstream_url, service_tier)
        seen, steps = self._known.get(key, (-1, ()))
        if seen != minute:
            if not self._wait():
                return None
            steps = self._look_up(*key, minute)
        for rates in steps:
            if usage.prompt > rates.above:
                return rates.cost(usage)
        return None

    def rates(self, model: str) -> Rates | None:
        """What a short prompt costs, by the model's name alone; None when that is not known (yet)."""
        self.cost(model, Usage())
        _, steps = self._known.get((model, "", ""), (0, ()))
        return steps[-1] if steps else None

    def window(self, model: str) -> int:
        """Tokens of the model's context window; 0 when not known."""
        found = self._find(model, "") if len(model) <= LONGEST_NAME else None
        return (found.context_window if found else None) or 0

    def _load(self) -> None:
        try:
            package = import_module("genai_prices.data_snapshot")
            self._list = package.get_snapshot()
        except ImportError:
            logging.getLogger(__name__).warning("no price list: genai_prices cannot be imported")
        finally:
            self._loaded.set()

    def _wait(self) -> bool:
        """Whether the list is there; waits for it where waiting stops nobody else."""
        self.warm()
        if not self._loaded.is_set():
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                self._loaded.wait()
        return self._loaded.is_set()

    def _look_up(self, model: str, url: str, tier: str, minute: int) -> tuple[Rates, ...]:
        steps: tuple[Rates, ...] = ()
        found = self._find(model, url)
        if found is not None:
            now = datetime.fromtimestamp(minute * 60, UTC)
            steps = _steps(found, found.get_prices(now, {}))
            if tier not in STANDARD_TIERS:
                context = {"processing": tier} if tier == "batch" else {"service_tier": tier}
                standard, steps = steps, _steps(found, found.get_prices(now, context))
                # Where the list does not know the tier it gives the standard price, which would be wrong.
                steps = steps if steps != standard else ()
        if len(self._known) >= MOST_KNOWN:
            self._forget()
        self._known[model, url, tier] = (minute, steps)
        return steps

    def _forget(self) -> None:
        """Clients choose model names: neither our memory of them nor the list's own may grow for ever."""
        self._known.clear()
        if self._list is not None:
            self._list = replace(self._list, _lookup_cache={})

    def _find(self, model: str, url: str) -> "ModelInfo | None":
        if self._list is None:
            return None
        for ref, provider_id, provider_url in _readings(model, url):
            try:
                return self._list.find_provider_model(ref, None, provider_id, provider_url)[1]
            except LookupError:
                continue
        return None


def _readings(model: str, url: str) -> Iterator[tuple[str, str | None, str | None]]:
    """Ways to read a model's name, surest first: model, provider's id, provider's URL.

    `openrouter/openai/gpt-4o` is tried whole, then as `openai/gpt-4o` of openrouter, then as `gpt-4o` of openai, then
    by name alone. A fine-tune (`ft:…`) is OpenAI's; the price of its base model is never taken for it.
    """
    vendor, ref = "openai" if model.startswith("ft:") else "", model
    while ref:
        if url:
            yield ref, None, url
        if vendor:
            yield ref, vendor, None
        if ref.startswith("ft:"):
            return
        yield ref, None, None
        vendor, _, ref = ref.partition("/")


def _steps(model: "ModelInfo", price: "ModelPrice") -> tuple[Rates, ...]:
    """The rates of a price for each length of prompt, longest first."""
    units = (
        price.input_mtok,
        price.cache_read_mtok,
        price.cache_write_mtok,
        price.output_mtok,
        price.output_reasoning_mtok,
    )
    free = model.id.endswith(":free")
    if not free and all(unit is None for unit in units):
        return ()
    starts = {start for unit in units if unit is not None for start in _starts(unit)}
    return tuple(_rates(above, units, price.requests_kcount, free) for above in sorted({-1, *starts}, reverse=True))


def _rates(
    above: int,
    units: "tuple[Decimal | TieredPrices | None, ...]",
    request: "Decimal | TieredPrices | None",
    free: bool,
) -> Rates:
    fresh, cached, written, output, reasoning = (_per_token(unit, above) for unit in units)
    fresh = 0.0 if free and fresh is None else fresh
    output = 0.0 if free and output is None else output
    return Rates(
        above,
        fresh,
        fresh if cached is None else cached,
        fresh if written is None else written,
        output,
        output if reasoning is None else reasoning,
        1_000 * (_per_token(request, above) or 0.0),
    )


def _starts(price: "Decimal | TieredPrices") -> list[int]:
    return [] if isinstance(price, Decimal) else [tier.start for tier in price.tiers]


def _per_token(price: "Decimal | TieredPrices | None", above: int) -> float | None:
    """Dollars per token, from dollars per million, for a prompt of more than `above` tokens."""
    if price is None:
        return None
    if isinstance(price, Decimal):
        return float(price / 1_000_000)
    passed = [tier.price for tier in price.tiers if tier.start <= above]
    return float((passed[-1] if passed else price.base) / 1_000_000)
