"""Metrics in Prometheus form. The only room of `prometheus_client`; names and labels stand in `docs/metrics.md`.

It must not know the server, and never puts a session, a request or any other unbounded word into a label.
"""

import os
from collections.abc import Callable
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.multiprocess import MultiProcessCollector

from proxy.exchange import Completion, Exchange, Note
from proxy.telemetry import error_type, operation, store_failed
from proxy.telemetry.meters import LightCounter, LightGauge, LightHistogram
from proxy.tools import Called, Prefetched

MOST_VALUES = 64
LONGEST_VALUE = 200
MOST_CHILDREN = 256
OTHER = "other"
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"

TOKENS = tuple(4.0**power for power in range(14))
"""Bucket bounds that the conventions advise: for tokens, and below for seconds."""
SECONDS = tuple(0.01 * 2**power for power in range(14))
OVERHEAD = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)

CALL = ("operation", "provider", "request_model", "response_model", "agent")
FAULTS = ("fault", "slow", "rest")
STATUS = tuple(f"{hundreds}xx" for hundreds in range(10))

COLLECT_WORKERS: Callable[[CollectorRegistry], object] = MultiProcessCollector
"""Reads the files that all workers write when the variable above names a folder."""

M = TypeVar("M", bound=MetricWrapperBase)


