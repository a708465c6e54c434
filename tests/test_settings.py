"""Settings as a user meets them: variables in, values or a sentence out.

It must not know what the settings do.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.places import key_word
from proxy.settings import Settings, variable
from proxy.spelling import pairs, words
from proxy.startup import SettingsError, advice, load, problems, unknown, variables

ROOT = Path(__file__).parent.parent
NAME = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=1, max_size=12)
VALUE = st.text(st.characters(exclude_characters=",", exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@contextmanager
def environment(given: Mapping[str, str]) -> Iterator[None]:
    """The process's environment, with these variables for Outrider and no others."""
    before = dict(os.environ)
    for name in [name for name in before if name.upper().startswith("OUTRIDER_")]:
        del os.environ[name]
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def settings(env_file: str | None = None, **given: str) -> Settings:
    """What these variables (in lower case, without the prefix) make."""
    with environment({variable(name): value for name, value in given.items()}):
        return load(env_file)


def complaint(**given: str) -> str:
    """What the user is told about these variables."""
    with pytest.raises(SettingsError) as caught:
        settings(**given)
    return str(caught.value)


def test_nothing_set_is_a_proxy_for_openai_on_the_loopback() -> None:
    """Without any variable the defaults make a proxy that may start and has nothing to warn of."""
    made = settings()
    assert [(place.name, place.url, place.key) for place in made.places] == [
        ("default", "https://api.openai.com/v1", "")
    ]
    assert (made.host, made.port, made.workers) == ("127.0.0.1", 8080, 1)
    assert (made.policies, made.consolidate) == (
        ("session", "consolidate", "routing", "prefetch", "ensemble", "divide", "noise"),
        "shadow",
    )
    assert problems(made) == []
    assert advice(made) == []


def test_the_environment_wins_over_the_file_and_the_option_over_both(tmp_path: Path) -> None:
    """An option beats a variable, a variable beats the env file, the file beats the default."""
    file = tmp_path / "my.env"
    file.write_text("OUTRIDER_PORT=1\nOUTRIDER_WORKERS=2\nOUTRIDER_RECORD=meta\n")
    with environment({"OUTRIDER_PORT": "3", "OUTRIDER_WORKERS": "4"}):
        made = load(str(file), port=5, workers=None)
    assert (made.port, made.workers, made.record) == (5, 4, "meta")


def test_several_upstreams_have_their_own_keys(tmp_path: Path) -> None:
    """A key belongs to the upstream whose name it bears, from the file or the environment; names may have dashes."""
    file = tmp_path / "my.env"
    file.write_text("OUTRIDER_UPSTREAM_OPEN_AI_KEY=from-file\nOUTRIDER_UPSTREAM_B_KEY=lost\n")
    made = settings(str(file), upstreams="open-ai=https://a/v1, b=http://b/v1,c=http://c", upstream_b_key="won")
    assert [(place.name, place.key) for place in made.places] == [("open-ai", "from-file"), ("b", "won"), ("c", "")]
    assert "from-file" not in repr(made.places) + repr(made)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"port": "many"}, "OUTRIDER_PORT is 'many'; write a whole number."),
        ({"port": "65536"}, "OUTRIDER_PORT is '65536'; write a number up to 65535."),
        ({"workers": "0"}, "OUTRIDER_WORKERS is '0'; write a number from 1 up."),
        ({"store_budget_ms": "0"}, "OUTRIDER_STORE_BUDGET_MS is '0'; write a number above 0."),
        ({"record": "everything"}, "OUTRIDER_RECORD is 'everything'; write one of 'off', 'meta' or 'full'."),
        ({"metrics": "perhaps"}, "OUTRIDER_METRICS is 'perhaps'; write on or off."),
        ({"upstreams": "https://a/v1"}, "write name=value, and a comma between two of them."),
        ({"prefetch": "yes"}, "OUTRIDER_PREFETCH is 'yes'; write one of 'off', 'shadow' or 'on'."),
        ({"prefetch_tools": "shop/read,write"}, "write: write server/tool, by the names outrider doctor shows."),
        ({"prefetch_open_world": "/read"}, "/read: write server/tool, by the names outrider doctor shows."),
        ({"prefetch_ttls": "shop/read=60"}, "write server/tool=seconds, from 1 to 30."),
        ({"prefetch_windows": "thinking,night"}, "night: write some of thinking, stream, typing, or off."),
        ({"prefetch_agents": "planner=maybe"}, "maybe: a mode is on, shadow or off."),
        ({"team_limits": "seats=2,chairs=3"}, "chairs: there are patience_s, seats, rounds, tokens, usd."),
        ({"divide_limits": "seats=2"}, "seats: there are parts, at_once, patience_s, tokens, usd."),
        ({"team_limits": "usd=much"}, "write name=number, and a comma between two of them."),
        ({"prefetch_ttl_s": "31"}, "OUTRIDER_PREFETCH_TTL_S is '31'; write a number up to 30."),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_what_to_write(given: dict[str, str], said: str) -> None:
    """The sentence names the variable, what it got, and what to write instead."""
    assert said in complaint(**given)


