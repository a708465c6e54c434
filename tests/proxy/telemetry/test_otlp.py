"""Spans, as a collector receives them over OTLP/HTTP.

It must not know how they are made.
"""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs the extra otel")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from proxy.exchange import Exchange, Note
from proxy.telemetry.otlp import make_sink
from tests.proxy.telemetry.exchanges import SECRET, SPAN, TRACE, asked, failed


class Collector(ThreadingHTTPServer):
    """A collector that keeps what it receives: path, headers, body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Intake)
        self.received: Queue[tuple[str, dict[str, str], bytes]] = Queue()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Intake(BaseHTTPRequestHandler):
    """Takes a POST and answers 200."""

    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.received.put((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector on a free port of this machine."""
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def spans(collector: Collector, *exchanges: Exchange) -> list[Span]:
    """The spans that arrive for these exchanges."""
    sink = make_sink(collector.url, {"x-collector-key": "k1"})
    for exchange in exchanges:
        sink(exchange)
    sink.close()
    path, headers, body = collector.received.get(timeout=30)
    assert (path, headers["x-collector-key"]) == ("/v1/traces", "k1")
    export = ExportTraceServiceRequest.FromString(body)
    assert SECRET.encode() not in body
    resource = {pair.key: pair.value.string_value for pair in export.resource_spans[0].resource.attributes}
    assert resource["service.name"] == "outrider"
    return list(export.resource_spans[0].scope_spans[0].spans)


def attributes(span: Span) -> dict[str, str | int | float | bool | list[str]]:
    """The span's attributes as Python values."""
    found: dict[str, str | int | float | bool | list[str]] = {}
    for pair in span.attributes:
        kind = pair.value.WhichOneof("value")
        several = kind == "array_value"
        found[pair.key] = (
            [item.string_value for item in pair.value.array_value.values]
            if several
            else getattr(pair.value, kind or "")
        )
    return found


def test_an_exchange_is_a_span_of_the_clients_trace(collector: Collector) -> None:
    """Named by operation and model, at the time it happened, below the span the client named."""
    (span,) = spans(collector, asked(Note("routing", "prepare", "cheaper model")))
    assert (span.name, span.kind) == ("chat gpt-4o", Span.SPAN_KIND_CLIENT)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, SPAN)
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (
        1_760_000_000_250_000_000,
        1_760_000_001_060_000_000,
    )
    assert [event.name for event in span.events] == ["outrider.decision"]
    assert span.status.code == Status.STATUS_CODE_UNSET


def test_attributes_have_the_conventions_names(collector: Collector) -> None:
    """Every backend groups by session and agent, whichever of the two spellings it reads."""
    (span,) = spans(collector, asked())
    assert attributes(span) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.request.stream": True,
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": 0.34,
        "gen_ai.conversation.id": "s1",
        "session.id": "s1",
        "gen_ai.agent.name": "planner",
        "agent.name": "planner",
        "http.request.method": "POST",
        "url.path": "/v1/chat/completions",
        "http.response.status_code": 200,
        "outrider.exchange.id": "e1",
        "outrider.run": "run7",
        "outrider.session.source": "header",
        "outrider.overhead_s": 0.0004,
        "outrider.cost_usd": 0.0031,
        "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 80,
        "gen_ai.usage.cache_read.input_tokens": 900,
        "gen_ai.usage.cache_creation.input_tokens": 0,
        "gen_ai.usage.reasoning.output_tokens": 0,
        "outrider.usage.estimated": False,
    }


def test_a_failure_is_a_failed_span(collector: Collector) -> None:
    """With a type, and without the provider's words."""
    (span,) = spans(collector, failed(503))
    assert attributes(span)["error.type"] == "503"
    assert span.status.code == Status.STATUS_CODE_ERROR


def test_many_exchanges_leave_together(collector: Collector) -> None:
    """One export for a batch of spans, sent by a thread."""
    assert len(spans(collector, *(asked() for _ in range(50)))) == 50