class Bound:
    """Keeps labels few: of each label the first 64 values stand as they are, later ones are `other`."""

    def __init__(self, most: int = MOST_VALUES) -> None:
        self._most = most
        self._seen: dict[str, set[str]] = {}

    def values(self, labels: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
        """The values, each as it is or `other`."""
        return tuple(self._value(label, value) for label, value in zip(labels, values, strict=True))

    def _value(self, label: str, value: str) -> str:
        seen = self._seen.setdefault(label, set())
        if value not in seen:
            if len(seen) >= self._most or len(value) > LONGEST_VALUE:
                return OTHER
            seen.add(value)
        return value


class Family(dict[tuple[str, ...], M], Generic[M]):
    """A metric's children by label values, `family[values]`, in the order of the labels. At most 256; what comes
    later is counted as `other` throughout."""

    def __init__(self, metric: M, labels: tuple[str, ...], bound: Bound) -> None:
        super().__init__()
        self._metric = metric
        self._labels = labels
        self._bound = bound

    def __missing__(self, values: tuple[str, ...]) -> M:
        bounded = self._bound.values(self._labels, values)
        if bounded not in self and len(self) >= MOST_CHILDREN:
            bounded = (OTHER,) * len(values)
        if bounded not in self:
            self[bounded] = self._metric.labels(*bounded)
        return self[bounded]


class Metrics:
    """A sink that counts, and the page that a Prometheus server reads."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Without a registry it makes one of its own, with the process's memory, CPU and open files beside."""
        if registry is None:
            registry = CollectorRegistry()
            ProcessCollector(registry=registry)
        self._registry = registry
        self._bound = Bound()
        shared = MULTIPROCESS in os.environ
        self._kinds = (Counter, Gauge, Histogram) if shared else (LightCounter, LightGauge, LightHistogram)
        self._describe_calls()
        self._describe_road()
        self._describe_tools()

    def __call__(self, exchange: Exchange) -> None:
        """Counts a finished exchange."""
        completion = exchange.completion
        if completion is not None:
            self._count_call(exchange, completion)
            self._count_request(exchange, completion)
        for note in exchange.notes:
            self._count_note(note)
        for name, number in exchange.figures.items():
            policy, _, figure = name.partition(".")
            self._figures[policy, figure, exchange.session.agent].inc(number)

    def tool(self, told: Called | Prefetched) -> None:
        """Counts a tool call at the gateway, or a call made ahead, that has ended."""
        if isinstance(told, Prefetched):
            self._prefetches[told.server, told.tool, told.use, told.window].inc()
            return
        self._tool_calls[told.server, told.tool, told.outcome, told.by].inc()
        self._tool_seconds[told.server, told.tool].observe(told.seconds)
        if told.saved_s:
            self._tool_saved[told.server, told.tool].inc(told.saved_s)

    def enter(self) -> None:
        """A request has arrived."""
        self._in_flight.inc()

    def leave(self) -> None:
        """Its reply has ended."""
        self._in_flight.dec()

    def render(self) -> tuple[bytes, str]:
        """The page and its content type; with several workers, the sum over all of them."""
        registry = self._registry
        if MULTIPROCESS in os.environ:
            registry = CollectorRegistry()
            COLLECT_WORKERS(registry)
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def _count_call(self, exchange: Exchange, completion: Completion) -> None:
        provider, agent = completion.upstream, exchange.session.agent
        request_model = exchange.request.model
        if not request_model:
            return
        call = (operation(exchange), provider, request_model, completion.model, agent)
        self._duration[*call, error_type(completion)].observe(completion.total_s)
        if exchange.request.stream and completion.first_byte_s:
            self._first_token[call].observe(completion.first_byte_s)
        if completion.cost:
            self._cost[provider, request_model, agent, exchange.purpose].inc(completion.cost)
        usage = completion.usage
        if usage is None:
            return
        self._tokens[*call, "input"].observe(usage.prompt)
        self._tokens[*call, "output"].observe(usage.completion)
        if usage.cached:
            self._cached[provider, request_model, agent].inc(usage.cached)

    def _count_request(self, exchange: Exchange, completion: Completion) -> None:
        request, error = exchange.request, error_type(completion)
        status = STATUS[completion.status // 100 % 10]
        self._requests[request.form, status, "true" if request.stream else "false", exchange.purpose].inc()
        self._identity[(exchange.session.source,)].inc()
        self._overhead.observe(completion.overhead_s)
        if error == "client_left":
            self._client_left.inc()
        elif (
            error not in ("", "unused")
            and completion.upstream
            and (not error.startswith("4") or error in ("408", "429"))
        ):
            self._upstream_failures[completion.upstream, error].inc()

    def _count_note(self, note: Note) -> None:
        if note.kind == "decision":
            self._decisions[note.by, note.moment].inc()
        elif store_failed(note):
            self._store_errors[(note.moment,)].inc()
        elif note.kind in FAULTS:
            self._faults[note.by, note.moment, note.kind].inc()

    def _describe_calls(self) -> None:
        self._tokens = self._histogram("gen_ai_client_token_usage", "Tokens.", (*CALL, "token_type"), TOKENS)
        self._duration = self._histogram(
            "gen_ai_client_operation_duration_seconds", "Seconds to the last byte.", (*CALL, "error_type"), SECONDS
        )
        self._first_token = self._histogram(
            "gen_ai_server_time_to_first_token_seconds", "Seconds to a stream's first byte.", CALL, SECONDS
        )
        self._cached = self._counter(
            "outrider_cached_tokens", "Prompt tokens read from a cache.", ("provider", "request_model", "agent")
        )
        self._cost = self._counter(
            "outrider_cost_dollars", "US dollars.", ("provider", "request_model", "agent", "purpose")
        )

    def _describe_road(self) -> None:
        registry = self._registry
        self._requests = self._counter(
            "outrider_requests", "Finished exchanges.", ("form", "status_class", "stream", "purpose")
        )
        self._identity = self._counter("outrider_identity", "What gave a session away.", ("source",))
        self._decisions = self._counter("outrider_decisions", "Decisions of policies.", ("policy", "moment"))
        self._figures = self._counter("outrider_policy", "What policies counted.", ("policy", "figure", "agent"))
        self._faults = self._counter("outrider_policy_faults", "Faults of policies.", ("policy", "moment", "kind"))
        self._store_errors = self._counter("outrider_store_errors", "Store slow or gone.", ("moment",))
        self._upstream_failures = self._counter(
            "outrider_upstream_failures", "Failures of upstreams.", ("upstream", "error_type")
        )
        counter, gauge, histogram = self._kinds
        self._overhead = histogram(
            "outrider_overhead_seconds", "Seconds of the road itself.", registry=registry, buckets=OVERHEAD
        )
        self._client_left = counter(
            "outrider_client_disconnects", "Clients that left before the end.", registry=registry
        )
        self._in_flight = gauge(
            "outrider_in_flight", "Requests under way.", registry=registry, multiprocess_mode="livesum"
        )

    def _describe_tools(self) -> None:
        tool = ("server", "tool")
        self._tool_calls = self._counter("outrider_tool_calls", "Tool calls.", (*tool, "outcome", "by"))
        self._tool_seconds = self._histogram("outrider_tool_seconds", "Seconds of a tool call.", tool, SECONDS)
        self._tool_saved = self._counter("outrider_tool_saved_seconds", "Seconds that calls made ahead saved.", tool)
        self._prefetches = self._counter("outrider_prefetches", "Tool calls made ahead.", (*tool, "use", "window"))

    def _counter(self, name: str, help_text: str, labels: tuple[str, ...]) -> Family[Counter]:
        return Family(self._kinds[0](name, help_text, labels, registry=self._registry), labels, self._bound)

    def _histogram(
        self, name: str, help_text: str, labels: tuple[str, ...], buckets: tuple[float, ...]
    ) -> Family[Histogram]:
        metric = self._kinds[2](name, help_text, labels, registry=self._registry, buckets=buckets)
        return Family(metric, labels, self._bound)
