"""Metrics: what a Prometheus server reads.

It must not know how they are counted.
"""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from proxy.exchange import Completion, Exchange, Note
from proxy.telemetry.prometheus import Metrics
from tests.proxy.telemetry.exchanges import SECRET, asked, failed

ROOT = Path(__file__).parents[3]
Samples = dict[str, list[tuple[dict[str, str], float]]]


def page(metrics: Metrics) -> Samples:
    """The samples by name, as Prometheus' own parser reads them."""
    body, _ = metrics.render()
    found: Samples = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((dict(sample.labels), sample.value))
    return found


def told(*exchanges: Exchange) -> Samples:
    """The page after these exchanges."""
    metrics = Metrics()
    for exchange in exchanges:
        metrics(exchange)
    return page(metrics)


def value(samples: Samples, name: str, **labels: str) -> float:
    """The sum of the samples that carry these labels."""
    return sum(amount for marks, amount in samples.get(name, []) if labels.items() <= marks.items())


def test_an_exchange_is_counted_under_the_conventions_names() -> None:
    """Tokens, seconds and time to first token, by operation, provider, models and agent."""
    samples = told(asked())
    call = {
        "operation": "chat",
        "provider": "openai",
        "request_model": "gpt-4o",
        "response_model": "gpt-4o-2024-08-06",
        "agent": "planner",
    }
    assert value(samples, "gen_ai_client_token_usage_sum", token_type="input", **call) == 1_200
    assert value(samples, "gen_ai_client_token_usage_sum", token_type="output", **call) == 80
    assert value(samples, "gen_ai_client_operation_duration_seconds_sum", error_type="", **call) == 0.81
    assert value(samples, "gen_ai_server_time_to_first_token_seconds_sum", **call) == 0.34
    assert value(samples, "outrider_cached_tokens_total", agent="planner") == 900
    assert value(samples, "outrider_cost_dollars_total", request_model="gpt-4o") == 0.0031


def test_the_road_is_counted_too() -> None:
    """Requests by status class, own seconds, and what gave the session away."""
    samples = told(asked(), failed(429))
    assert value(samples, "outrider_requests_total", form="chat", status_class="2xx", stream="true") == 1
    assert value(samples, "outrider_requests_total", status_class="4xx") == 1
    assert value(samples, "outrider_overhead_seconds_count") == 2
    assert value(samples, "outrider_identity_total", source="header") == 2


def test_notes_are_counted_by_what_they_say() -> None:
    """Decisions, faults, slowness and rests by policy; a store that fails is no policy."""
    samples = told(
        asked(
            Note("routing", "prepare", "cheaper"),
            Note("routing", "learn", "KeyError", "fault"),
            Note("routing", "learn", "took 9 ms", "slow"),
            Note("routing", "learn", "rests 30 s", "rest"),
            Note("road", "load", "store: TimeoutError", "fault"),
        )
    )
    assert value(samples, "outrider_decisions_total", policy="routing", moment="prepare") == 1
    kinds = {
        kind: value(samples, "outrider_policy_faults_total", policy="routing", kind=kind)
        for kind in ("fault", "slow", "rest")
    }
    assert kinds == {"fault": 1, "slow": 1, "rest": 1}
    assert value(samples, "outrider_policy_faults_total") == 3
    assert value(samples, "outrider_store_errors_total", moment="load") == 1


def test_figures_of_policies_add_up() -> None:
    """By policy, figure and agent; a figure's name may hold dots, and zero is a number too."""
    figures = {"consolidate.saved_usd": 0.25, "consolidate.events": 0.0, "noise.cut.tool": 2.0}
    samples = told(asked().but(figures=figures), asked().but(figures=figures), asked(agent="other one"))
    here = {"policy": "consolidate", "agent": "planner"}
    assert samples["outrider_policy_total"] == [
        ({**here, "figure": "saved_usd"}, 0.5),
        ({**here, "figure": "events"}, 0.0),
        ({"policy": "noise", "figure": "cut.tool", "agent": "planner"}, 4.0),
    ]


