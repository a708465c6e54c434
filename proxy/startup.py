"""Reading the settings, and saying in words what is wrong with them.

It must not know what the settings are used for, and never repeats a secret.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from os import environ
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from policies import unfit
from proxy.embeddings import installed
from proxy.foreteller import installed as can_foretell
from proxy.places import CREDENTIALS, UPSTREAM_KEY, Place, key_word
from proxy.settings import PREFIX, Settings, variable
from proxy.tools.config import ConfigError, read_servers

WRITE_INSTEAD = {
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "float_parsing": "write a number",
    "bool_parsing": "write on or off",
    "greater_than": "write a number above {gt}",
    "greater_than_equal": "write a number from {ge} up",
    "less_than_equal": "write a number up to {le}",
    "literal_error": "write one of {expected}",
}


class SettingsError(ValueError):
    """The settings cannot be used; `args` holds one line for each fault, fit to be shown to the user."""

    def __str__(self) -> str:
        return "\n".join(self.args)


def load(env_file: str | None = ".env", **given: Any) -> Settings:
    """The settings: what is `given` (None is as good as not given), then the environment, then the env file.

    The default `.env` may be missing; another file that cannot be read raises `SettingsError`, as every value does
    that cannot be used.
    """
    if env_file and env_file != ".env" and (not Path(env_file).exists() or Path(env_file).is_dir()):
        raise SettingsError(f"There is no env file {env_file}. Write the path of one, or copy .env.example to it.")
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(_env_file=env_file, **wanted)
    except ValidationError as error:
        raise SettingsError(*map(explain, error.errors())) from None


def explain(error: ErrorDetails) -> str:
    """One fault of one value: the variable, what it got (never a secret), what to write instead."""
    name = str(error["loc"][0])
    wanted = WRITE_INSTEAD.get(error["type"], "").format(**error.get("ctx", {}))
    wanted = wanted or error["msg"].removeprefix("Value error, ")
    return f"{variable(name)} {_got(name, error['input'])}; {wanted}."


def _got(name: str, value: object) -> str:
    if "Secret" in str(Settings.model_fields[name].annotation):
        return "has a value that cannot be used"
    return f"is {CREDENTIALS.sub('://…@', repr(value))}"


def unknown(variables: Iterable[str]) -> list[str]:
    """A sentence for each `OUTRIDER_…` variable that no setting reads, with the nearest one that is read."""
    known = {"ENV_FILE", *(name.upper() for name in Settings.model_fields if name != "upstream_keys")}
    sentences = []
    for name in sorted(set(variables)):
        word = name.removeprefix(PREFIX)
        if word == name or word in known or UPSTREAM_KEY.fullmatch(name):
            continue
        near = get_close_matches(word, known, n=1, cutoff=0.7)
        hint = f"did you mean {PREFIX}{near[0]}?" if near else "see docs/settings.md for those there are."
        sentences.append(f"{name} is not a setting; {hint}")
    return sentences


def variables(env_file: str | None = ".env", environment: Mapping[str, str] = environ) -> set[str]:
    """Names of the variables that the environment and the env file set."""
    return {*environment, *(dotenv_values(env_file) if env_file else ())}


def problems(settings: Settings) -> list[str]:
    """Why the proxy refuses to start, one sentence each, with what to do; empty when it may start."""
    found = _clashes(settings)
    named = (("OUTRIDER_MODELS", settings.models), ("OUTRIDER_ROUTE_SCORES", settings.route_scores))
    files = [(name, path) for name, path in named if path]
    files += [(f"upstream {place.name}", path) for place in settings.places for path in place.recordings]
    found += [f"{name} names {path}, which is no readable file." for name, path in files if not _readable(path)]
    found += _tool_servers(settings.mcp_config)
    if settings.embeddings and not installed():
        found.append("OUTRIDER_EMBEDDINGS needs the extra embeddings: pip install 'outrider[embeddings]'.")
    if settings.route_scores and not can_foretell():
        found.append("OUTRIDER_ROUTE_SCORES needs the extra routing: pip install 'outrider[routing]'.")
    if settings.team and (fault := unfit(settings.team)):
        found.append(f"OUTRIDER_TEAM is {','.join(settings.team)}: {fault}.")
    if settings.state_file and not Path(settings.state_file).expanduser().absolute().parent.is_dir():
        found.append(f"OUTRIDER_STATE_FILE is {settings.state_file}, in a folder that is not there; make the folder.")
    return found + [f"Upstream {place.name}: {fault}" for place in settings.places if (fault := _no_url(place))]


def _tool_servers(path: str) -> list[str]:
    if not path:
        return []
    if find_spec("mcp") is None:
        return ['OUTRIDER_MCP_CONFIG needs the MCP library: pip install "outrider[mcp]".']
    try:
        read_servers(path, environ)
    except ConfigError as fault:
        return [f"OUTRIDER_MCP_CONFIG: {fault}."]
    return []


def _clashes(settings: Settings) -> list[str]:
    found = []
    if settings.workers > 1 and not settings.redis_url.get_secret_value():
        found.append(
            f"OUTRIDER_WORKERS is {settings.workers}, but sessions are kept in each process: "
            "set OUTRIDER_REDIS_URL so that the workers share them, or run one worker."
        )
    if settings.shares and not settings.keys and settings.mcp_config:
        found.append(
            f"OUTRIDER_HOST is {settings.host}, which others can reach, and they would use your tool servers: "
            "set OUTRIDER_KEYS to the keys clients must show, or listen on 127.0.0.1."
        )
    if settings.workers > 1 and settings.mcp_config:
        found.append(
            f"OUTRIDER_MCP_CONFIG needs one worker, which holds the connections to tool servers and clients, but "
            f"OUTRIDER_WORKERS is {settings.workers}: set it to 1, or run the gateway as an Outrider of its own."
        )
    if settings.upstreams and "upstream" in settings.model_fields_set:
        found.append("OUTRIDER_UPSTREAM and OUTRIDER_UPSTREAMS are both set; keep one of them.")
    if settings.shares and not settings.keys and any(place.key for place in settings.places):
        found.append(
            f"OUTRIDER_HOST is {settings.host}, which others can reach, and they would spend your upstream key: "
            "set OUTRIDER_KEYS to the keys clients must show, listen on 127.0.0.1, or leave the upstream key to them."
        )
    return found


def advice(settings: Settings) -> list[str]:
    """What works, but perhaps not as meant, one sentence each."""
    found = []
    if settings.shares and not settings.admin_key.get_secret_value():
        found.append(
            f"OUTRIDER_HOST is {settings.host} without OUTRIDER_ADMIN_KEY: the dashboard and all of /outrider/* are "
            "switched off. Set the key to use them."
        )
    needed = ("mcp_config", "prefetch_tools", "prefetch_windows")
    missing = [variable(name) for name in needed if not getattr(settings, name)]
    if missing and "on" in (settings.prefetch, *settings.prefetch_agents.values()):
        found.append(f"OUTRIDER_PREFETCH is on, but no tool is called ahead as long as {missing[0]} names nothing.")
    if settings.prefetch_draft_model and (missing or "thinking" not in settings.prefetch_windows):
        lacks = f"{missing[0]} names nothing" if missing else "OUTRIDER_PREFETCH_WINDOWS is without thinking"
        found.append(f"OUTRIDER_PREFETCH_DRAFT_MODEL is not used as long as {lacks}.")
    if settings.prefetch_next and not settings.mcp_config:
        found.append("OUTRIDER_PREFETCH_NEXT is not used: results are known of OUTRIDER_MCP_CONFIG's servers only.")
    if settings.team and "ensemble" not in settings.policies:
        found.append("OUTRIDER_TEAM is set, but no team answers as long as OUTRIDER_POLICIES does not name ensemble.")
    if settings.divide_over and "divide" not in settings.policies:
        found.append("OUTRIDER_DIVIDE_OVER is set, but nothing is divided as OUTRIDER_POLICIES does not name divide.")
    beyond = sorted(set(settings.prefetch_open_world) - set(settings.prefetch_tools))
    if beyond:
        found.append(f"OUTRIDER_PREFETCH_OPEN_WORLD: {', '.join(beyond)} must stand in OUTRIDER_PREFETCH_TOOLS, too.")
    names = {key_word(name): name for name in settings.upstreams}
    found += [
        f"{PREFIX}UPSTREAM_{word.upper()}_KEY belongs to no upstream in OUTRIDER_UPSTREAMS."
        for word in settings.upstream_keys
        if word not in names
    ]
    keyless = [place.name for place in settings.places if not place.key and not place.recordings]
    if settings.keys and keyless:
        found.append(
            f"OUTRIDER_KEYS is set, so clients' keys stay here, and there is no key for upstream {', '.join(keyless)}: "
            "set it, unless that upstream asks for none."
        )
    if settings.state_file and settings.redis_url.get_secret_value():
        found.append("OUTRIDER_STATE_FILE is not used: OUTRIDER_REDIS_URL is set, and Redis keeps the state.")
    return found + _maker(settings)


def _maker(settings: Settings) -> list[str]:
    """What keeps the chosen maker of condensed states from working."""
    found = []
    if settings.consolidate_model and settings.consolidate_state != "model":
        found.append("OUTRIDER_CONSOLIDATE_MODEL is not used: OUTRIDER_CONSOLIDATE_STATE is not model.")
    condenses = "on" in (settings.consolidate, *settings.consolidate_agents.values())
    named = {"on", "tagged"} & {*settings.consolidate_agents.values()}
    if settings.consolidate_state == "tagged" and not named:
        found.append(
            "OUTRIDER_CONSOLIDATE_STATE is tagged, and no agent is: only those that OUTRIDER_CONSOLIDATE_AGENTS "
            "switches on by name (planner=on) are asked for a state."
        )
    if settings.consolidate_holdout == 0 and (settings.consolidate_state == "tagged" or "tagged" in named):
        found.append(
            "OUTRIDER_CONSOLIDATE_HOLDOUT is 0, so nothing will tell whether agents do worse with their own state: "
            "leave a share of sessions with their full history."
        )
    if settings.consolidate_state == "model" and not condenses:
        found.append(
            "OUTRIDER_CONSOLIDATE_STATE is model, and no model is asked in shadow: what it would cost is estimated. "
            "Set OUTRIDER_CONSOLIDATE=on, or an agent to on in OUTRIDER_CONSOLIDATE_AGENTS."
        )
    return found


def _readable(path: str) -> bool:
    try:
        with Path(path).expanduser().open("rb"):
            return True
    except OSError:
        return False


def _no_url(place: Place) -> str:
    if place.recordings or place.url.startswith(("http://", "https://")):
        return ""
    return f"{place.shown!r} is no URL; write https://host/v1, or recorded:PATH."
