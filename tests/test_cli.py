"""The command line as a person meets it: real processes, real ports, exit codes and words.

It must not know how a command works inside.
"""

import asyncio
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.cli.sessions import read_sessions
from proxy.testing import Script

ROOT = Path(__file__).parent.parent
SESSIONS = ROOT / "proxy" / "data" / "sessions.jsonl.gz"
COMMAND = [sys.executable, "-c", "from proxy.cli import app; app(prog_name='outrider')"]
PATIENCE_S = 60.0


def surroundings(**settings: str) -> dict[str, str]:
    """The environment with these settings of Outrider and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OUTRIDER_", "OPENAI_"))}
    return {**kept, "PYTHONPATH": str(ROOT), **{f"OUTRIDER_{name.upper()}": value for name, value in settings.items()}}


def outrider(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [*COMMAND, *words], cwd=ROOT, env=surroundings(**settings), capture_output=True, text=True, timeout=PATIENCE_S
    )


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace file with five of the shipped sessions, two of which open alike."""
    file = tmp_path_factory.mktemp("traces") / "few.jsonl"
    file.write_bytes(b"".join(gzip.decompress(SESSIONS.read_bytes()).splitlines(keepends=True)[:5]))
    return file


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(**settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`outrider serve` on a free port, ready; its URL and its process, which is gone at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen([*COMMAND, "serve", "--port", str(port)], env=surroundings(log="off", **settings)) as process:
        try:
            wait_for(url, process)
            yield url, process
        finally:
            process.kill()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until it answers. Fails when it ends or takes too long."""
    for _ in range(int(PATIENCE_S / 0.05)):
        assert process.poll() is None, "outrider serve ended"
        try:
            httpx.get(f"{url}/healthz").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("outrider serve does not answer")


def figures(*words: str, **settings: str) -> dict[str, Any]:
    """What a command prints with `--json`, having ended well."""
    ran = outrider(*words, "--json", **settings)
    assert ran.returncode == 0, ran.stderr + ran.stdout
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_help_names_every_command_and_teaches() -> None:
    """A newcomer sees where to begin, and an example for `serve`."""
    assert re.findall(r"^│ (\w+) ", outrider("--help").stdout, re.MULTILINE)[-8:] == [
        "serve",
        "demo",
        "replay",
        "programs",
        "noise",
        "route",
        "doctor",
        "models",
    ]
    assert "OPENAI_BASE_URL=http://localhost:8080/v1" in outrider("serve", "--help").stdout
    assert outrider("--version").stdout.startswith("outrider")


@pytest.mark.parametrize(
    ("settings", "asked_for"),
    [
        ({}, []),
        ({"redis_url": "redis://127.0.0.1:9"}, ["redis"]),
        ({"models": "models.yaml"}, ["yaml"]),
        ({"upstream": f"recorded:{SESSIONS}"}, ["proxy.upstreams.recorded", "tiktoken"]),
    ],
)
def test_serving_imports_only_what_its_settings_ask_for(
    settings: dict[str, str], asked_for: list[str], tmp_path: Path
) -> None:
    """A start is quick and small because what is slow and large to import is left to the settings that need it."""
    (tmp_path / "models.yaml").write_text("models: []\n")
    opened = (
        "import asyncio, sys; from proxy.cli import app; from proxy import compose; from proxy.startup import load\n"
        "async def main():\n    async with compose.house(load()): print(*sys.modules)\n"
        "asyncio.run(main())"
    )
    command = [sys.executable, "-c", opened]
    given = surroundings(log="off", **settings)
    ran = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, timeout=PATIENCE_S)
    assert ran.returncode == 0, ran.stderr
    late = {"httpx", "openai", "proxy.upstreams.recorded", "redis", "rich", "tiktoken", "yaml"}
    assert sorted(late & set(ran.stdout.split())) == asked_for


def test_the_demo_recovers_every_shipped_session() -> None:
    """Without key or network, whatever a person's own settings are: every request is answered, every session whole."""
    sessions = read_sessions([SESSIONS])
    run = figures("demo", upstream="http://127.0.0.1:9/v1", workers="7")
    assert (run["wrong"], run["failed"]) == ([], 0)
    assert run["all"]["sessions"] == len(sessions)
    assert run["all"]["requests"] == sum(len(session.steps) for session in sessions)
    assert run["all"]["cost"] > 0
    assert 0 < run["all"]["cached"] < run["all"]["prompt"]
    assert run["all"]["overhead_p50_ms"] <= run["all"]["overhead_p99_ms"]
    for count in ("sessions", "requests", "prompt", "completion", "cached"):
        assert run["all"][count] == sum(agent[count] for agent in run["agents"])


def test_a_replay_is_answered_from_the_recording_itself(few: Path) -> None:
    """The same player over any trace file, in one process, all or none of it streaming."""
    for stream in ("--stream", "--no-stream"):
        run = figures("replay", str(few), stream, "--concurrency", "3")
        assert (run["wrong"], run["failed"], run["all"]["sessions"]) == ([], 0, 5)


def test_a_replay_with_a_policy_that_changes_requests(few: Path) -> None:
    """Condensed requests are answered too, with fewer tokens, and the sessions stay what they were."""
    marks = {"consolidate_above": "900", "consolidate_to": "300"}
    plain = figures("replay", str(few))
    short = figures("replay", str(few), consolidate="on", **marks)
    assert (short["wrong"], short["failed"]) == ([], 0)
    assert short["all"]["requests"] == plain["all"]["requests"]
    assert short["all"]["prompt"] < plain["all"]["prompt"]


def test_the_bill_of_condensing_is_what_the_upstream_counted(few: Path) -> None:
    """The policy says what it has saved; the recorded upstream counts what it was sent and had in its cache. The one
    counts in tokens, the other in steps of 128, with other sessions' instructions in the cache."""
    plain = figures("replay", str(few), "--concurrency", "1")["all"]
    short = figures("replay", str(few), "--concurrency", "1", consolidate="on", consolidate_above="900")["all"]
    told = short["figures"]
    assert told["consolidate.events"] >= 1
    claimed = told["consolidate.saved_usd"] - told.get("consolidate.extra_usd", 0.0)
    assert claimed == pytest.approx(plain["cost"] - short["cost"], rel=0.05)


def test_figures_are_a_table_for_people_and_a_misspelt_setting_is_told(few: Path) -> None:
    """One row for all, what was recovered; on stderr the nearest real setting, which does not stop the start."""
    ran = outrider("replay", str(few), worker="2")
    assert ran.returncode == 0
    assert re.search(r"^all +5 +\d+ ", ran.stdout, re.MULTILINE)
    assert "Every session was recovered" in ran.stdout
    assert "did you mean OUTRIDER_WORKERS?" in ran.stderr


def test_a_recording_of_a_running_proxy_can_be_replayed(few: Path, tmp_path: Path) -> None:
    """What was played against a server is fetched as its recording, which plays again from itself."""
    with serving(upstream=f"recorded:{few}") as (url, _):
        assert figures("replay", str(few), "--url", url)["wrong"] == []
        rows = httpx.get(f"{url}/outrider/sessions").json()["sessions"]
        longest = max(rows, key=lambda row: row["requests"])
        file = tmp_path / "session.jsonl"
        file.write_bytes(httpx.get(f"{url}/outrider/sessions/{longest['session']}.jsonl").content)
    run = figures("replay", str(file))
    assert (run["wrong"], run["failed"]) == ([], 0)
    assert (run["all"]["sessions"], run["all"]["requests"]) == (1, longest["requests"])


def test_what_fails_in_a_replay_is_told_with_exit_code_1(few: Path) -> None:
    """Requests without an answer are counted and named."""
    ran = outrider("replay", str(few), "--url", f"http://127.0.0.1:{free_port()}")
    assert ran.returncode == 1
    assert "Requests without an answer (" in ran.stdout
    assert "APIConnectionError" in ran.stdout


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (["serve"], {"workers": "2"}, "set OUTRIDER_REDIS_URL"),
        (["serve"], {"port": "http"}, "OUTRIDER_PORT is 'http'; write a whole number."),
        (["serve", "--env-file", "/none.env"], {}, "There is no env file /none.env"),
        (["replay", "/none.jsonl"], {}, "does not exist"),
        (["replay", "README.md"], {}, "README.md, line 1: not JSON"),
        (["replay", str(SESSIONS), "--url", "http://h", "--speed", "1"], {}, "--speed"),
        (["doctor"], {"record": "all"}, "OUTRIDER_RECORD is 'all'"),
        (["gallop"], {}, "No such command"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_sentence(words: list[str], settings: dict[str, str], said: str) -> None:
    """What cannot begin says why on stderr, without a traceback."""
    ran = outrider(*words, **settings)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_serve_reads_an_env_file_and_stops_when_told(tmp_path: Path) -> None:
    """Settings come from the file; SIGTERM ends it in order."""
    file = tmp_path / "my.env"
    file.write_text(f"OUTRIDER_UPSTREAM=recorded:{SESSIONS}\n")
    with serving(env_file=str(file)) as (url, process):
        models = httpx.get(f"{url}/v1/models").json()["data"]
        assert "gpt-4o" in {model["id"] for model in models}
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) in (0, -signal.SIGTERM)


def test_the_example_agent_needs_nothing_but_its_base_url() -> None:
    """The agent of compose.yaml talks through the proxy, and all it says is one session."""
    with serving(upstream=f"recorded:{SESSIONS}") as (url, _):
        given = {**surroundings(), "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "none"}
        ran = subprocess.run([sys.executable, "examples/agent.py"], cwd=ROOT, env=given, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    sessions = re.findall(r"\(session (\w+)\)", ran.stdout)
    assert len(sessions) == 5
    assert len(set(sessions)) == 1


def test_doctor_is_content_with_a_recorded_upstream() -> None:
    """Nothing to mend: exit code 0."""
    ran = outrider("doctor", upstream=f"recorded:{SESSIONS}", port=str(free_port()))
    assert ran.returncode == 0
    assert "24 recorded sessions" in ran.stdout
    assert not re.search("^(fault|note) ", ran.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"upstream": "http://127.0.0.1:9/v1"}, "nothing listens there"),
        ({"redis_url": "redis://:hush-hush@127.0.0.1:9"}, "Redis cannot be reached"),
        ({"upstream": "recorded:README.md"}, "README.md, line 1"),
        ({"models": "README.md"}, "models"),
        ({"models": "benchmarks/routing/cards.yaml", "route_scores": "README.md"}, "line 1 is not JSON"),
    ],
)
def test_doctor_says_what_is_wrong_and_ends_with_1(settings: dict[str, str], said: str) -> None:
    """A fault has words for the person who wrote the setting; secrets are not among them."""
    ran = outrider("doctor", **{"upstream": f"recorded:{SESSIONS}", **settings})
    assert ran.returncode == 1
    assert said in ran.stdout
    assert "hush-hush" not in ran.stdout + ran.stderr


