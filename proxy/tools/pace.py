"""How fast tools and servers are, and how many calls ahead they bear: latencies, budgets, pauses.

It must not know what a call is about, nor have a clock of its own.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from proxy.tools.catalogue import Place
from proxy.tools.usefulness import Usefulness

KEPT = 64
ENOUGH = 5
MOST = 4_096


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be done ahead."""

    per_session: int = 3
    """Calls ahead of one session under way at once."""
    per_server: int = 4
    """Calls ahead under way at once at one server."""
    per_exchange: int = 8
    """Calls ahead that one exchange may ask for."""
    of_session: int = 256
    """Calls ahead of one session altogether."""
    rate: float = 5.0
    burst: float = 10.0
    """Calls ahead of one tool: so many at once, then so many a second."""
    kept: int = 16
    """Results of one session that wait at once."""
    result_bytes: int = 1 << 20
    bytes: int = 16 << 20
    """Bytes of one result, and of all."""
    patience_s: float = 2.0
    """Seconds that a call waits for one under way, as long as it is not known how long the tool takes."""
    pause_s: tuple[float, float] = (5.0, 60.0)
    """Seconds that a tool is left alone after a call ahead of it failed: at first, and at most."""
    doubt_s: float = 30.0
    """Seconds that a server is left alone after a write of which nobody knows whether, or when, it was done."""
    least_useful: float = 0.1
    rest_s: float = 600.0
    """A tool whose early results are used less often (the share's lower bound, in one window) is left alone so long."""
    probation: int = 2
    """Times that a tool's early result must equal the real one before any is served."""


class Latencies:
    """How long calls of a tool take."""

    def __init__(self) -> None:
        self._taken: dict[Place, deque[float]] = {}

    def took(self, place: Place, seconds: float) -> None:
        """Notes one call."""
        self._taken.setdefault(place, deque(maxlen=KEPT)).append(seconds)

    def p95(self, place: Place) -> float | None:
        """The seconds that 19 of 20 calls do not exceed; None while too few are known."""
        taken = sorted(self._taken.get(place, ()))
        return taken[min(len(taken) - 1, int(len(taken) * 0.95))] if len(taken) >= ENOUGH else None


class Counter:
    """Counts by key; the keys not touched for longest are forgotten."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Hashable, int] = OrderedDict()

    def of(self, key: Hashable) -> int:
        """The count of a key."""
        return self._counts.get(key, 0)

    def add(self, key: Hashable) -> None:
        """One more."""
        self._counts[key] = self._counts.get(key, 0) + 1
        self._counts.move_to_end(key)
        if len(self._counts) > MOST:
            self._counts.popitem(last=False)


@dataclass(slots=True)
class ToolPace:
    """What one tool bears."""

    tokens: float
    at: float
    paused_until: float = 0.0
    pause_s: float = 0.0
    equal: int = 0
    """Times that its early result was the real one."""
    useful: dict[str, Usefulness] = field(default_factory=dict)
    """How its early results fared, by window."""
    differed: bool = False
    """Its early result was another one, with no write between: it is not called ahead any more."""

    def refill(self, now: float, limits: Limits) -> None:
        """Lets time pass."""
        self.tokens = min(limits.burst, self.tokens + (now - self.at) * limits.rate)
        self.at = now

    def ended(self, now: float, limits: Limits, *, well: bool) -> None:
        """A call ahead has been answered: after a failure the tool is left alone, longer each time."""
        if well:
            self.pause_s = 0.0
            return
        first, most = limits.pause_s
        self.pause_s = min(most, 2 * self.pause_s or first)
        self.paused_until = now + self.pause_s

    def off(self, window: str, now: float) -> bool:
        """Whether its early results were used too seldom in this window."""
        return window in self.useful and now < self.useful[window].off_until


@dataclass(slots=True)
class ServerPace:
    """What goes on at one server."""

    epoch: int = 0
    """Changes when a write begins and when it ends: results of different epochs are of different states."""
    writes: int = 0
    calls: int = 0
    """Real calls under way."""
    ahead: int = 0
    """Calls ahead under way."""
    doubt_until: float = 0.0
    together: bool = False
    """Said by its protocol to bear several calls at once."""
    parallel: bool = False
    """Seen to answer a later call before an earlier one."""
    order: list[int] = field(default_factory=list)
    number: int = 0

    def begin(self) -> int:
        """A call goes to the server; gives the number to end it by."""
        self.number += 1
        self.order.append(self.number)
        return self.number

    def end(self, number: int) -> None:
        """It has been answered."""
        self.parallel = self.parallel or self.order[0] != number
        self.order.remove(number)