def test_figures_are_few_whatever_they_are_called() -> None:
    """A policy that makes up names does not make the page grow; nothing is lost."""
    samples = told(*(asked().but(figures={f"p.f{number}": 1.0}) for number in range(200)))
    names = {marks["figure"] for marks, _ in samples["outrider_policy_total"]}
    assert len(names) == 65
    assert value(samples, "outrider_policy_total", policy="p") == 200


@pytest.mark.parametrize(
    ("exchange", "error", "failures"),
    [
        (failed(500), "500", 1),
        (failed(429), "429", 1),
        (failed(400), "400", 0),
        (failed(200, whole=False, error="upstream closed"), "incomplete", 1),
        (failed(200), "stream_error", 1),
        (failed(200, whole=False, error="client left"), "client_left", 0),
    ],
)
def test_errors_have_a_type_and_somebody_who_failed(exchange: Exchange, error: str, failures: int) -> None:
    """The client's own mistake, or its leaving, is no failure of the upstream."""
    samples = told(exchange)
    assert value(samples, "gen_ai_client_operation_duration_seconds_count", error_type=error) == 1
    assert value(samples, "outrider_upstream_failures_total") == failures
    assert value(samples, "outrider_client_disconnects_total") == (error == "client_left")


def test_labels_are_few_whatever_clients_call_themselves() -> None:
    """Of 500 agents and models 64 keep their names; the rest is `other`, and nothing is lost."""
    samples = told(*(asked(agent=f"agent-{number}", model=f"model-{number}") for number in range(500)))
    for label in ("agent", "request_model"):
        names = {marks[label] for marks, _ in samples["gen_ai_client_operation_duration_seconds_count"]}
        assert len(names) == 65
        assert "other" in names
    assert value(samples, "gen_ai_client_operation_duration_seconds_count") == 500


def test_the_page_does_not_grow_with_combinations() -> None:
    """20 agents with 20 models each are 400 pairs; 256 are kept apart, the rest is `other` throughout."""
    samples = told(*(asked(agent=f"a{number % 20}", model=f"m{number // 20}") for number in range(400)))
    spending = samples["outrider_cost_dollars_total"]
    assert len(spending) == 257
    assert value(samples, "outrider_cost_dollars_total") == pytest.approx(400 * 0.0031)
    assert value(samples, "outrider_cost_dollars_total", agent="other") == pytest.approx(144 * 0.0031)


def test_no_session_and_no_content_is_on_the_page() -> None:
    """Neither ids of sessions and requests, nor anything a client or a provider wrote."""
    metrics = Metrics()
    metrics(asked(session="session-4711"))
    metrics(failed(500))
    body, kind = metrics.render()
    assert kind.startswith("text/plain")
    assert not [word for word in ("session-4711", 'e1"', "chatcmpl-1", SECRET) if word.encode() in body]


def test_an_exchange_without_a_model_is_no_model_call() -> None:
    """A relayed file upload counts as a request and not as a generation."""
    exchange = asked(model="").but(completion=Completion(200, upstream="openai"))
    samples = told(exchange)
    assert value(samples, "outrider_requests_total") == 1
    assert "gen_ai_client_operation_duration_seconds_count" not in samples


def test_requests_under_way_go_up_and_down() -> None:
    """The gauge is what entered and has not left."""
    metrics = Metrics()
    metrics.enter()
    metrics.enter()
    metrics.leave()
    assert value(page(metrics), "outrider_in_flight") == 1


def test_several_workers_are_one_page(tmp_path: Path) -> None:
    """With a shared folder named in the environment, any worker's page is the sum over all."""
    script = """
        from proxy.telemetry.prometheus import Metrics
        from tests.proxy.telemetry.exchanges import asked
        metrics = Metrics()
        metrics(asked())
        print(metrics.render()[0].decode())
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    found = [line for line in done.stdout.splitlines() if line.startswith("outrider_overhead_seconds_count")]
    assert found == ["outrider_overhead_seconds_count 2.0"]