def test_all_faults_are_told_at_once() -> None:
    """Nobody should have to start ten times to learn of ten faults."""
    assert complaint(port="x", workers="y", record="z").count("\n") == 2


@pytest.mark.parametrize(
    "given",
    [
        {"otlp_headers": "hush-hush"},
        {"upstreams": "a=http://me:hush-hush@host/v1,b"},
    ],
)
def test_a_complaint_never_repeats_a_secret(given: dict[str, str]) -> None:
    """Secrets, and passwords in URLs, stay out of messages."""
    assert "hush-hush" not in complaint(**given)


def test_secrets_are_not_in_what_is_printed() -> None:
    """Neither the settings nor their upstreams show a key when printed."""
    secret = "hush-hush"
    made = settings(
        upstream_key=secret,
        keys=secret,
        admin_key=secret,
        redis_url=f"redis://:{secret}@h",
        otlp_headers=f"authorization={secret}",
    )
    assert secret not in repr(made) + str(made) + repr(made.places)


def test_blank_lines_of_an_env_file_mean_the_default(tmp_path: Path) -> None:
    """`OUTRIDER_PORT=` is the default port; `OUTRIDER_POLICIES=` is no policy at all."""
    file = tmp_path / "blank.env"
    file.write_text("OUTRIDER_PORT=\nOUTRIDER_METRICS=\nOUTRIDER_RECORD=\nOUTRIDER_POLICIES=\nOUTRIDER_KEYS=\n")
    made = settings(str(file))
    assert (made.port, made.metrics, made.record, made.policies, made.keys) == (8080, True, "full", (), ())
    assert settings(policies="off").policies == ()


def test_an_env_file_that_is_not_there_is_a_fault_unless_nobody_named_it() -> None:
    """`.env` may be missing; a file that the user names may not."""
    assert load(".env").port
    with pytest.raises(SettingsError, match=r"There is no env file /none\.env"):
        load("/none.env")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"workers": "2"}, "OUTRIDER_WORKERS is 2"),
        ({"upstream": "http://a/v1", "upstreams": "b=http://b/v1"}, "both set"),
        ({"host": "0.0.0.0", "upstream_key": "sk"}, "would spend your upstream key"),
        ({"host": "::", "upstreams": "a=http://a/v1", "upstream_a_key": "sk"}, "would spend your upstream key"),
        ({"models": "/none/models.yaml"}, "OUTRIDER_MODELS names /none/models.yaml"),
        ({"upstream": "recorded:/none.jsonl"}, "names /none.jsonl"),
        ({"state_file": "/none/state.db"}, "a folder that is not there"),
        ({"upstream": "api.openai.com"}, "is no URL"),
        ({"team": "gpt-4o, goa"}, "OUTRIDER_TEAM is gpt-4o,goa: goa is a team itself"),
        ({"mcp_config": "/none/mcp.json"}, "OUTRIDER_MCP_CONFIG: /none/mcp.json cannot be read"),
        ({"mcp_config": "README.md"}, "OUTRIDER_MCP_CONFIG: not JSON"),
        ({"mcp_config": "examples/mcp.json", "host": "0.0.0.0"}, "would use your tool servers"),
        (
            {"mcp_config": "examples/mcp.json", "workers": "2", "redis_url": "redis://h"},
            "OUTRIDER_MCP_CONFIG needs one worker",
        ),
    ],
)
def test_what_cannot_go_well_is_refused_at_start(given: dict[str, str], said: str) -> None:
    """Each rule that is refused at start has a sentence of its own, and only that one."""
    (problem,) = problems(settings(**given))
    assert said in problem


