"""Every setting, once: its name, its default, its bounds and the words its user reads.

It must not know what the settings are used for: no store, no upstream, no server. `.env.example` and
`docs/settings.md` are made from it by `scripts/env_example.py`.
"""

import re
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, SettingsConfigDict
from pydantic_settings import PydanticBaseSettingsSource as Source
from pydantic_settings.sources import EnvSettingsSource

from proxy.places import UPSTREAM_KEY, Place, key_word
from proxy.settings_choice import ChoiceSettings
from proxy.settings_noise import NoiseSettings
from proxy.settings_prefetch import PrefetchSettings
from proxy.spelling import NO_SECRET, Pairs, SecretPairs, SecretWords, Words
from proxy.spelling import modes as checked_modes

PREFIX = "OUTRIDER_"


class Settings(NoiseSettings, ChoiceSettings, PrefetchSettings):
    """All settings. An environment variable wins over the env file, which wins over the default.

    Raises `pydantic.ValidationError`; `load` says the same in words for a person.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    upstream: str = Field(
        "https://api.openai.com/v1",
        description="Where requests go: the base URL of any OpenAI-compatible API, or `recorded:PATH` (several: with "
        "commas) to answer from recorded sessions (.jsonl or .jsonl.gz files) without any provider.",
    )
    upstream_key: SecretStr = Field(
        NO_SECRET,
        description="Key sent to the upstream in place of the client's own. Empty: the client's key passes through.",
    )
    upstreams: Pairs = Field(
        {},
        description="Several upstreams instead of one: `name=url,name2=url2`. The first is the default; a client asks "
        "for another with the model `name/model` or the header `x-outrider-upstream: name`.",
    )
    upstream_keys: SecretPairs = Field(
        {},
        description="Key of one of several upstreams: `OUTRIDER_UPSTREAM_<NAME>_KEY`, the name in capitals and every "
        "character that is neither letter nor digit written as `_`.",
    )
    models: str = Field(
        "",
        description="Path of a YAML file with the models: their names and aliases, the upstreams that serve them, the "
        "order of failover. Empty: every model name goes to the first upstream as it is.",
    )
    redis_url: SecretStr = Field(
        NO_SECRET,
        description="Redis to share sessions between workers and replicas: `redis://`, `rediss://`, `unix://`, "
        "`redis+cluster://`, `redis+sentinel://`. Empty: they are kept in this process.",
    )
    state_file: str = Field(
        "",
        description="File in which the embedded store survives a restart. Empty: memory only. Not used with Redis.",
    )
    session_ttl_s: float = Field(
        86_400, gt=0, description="Seconds after its last request until a session is forgotten."
    )
    store_budget_ms: float = Field(
        20, gt=0, description="Milliseconds a request waits for the store; after that it goes on without memory."
    )
    record: Literal["off", "meta", "full"] = Field(
        "full",
        description="What is kept of each exchange: `full` (bodies too, never credentials), `meta` (sizes, tokens, "
        "times, no content) or `off`.",
    )
    record_ttl_s: float = Field(86_400, gt=0, description="Seconds until a recorded exchange is forgotten.")
    redact: Words = Field(
        (),
        description="What is blotted out of recorded bodies, with commas between: `email`, `credit_card`, `phone`, "
        "`api_key`, `ssn`, or a regular expression without a comma. What is relayed is never touched.",
    )
    keys: SecretWords = Field(
        (),
        description="Keys that clients must show (`Authorization: Bearer`), with commas between. Empty: anyone who "
        "reaches the port may use it. Needed with an upstream key on a host others can reach.",
    )
    admin_key: SecretStr = Field(
        NO_SECRET,
        description="Key for `/outrider/*` (sessions, agents, recordings, dashboard). Empty: open on a loopback host, "
        "switched off on any other.",
    )
    mcp_config: str = Field(
        "",
        description="Path of an `mcpServers` JSON file: the tool servers that are offered together at `/mcp`, and each "
        "at `/mcp/NAME`. Needs the extra `outrider[mcp]`.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on; `0.0.0.0` for every interface.")
    port: int = Field(8080, ge=0, le=65_535, description="Port to listen on; 0 takes any free one.")
    workers: int = Field(1, ge=1, le=256, description="Worker processes; more than one need OUTRIDER_REDIS_URL.")
    max_body_mb: float = Field(100, gt=0, description="Largest request body, in MB; a larger one is answered with 413.")
    connect_timeout_s: float = Field(5, gt=0, description="Seconds to wait for a connection to an upstream.")
    first_byte_timeout_s: float = Field(
        600, gt=0, description="Seconds to wait for the first byte of an answer; reasoning models take minutes."
    )
    between_chunks_timeout_s: float = Field(
        300, gt=0, description="Seconds of silence after which a stream that has begun is given up."
    )
    keepalive_s: int = Field(
        620,
        ge=1,
        description="Seconds an idle client connection stays open. Keep it longer than the pools of clients and load "
        "balancers in front, or they meet closed connections.",
    )
    sse_keepalive_s: float = Field(
        0,
        ge=0,
        description="Seconds after which a silent stream gets a comment line, so that balancers do not cut it. 0: "
        "never. A stream opened early reports later errors inside the stream.",
    )
    log: Literal["auto", "json", "text", "off"] = Field(
        "auto", description="One line for each exchange on stderr. `auto`: text on a terminal, else json."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least weight that is logged.")
    agent_names: Pairs = Field(
        {}, description="Better names for agents: `agent-1f2e3d4c=planner,…`, by the name the dashboard shows."
    )
    policies: Words = Field(
        ("session", "consolidate", "routing", "prefetch", "ensemble", "divide", "noise"),
        description="Policies to ride with, with commas between; `off`: none, bytes in are bytes out.",
    )
    consolidate: Literal["off", "shadow", "on"] = Field(
        "shadow",
        description="Condensing of long conversations: `on`, `shadow` (decide and account as if, change nothing) or "
        "`off`. A request says otherwise with the header `x-outrider-policies: consolidate=off`.",
    )
    consolidate_agents: Pairs = Field(
        {},
        description="Modes of single agents, by the name the dashboard shows: `planner=on,reviewer=off,clerk=tagged`.",
    )
    consolidate_above: int = Field(
        0,
        ge=0,
        description="Tokens of a conversation, without system and tools, above which it is condensed. 0: found from "
        "the model's window and prices, and only where it pays.",
    )
    consolidate_to: int = Field(
        0, ge=0, description="Tokens to which it is condensed; needs OUTRIDER_CONSOLIDATE_ABOVE. 0: a third of that."
    )
    consolidate_state: Literal["extract", "model", "tagged"] = Field(
        "extract",
        description="Who writes the text that stands for old messages: `extract` (no model is asked), `model` (one is "
        "asked off the client's time, where that pays; `extract` stands in) or `tagged` (agents that are `on` by name "
        "write their own state into each reply; for others `extract`).",
    )
    consolidate_holdout: float = Field(
        0.1, ge=0, le=1, description="Share of the sessions of `tagged` agents that run with full history, to compare."
    )
    consolidate_model: str = Field(
        "",
        description="The model that writes it, by a name the upstreams know. Empty: the session's own, on its cache.",
    )
    consolidate_recall: bool = Field(
        False,
        description="Offers the model a tool, `recall`, to look up what was condensed. It is in every request of a "
        "session from the first on, or in none; calls to it are answered by the proxy and never reach the client.",
    )
    plan_calls: int = Field(16, ge=1, description="Most model calls a policy may make to answer one request.")
    plan_seconds: float = Field(120, gt=0, description="Most seconds a policy may take to answer one request.")
    recorded_speed: float = Field(
        0, ge=0, description="Pace of a recorded upstream: 0 at once, 1 as recorded, 10 ten times as fast."
    )
    otlp_endpoint: str = Field(
        "",
        description="OpenTelemetry collector for spans, for example `http://localhost:4318`. Empty: none. Needs the "
        "extra `outrider[otel]`.",
    )
    otlp_headers: SecretPairs = Field({}, description="Headers for the collector: `name=value,name2=value2`.")
    metrics: bool = Field(True, description="Prometheus metrics at `/metrics`: `on` or `off`.")
    parse_cache_mb: float = Field(
        32, ge=0, description="Memory for conversations already read, so that a long session costs no more per turn."
    )

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object, info: ValidationInfo) -> object:
        """`OUTRIDER_PORT=` in an env file means the default; for a list of words it means none of them."""
        default = cls.model_fields[info.field_name or ""].default
        blank = isinstance(value, str) and not value.strip()
        return default if blank and not isinstance(default, tuple) else value

    @field_validator("consolidate_agents")
    @classmethod
    def _modes_of_agents(cls, modes: dict[str, str]) -> dict[str, str]:
        checked_modes(modes, ("off", "shadow", "on", "tagged"))
        return modes

    @field_validator("consolidate_to")
    @classmethod
    def _marks_apart(cls, to: int, info: ValidationInfo) -> int:
        above = info.data.get("consolidate_above", 0)
        if to and to * 4 > above * 3:
            raise ValueError("give at most three quarters of OUTRIDER_CONSOLIDATE_ABOVE, or every turn condenses")
        return to

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Source,
        env_settings: Source,
        dotenv_settings: Source,
        file_secret_settings: Source,
    ) -> tuple[Source, ...]:
        """What is given in code, then the environment, then the env file; upstreams' keys are gathered from both."""
        keys: dict[str, str] = {}
        for source in (dotenv_settings, env_settings):
            variables = source.env_vars if isinstance(source, EnvSettingsSource) else {}
            keys |= {hit[1].lower(): value for name, value in variables.items() if value and (hit := _key_name(name))}
        gathered = InitSettingsSource(settings_cls, {"upstream_keys": keys} if keys else {})
        return init_settings, gathered, env_settings, dotenv_settings

    @property
    def places(self) -> tuple[Place, ...]:
        """Every upstream in order, the default first; a single one is called `default`."""
        if not self.upstreams:
            return (Place("default", self.upstream, self.upstream_key.get_secret_value()),)
        return tuple(Place(name, url, self._key_of(name)) for name, url in self.upstreams.items())

    @property
    def shares(self) -> bool:
        """Whether others than this machine can reach the port."""
        return self.host not in ("localhost", "::1") and not self.host.startswith("127.")

    def _key_of(self, upstream: str) -> str:
        return self.upstream_keys.get(key_word(upstream), NO_SECRET).get_secret_value()


def variable(field: str) -> str:
    """The environment variable of a field: `port` → `OUTRIDER_PORT`."""
    return PREFIX + field.upper()


def _key_name(variable: str) -> re.Match[str] | None:
    return UPSTREAM_KEY.fullmatch(variable)
