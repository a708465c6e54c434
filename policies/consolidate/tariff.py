"""Tariff: what a token costs with a provider that keeps prompts in a cache, from its prices and its caching rules.

It must not know a session, a conversation or how tokens are counted.
"""

import re
from typing import NamedTuple

CAREFUL_READ, CAREFUL_WRITE, CAREFUL_OUTPUT = 0.1, 1.25, 5.0
"""Where a price is not known: the shares of the input price at which condensing pays least."""
NOTIONAL = 1e-6
"""US dollars per token of a model without a price; only ratios of such sums mean anything."""
HOUR_WRITE = 2.0
"""Anthropic's fee for an entry that lives an hour, as a share of the input price."""
CLAUDE_TTL_S, OTHER_TTL_S = 360.0, 3600.0
LIFETIMES_S = {"5m": CLAUDE_TTL_S, "1h": 3660.0, "24h": 86_460.0}
"""What clients ask for, and when such an entry is surely gone: a minute later."""
GPT = re.compile(r"\bgpt-(\d+)(?:\.(\d+))?(?![\w.])")
FIRST_GPT_WITH_A_FEE = (5, 6)


class Rates(NamedTuple):
    """US dollars per token, as a price list has them; None: not listed. `cached` equal to `fresh`: no cached price."""

    fresh: float | None = None
    cached: float | None = None
    written: float | None = None
    output: float | None = None


class Tariff(NamedTuple):
    """US dollars per token, and the rules of the provider's cache."""

    fresh: float
    """Input that is neither read from the cache nor written to it."""
    read: float
    write: float
    """Input written to the cache; the same as `fresh` where there is no fee."""
    output: float
    ttl_s: float
    """Idle seconds after which the cache is surely cold."""
    least: int
    """Tokens of the smallest prompt, or prefix of one, that is cached."""
    caches: bool
    known: bool = True
    """False: made up from careful ratios; the sums are no dollars."""

    def price(self, prompt: int, cached: int = 0, output: int = 0) -> float:
        """US dollars of a request whose first `cached` tokens the provider has seen before."""
        if not self.caches or prompt < self.least:
            return prompt * self.fresh + output * self.output
        hit = cached if cached >= self.least else 0
        return hit * self.read + (prompt - hit) * self.write + output * self.output


def tariff(
    rates: Rates | None, form: str = "chat", model: str = "", *, marked: bool = True, retention: str = ""
) -> Tariff:
    """The tariff of a model. `form` is the wire form's name (`chat`, `responses`, `messages`).

    `marked`: the request holds cache markers (`cache_control`), without which Claude caches nothing. `retention`: the
    lifetime it asks for, in its own words (`5m`, `1h`, `24h`). Rules: the providers' pages on prompt caching. What
    is not known is taken so that condensing pays least: cheap reads, a fee on writes, a long life.
    """
    name = model.lower()
    claude = form == "messages" or "claude" in name
    known = rates is not None and bool(rates.fresh)
    fresh, cached, written, output = _filled(rates if known else None)
    caches = cached < fresh and (marked or not claude)
    if not caches:
        cached = written = fresh
    elif known:
        written = _write(fresh, written, claude=claude, name=name, retention=retention)
    ttl_s = LIFETIMES_S.get(retention, CLAUDE_TTL_S if claude else OTHER_TTL_S)
    return Tariff(fresh, cached, written, output, ttl_s, _least(name, claude=claude), caches, known)


def _filled(rates: Rates | None) -> tuple[float, float, float, float]:
    """The four prices, careful ones where none is listed."""
    if rates is None or not rates.fresh:
        return NOTIONAL, NOTIONAL * CAREFUL_READ, NOTIONAL * CAREFUL_WRITE, NOTIONAL * CAREFUL_OUTPUT
    fresh = rates.fresh
    cached = fresh * CAREFUL_READ if rates.cached is None else rates.cached
    return fresh, cached, rates.written or 0.0, fresh * CAREFUL_OUTPUT if rates.output is None else rates.output


def _write(fresh: float, written: float, *, claude: bool, name: str, retention: str) -> float:
    """The price of a token written: as listed, or by rule where the list has no fee and the provider takes one."""
    if claude and retention == "1h":
        return max(written, fresh * HOUR_WRITE)
    version = GPT.search(name)
    late = version is not None and (int(version[1]), int(version[2] or 0)) >= FIRST_GPT_WITH_A_FEE
    if written <= fresh and (claude or late):
        return fresh * CAREFUL_WRITE
    return max(written, fresh)


def _least(name: str, *, claude: bool) -> int:
    """The smallest cached prompt; where it differs within a family, the largest of them."""
    if claude:
        return 2048 if "sonnet" in name else 4096
    return 4096 if "gemini" in name else 1024