@pytest.mark.parametrize(
    "given",
    [
        {"workers": "2", "redis_url": "redis://localhost"},
        {"host": "0.0.0.0"},
        {"host": "0.0.0.0", "upstream_key": "sk", "keys": "mine"},
        {"host": "127.1.2.3", "upstream_key": "sk"},
        {"host": "localhost", "upstream_key": "sk"},
        {"team": "gpt-4o, gpt-4o-mini", "team_limits": "seats=2"},
        {"upstream": f"recorded:{ROOT / 'proxy/data/sessions.jsonl.gz'}"},
    ],
)
def test_what_can_go_well_is_not_refused(given: dict[str, str]) -> None:
    """The neighbours of each refused case may start."""
    assert problems(settings(**given)) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"host": "0.0.0.0"}, "OUTRIDER_ADMIN_KEY"),
        ({"upstreams": "a=http://a/v1", "upstream_b_key": "sk"}, "OUTRIDER_UPSTREAM_B_KEY belongs to no upstream"),
        ({"team": "a, b", "policies": "session"}, "as long as OUTRIDER_POLICIES does not name ensemble"),
        ({"divide_over": "9000", "policies": "session"}, "nothing is divided"),
        ({"keys": "mine"}, "there is no key for upstream default"),
        ({"state_file": "state.db", "redis_url": "redis://h"}, "OUTRIDER_STATE_FILE is not used"),
        ({"consolidate_state": "model"}, "no model is asked in shadow"),
        ({"consolidate_state": "tagged", "consolidate": "on"}, "no agent is"),
        ({"consolidate_agents": "planner=tagged", "consolidate_holdout": "0"}, "OUTRIDER_CONSOLIDATE_HOLDOUT is 0"),
        ({"consolidate_model": "small"}, "OUTRIDER_CONSOLIDATE_MODEL is not used"),
        ({"prefetch": "on"}, "no tool is called ahead as long as OUTRIDER_MCP_CONFIG names nothing"),
        ({"prefetch_agents": "clerk=on", "mcp_config": "m.json"}, "as long as OUTRIDER_PREFETCH_TOOLS names nothing"),
        ({"prefetch_next": "on"}, "OUTRIDER_PREFETCH_NEXT is not used"),
        ({"prefetch_draft_model": "fast"}, "DRAFT_MODEL is not used as long as OUTRIDER_MCP_CONFIG names nothing"),
    ],
)
def test_what_may_not_be_meant_is_said(given: dict[str, str], said: str) -> None:
    """What works, but perhaps not as meant, is worth a sentence."""
    assert [sentence for sentence in advice(settings(**given)) if said in sentence]


def test_a_misspelt_variable_is_told_with_the_nearest_real_one(tmp_path: Path) -> None:
    """A variable that nothing reads, from the environment or the file, gets a hint; real ones get none."""
    file = tmp_path / "typo.env"
    file.write_text("OUTRIDER_WORKER=4\nOUTRIDER_PORT=1\nOTHER=1\n")
    said = unknown(variables(str(file), {"OUTRIDER_UPSTREAM_A_KEY": "x", "OUTRIDER_XYZZY": "1"}))
    assert said == [
        "OUTRIDER_WORKER is not a setting; did you mean OUTRIDER_WORKERS?",
        "OUTRIDER_XYZZY is not a setting; see docs/settings.md for those there are.",
    ]


@given(st.dictionaries(NAME, VALUE, max_size=5), st.sampled_from([",", ", ", " ,", ",,"]))
def test_pairs_survive_being_written(wanted: dict[str, str], comma: str) -> None:
    """`a=x,b=y` reads as what it says, whatever stands in the values."""
    assert pairs(comma.join(f"{name}={value}" for name, value in wanted.items())) == wanted


@given(st.lists(VALUE.filter(lambda text: text.lower() not in ("off", "none")), min_size=1, max_size=5))
def test_words_survive_being_written(wanted: list[str]) -> None:
    """`a,b` reads as what it says."""
    assert words(" , ".join(wanted)) == tuple(wanted)


@given(NAME)
def test_every_upstream_has_a_variable_that_a_shell_can_set(name: str) -> None:
    """The name in `OUTRIDER_UPSTREAM_<NAME>_KEY` is made of letters, digits and underscores."""
    assert set(key_word(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")


def test_every_setting_is_told_to_users() -> None:
    """Each field has a description that is a sentence."""
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")] == []


def test_what_is_made_from_the_settings_is_fresh() -> None:
    """`.env.example` and `docs/settings.md` say what the class says."""
    command = [sys.executable, "scripts/env_example.py", "--check"]
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert (ran.stdout, ran.returncode) == ("", 0)
