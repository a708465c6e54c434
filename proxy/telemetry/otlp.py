"""Spans to an OpenTelemetry collector, over OTLP/HTTP. The only room of `opentelemetry`, which is an extra: import
this module only when an endpoint is configured.

It must not know the road: a span is made when the exchange has ended, and sent by a thread of the SDK. No content.
"""

from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from proxy.exchange import Completion, Exchange, Usage
from proxy.telemetry import error_type, operation

PATIENCE_S = 5.0
"""How long a collector may take for a batch, and how long `close` waits for the last one."""


class SpanSink:
    """A sink that makes one span for each finished exchange, child of the `traceparent` the client sent."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("outrider")
        self._propagator = TraceContextTextMapPropagator()

    def __call__(self, exchange: Exchange) -> None:
        """Makes the span and queues it; a full queue drops it."""
        completion = exchange.completion
        if completion is None:
            return
        start = _nanoseconds(exchange.now)
        span = self._tracer.start_span(
            f"{operation(exchange)} {exchange.request.model}".rstrip(),
            self._parent(exchange),
            SpanKind.CLIENT,
            attributes=_attributes(exchange, completion),
            start_time=start,
        )
        for note in exchange.notes:
            said: dict[str, AttributeValue] = {"by": note.by, "moment": note.moment, "reason": note.reason}
            span.add_event(f"outrider.{note.kind}", said, start)
        if error := error_type(completion):
            span.set_status(Status(StatusCode.ERROR, error))
        span.end(start + _nanoseconds(completion.total_s))

    def close(self) -> None:
        """Sends what is queued and stops."""
        self._provider.shutdown()

    def _parent(self, exchange: Exchange) -> Context:
        names = ("traceparent", "tracestate")
        return self._propagator.extract({name: exchange.request.header(name.encode()) for name in names}, Context())


def make_sink(endpoint: str, headers: Mapping[str, str] | None = None, service_name: str = "outrider") -> SpanSink:
    """A sink for the collector at `endpoint` (`http://localhost:4318`; `/v1/traces` is added where it is missing).

    `OTEL_RESOURCE_ATTRIBUTES` and the sampling of the incoming `traceparent` are heeded.
    """
    url = endpoint if endpoint.endswith("/v1/traces") else f"{endpoint.rstrip('/')}/v1/traces"
    exporter = OTLPSpanExporter(url, headers=dict(headers or {}), timeout=PATIENCE_S)
    provider = TracerProvider(resource=Resource.create({"service.name": service_name}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return SpanSink(provider)


def _nanoseconds(seconds: float) -> int:
    """To the microsecond: a float holds no more of the time of day."""
    return round(seconds * 1e6) * 1_000


def _attributes(exchange: Exchange, completion: Completion) -> dict[str, AttributeValue]:
    """The span's attributes; what is not known is left out."""
    request, session = exchange.request, exchange.session
    told: dict[str, AttributeValue | None] = {
        "gen_ai.operation.name": operation(exchange),
        "gen_ai.provider.name": completion.upstream,
        "gen_ai.request.model": request.model,
        "gen_ai.request.stream": request.stream,
        "gen_ai.response.id": completion.id,
        "gen_ai.response.model": completion.model,
        "gen_ai.response.finish_reasons": (completion.finish,) if completion.finish else None,
        "gen_ai.response.time_to_first_chunk": completion.first_byte_s if request.stream else None,
        "gen_ai.conversation.id": session.id,
        "session.id": session.id,
        "gen_ai.agent.name": session.agent,
        "agent.name": session.agent,
        "error.type": error_type(completion),
        "http.request.method": request.method,
        "url.path": request.path,
        "http.response.status_code": completion.status,
        "outrider.exchange.id": exchange.id,
        "outrider.run": session.run,
        "outrider.session.parent": session.parent,
        "outrider.session.source": session.source,
        "outrider.purpose": exchange.purpose,
        "outrider.overhead_s": completion.overhead_s,
        "outrider.cost_usd": completion.cost,
    }
    usage = {} if completion.usage is None else _usage(completion.usage)
    return {name: value for name, value in told.items() if value is not None and value != ""} | usage


def _usage(usage: Usage) -> dict[str, AttributeValue]:
    return {
        "gen_ai.usage.input_tokens": usage.prompt,
        "gen_ai.usage.output_tokens": usage.completion,
        "gen_ai.usage.cache_read.input_tokens": usage.cached,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning,
        "outrider.usage.estimated": usage.estimated,
    }