def test_doctor_starts_the_tool_servers(tmp_path: Path) -> None:
    """It says what each has and speaks, or why it does not start; one that is down is a note and no fault."""
    broken = [sys.executable, "-c", "raise SystemExit('no licence found')"]
    servers = {
        "shop": {"command": sys.executable, "args": ["tests/proxy/tools/shop.py"]},
        "broken": {"command": broken[0], "args": [*broken[1:], "--key=hush-hush"]},
        "missing": {"command": "no-such-program"},
        "web": {"url": "http://127.0.0.1:9/mcp?key=hush-hush"},
    }
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    given = {"upstream": f"recorded:{SESSIONS}", "port": str(free_port()), "mcp_config": str(tmp_path / "mcp.json")}
    ran = outrider("doctor", **given)
    said = re.sub(r"\s+", " ", ran.stdout)
    assert ran.returncode == 0
    assert "10 tools, 1 prompts, 1 resources; it speaks MCP 2026-07-28" in said
    assert "OUTRIDER_PREFETCH_TOOLS=shop/read,shop/search" in said
    assert "its last words: no licence found" in said
    assert "there is no program no-such-program" in said
    assert "nothing answers at http://127.0.0.1:9/mcp" in said
    assert "hush-hush" not in ran.stdout + ran.stderr


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("model", "status", "code", "said"),
    [
        ("small", 200, 0, "upstream default serves small"),
        ("default/small", 200, 0, "upstream default serves default/small"),
        ("smal", 200, 1, "no upstream serves smal"),
        ("small", 401, 0, "is not known"),
    ],
)
async def test_doctor_looks_for_the_consolidator(model: str, status: int, code: int, said: str) -> None:
    """A model that nobody serves would never write a state, and nobody would notice."""
    async with Script() as upstream:
        upstream.handler = lambda _: Script.json({"data": [{"id": "small"}]}, status=status)
        given = {"consolidate": "on", "consolidate_state": "model", "consolidate_model": model}
        ran = await asyncio.to_thread(outrider, "doctor", upstream=f"{upstream.url}/v1", port=str(free_port()), **given)
    assert said in " ".join(ran.stdout.split())
    assert ran.returncode == code


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "key", "code", "said"),
    [
        (200, "sk-right", 0, "lists its models"),
        (401, "sk-wrong", 1, "refuses the key"),
        (401, "", 0, "the clients' will pass through"),
        (404, "", 0, "no list of models"),
        (503, "", 0, "a fault of its own"),
    ],
)
async def test_doctor_explains_what_an_upstream_answers(status: int, key: str, code: int, said: str) -> None:
    """The status is translated into what to do, and the key is not shown."""
    async with Script() as upstream:
        upstream.say(Script.json({"data": []}, status=status))
        given = {"upstream": f"{upstream.url}/v1", "upstream_key": key, "port": str(free_port())}
        ran = await asyncio.to_thread(outrider, "doctor", **given)
    assert said in ran.stdout
    assert ran.returncode == code
    assert not key or key not in ran.stdout + ran.stderr


def test_what_prefetching_would_gain_is_told_offline(few: Path) -> None:
    """Without a provider: figures as a table and as JSON; another policy is refused in words."""
    told = outrider("replay", str(few), "--policy", "prefetch")
    assert (told.returncode, told.stderr) == (0, "")
    assert "read calls served ahead" in told.stdout
    figures = json.loads(outrider("replay", str(few), "--policy", "prefetch", "--json").stdout)
    assert figures["sessions"] == 5
    assert figures["reads"] == 6
    assert figures["call_steps"] > 6
    assert figures["served"] <= figures["launched"]
    refused = outrider("replay", str(few), "--policy", "consolidate")
    assert refused.returncode == 2
    assert "only `prefetch` can be rehearsed" in refused.stderr


def test_programs_need_a_proxy() -> None:
    """None answers: it says what to do."""
    told = outrider("programs", "clerk", "--url", f"http://127.0.0.1:{free_port()}")
    assert told.returncode == 2
    assert "start one with `outrider serve`" in told.stderr


MODELS = """
models:
  - {name: big, served_as: gpt-4o, aliases: [huge], card: The flagship., tools: true}
  - {name: own, window: 4096, price: {input: 0, output: 0}}
"""


def test_models_are_checked_and_listed(tmp_path: Path) -> None:
    """What each entry lacks; a table with what the price list adds; a fault with its place and exit code 1."""
    file = tmp_path / "models.yaml"
    file.write_text(MODELS)
    checked = outrider("models", "check", models=str(file))
    assert checked.returncode == 0
    assert "big at default: no window, price" in checked.stdout
    assert "own at default: no card, tools" in checked.stdout
    shown = outrider("models", "list", str(file)).stdout
    assert re.search(r"big, huge +default +128,000\* +text +yes +\$2.5 / \$10\* +The flagship", shown)
    assert re.search(r"own +default +4,096 +text +\? +\$0 / \$0", shown)
    file.write_text("models:\n  - {name: big, window: large}\n")
    broken = outrider("models", "check", str(file))
    assert broken.returncode == 1
    assert "entry 1, big: `window` is a number of tokens, like 131072, not 'large'" in broken.stderr
    assert "Traceback" not in broken.stderr
    file.write_text("models: [{name: auto}]")
    taken = outrider("models", "check", str(file))
    assert taken.returncode == 1
    assert "entry 1: 'auto' is a name that Outrider answers to itself" in taken.stderr
    assert outrider("models", "check", str(file), route="off").returncode == 0


def test_a_card_is_drafted_from_the_price_list(tmp_path: Path) -> None:
    """A YAML entry that the proxy can read; of a model that nobody prices it is said so."""
    drafted = outrider("models", "card", "gpt-4o")
    assert "price: {input: 2.5, output: 10, cached: 1.25}" in drafted.stdout
    file = tmp_path / "models.yaml"
    file.write_text(drafted.stdout)
    assert outrider("models", "check", str(file)).returncode == 0
    unknown = outrider("models", "card", "nobodys-model")
    assert unknown.returncode == 0
    assert "does not know nobodys-model" in unknown.stderr
