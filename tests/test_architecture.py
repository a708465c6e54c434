"""Who may import whom, and which library lives in which room.

It must not know what the code does; it walks its syntax trees. Each failure names the place and the reason.
"""

import ast
import sys
from collections.abc import Mapping

import pytest

from tests.source import MODULES, NAMES, PACKAGES, fault

NOUNS = ("proxy.conversation", "proxy.exchange", "proxy.roster")
PROTOCOLS = ("proxy.store", "proxy.upstreams", "proxy.wire")
"""Packages whose `__init__` holds a protocol: the package may be imported, the rooms in it may not."""

ROAD = (*NOUNS, "proxy.policy", *PROTOCOLS)
MAY_IMPORT: Mapping[str, tuple[tuple[str, ...], str]] = {
    "proxy.conversation": (NOUNS, "nouns know the standard library and each other"),
    "proxy.exchange": (NOUNS, "nouns know the standard library and each other"),
    "proxy.roster": (NOUNS, "nouns know the standard library and each other"),
    "proxy.policy": (NOUNS, "a guest's page knows only the nouns"),
    "proxy.store": ((*NOUNS, "proxy.policy"), "a protocol knows only nouns"),
    "proxy.upstreams": (NOUNS, "a protocol knows only nouns"),
    "proxy.wire": (NOUNS, "a protocol knows only nouns"),
    "proxy.engine": ((*ROAD, "proxy.+"), "the engine is handed store, pool and policies and imports none of them"),
    "proxy.plans": ((*ROAD, "proxy.+"), "plans know the road, no room"),
    "proxy.relay": ((*ROAD, "proxy.+"), "the relay knows the road, no room"),
    "proxy.guard": ((*ROAD, "proxy.+"), "the guard knows the road, no room"),
    "proxy.wire.*": ((*NOUNS, "proxy.wire.*"), "wire forms turn bytes into nouns and do nothing else"),
    "proxy.store.*": ((*NOUNS, "proxy.policy", "proxy.store.*"), "a store knows its protocol and the nouns"),
    "policies.*": (
        (*NOUNS, "proxy.policy", "policies.inner.*", "(own folder)"),
        "a policy is a pure guest: nouns, its own folder, and the page that policies share",
    ),
}
"""Which of our modules a module may import, and why. `x.*`: x and all below. `proxy.+`: modules directly in proxy,
none of them a room. `(own folder)`: the policy's own package. A module that is not named may import what it likes."""

ROOMS: Mapping[str, tuple[str, ...]] = {
    "certifi": ("proxy.upstreams.client",),
    "dotenv": ("proxy.startup",),
    "fastapi": ("proxy.server.*", "proxy.compose"),
    "genai_prices": ("proxy.prices",),
    "httptools": ("proxy.upstreams.connection",),
    "httpx": ("proxy.upstreams.httpx_client", "proxy.cli.*"),
    "mcp": ("proxy.tools.gateway", "proxy.tools.link", "proxy.tools.reach", "proxy.tools.view"),
    "mcp_types": ("proxy.tools.link", "proxy.tools.view"),
    "httpx2": ("proxy.tools.link", "proxy.tools.reach"),
    "msgspec": ("proxy.wire.*",),
    "numpy": ("policies.*", "proxy.analysis.*"),
    "openai": ("proxy.cli.player",),
    "opentelemetry": ("proxy.telemetry.otlp",),
    "orjson": ("proxy.wire.*", "proxy.store.*", "proxy.recording", "proxy.telemetry.*", "proxy.upstreams.*",
               "proxy.server.*", "proxy.testing", "proxy.tools.opening", "proxy.invitation", "proxy.scored"),
    "prometheus_client": ("proxy.telemetry.prometheus", "proxy.telemetry.meters"),
    "pydantic": ("proxy.settings", "proxy.settings_choice", "proxy.settings_noise", "proxy.settings_prefetch",
                 "proxy.spelling", "proxy.startup", "proxy.tools.link"),
    "pydantic_core": ("proxy.startup",),
    "pydantic_settings": ("proxy.settings", "proxy.settings_choice", "proxy.settings_noise", "proxy.settings_prefetch",
                          "proxy.spelling"),
    "redis": ("proxy.store.redis",),
    "rich": ("proxy.cli.*",),
    "starlette": ("proxy.server.*", "proxy.compose"),
    "tiktoken": ("proxy.tokens",),
    "tiktoken_ext": ("proxy.tokens",),
    "typer": ("proxy.cli.*",),
    "uvicorn": ("proxy.server.*", "proxy.compose"),
    "uvloop": ("proxy.server.*", "proxy.compose"),
    "websockets": ("proxy.upstreams.realtime",),
    "yaml": ("proxy.upstreams.models",),
}  # fmt: skip
"""Outside libraries and the rooms they live in. One library, one room, so that it can be replaced there; orjson is the
exception, as JSON is spoken wherever bytes are."""

PURE = ("asyncio", "http", "os", "random", "secrets", "socket", "subprocess", "threading", "time", "urllib.request")
"""What a policy may not have, beside any library but numpy: it has no clock, no dice, no network, no `async`."""

NO_LIBRARY = ("proxy.engine", "proxy.plans", "proxy.relay", "proxy.guard", "proxy.policy", *NOUNS, *PROTOCOLS)
"""The standard library is all that these have."""


def fits(name: str, pattern: str) -> bool:
    """Whether a module's name fits an entry of the tables."""
    if pattern.endswith(".*"):
        return name == pattern[:-2] or name.startswith(pattern[:-1])
    if pattern == "proxy.+":
        return name.count(".") == 1 and name not in PACKAGES and name != "proxy.compose"
    return name == pattern


@pytest.mark.parametrize("rule", MAY_IMPORT)
def test_imports_run_one_way(rule: str) -> None:
    """A module of the table imports only what its row allows."""
    allowed, reason = MAY_IMPORT[rule]
    found = []
    for module in MODULES:
        if not fits(module.name, rule) or (rule.endswith(".*") and module.name in MAY_IMPORT):
            continue
        own = ".".join(module.name.split(".")[:2]) + ".*"
        patterns = [own if pattern == "(own folder)" else pattern for pattern in allowed]
        found += [
            f"{module.place}:{line} imports {name}"
            for name, line in module.imports
            if name.split(".")[0] in ("proxy", "policies") and not any(fits(name, pattern) for pattern in patterns)
        ]
    fault(found, reason)


def test_each_library_lives_in_its_room() -> None:
    """An outside library is imported where the table says, and nowhere else."""
    found = []
    for module in MODULES:
        for name, line in module.imports:
            library = name.split(".")[0]
            if library in sys.stdlib_module_names or library in ("proxy", "policies"):
                continue
            if not any(fits(module.name, room) for room in ROOMS.get(library, ())):
                rooms = ", ".join(ROOMS.get(library, ())) or "no room yet: give it one in ROOMS"
                found.append(f"{module.place}:{line} imports {name}; its room is {rooms}")
    fault(found, "one outside library, one room, so that it can be replaced in one place")


def test_the_road_needs_no_library() -> None:
    """The engine, the guests' page and the nouns use the standard library alone."""
    found = [
        f"{module.place}:{line} imports {name}"
        for module in MODULES
        if module.name in NO_LIBRARY
        for name, line in module.imports
        if name.split(".")[0] not in sys.stdlib_module_names and name.split(".")[0] not in ("proxy", "policies")
    ]
    fault(found, "what everything rests on rests on nothing: the standard library only")


def test_policies_are_pure() -> None:
    """No policy has a clock, dice, a network, files or `async`."""
    found = []
    for module in MODULES:
        if not module.name.startswith("policies"):
            continue
        found += [f"{module.place}:{line} imports {name}" for name, line in module.imports if name in PURE]
        found += [f"{module.place}:{node.lineno} opens a file" for node in module.named("open")]
        found += [
            f"{module.place}:{node.lineno} is async"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
        ]
    fault(found, "a policy is pure: what it wants done it yields as a wish, and the engine does it")


def test_no_import_stands_in_a_function() -> None:
    """Imports stand at the top, where a reader looks for them."""
    found = [
        f"{module.place}:{node.lineno}"
        for module in MODULES
        for function in module.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    fault(found, "an import inside a function hides a cycle; untie it, or importlib.import_module with the reason why")


def test_no_module_imports_itself_in_a_circle() -> None:
    """The modules can be put in an order in which each imports only earlier ones."""
    waiting = {module.name: {name for name, _ in module.imports if name in NAMES} for module in MODULES}
    while ready := {name for name, wanted in waiting.items() if not (wanted - {name}) & waiting.keys()}:
        waiting = {name: wanted for name, wanted in waiting.items() if name not in ready}
    fault(sorted(waiting), "these modules import each other in a circle, or hang on one that does")


def test_the_tables_name_what_there_is() -> None:
    """No row of the tables outlives the file it speaks of."""
    gone = [name for name in (*MAY_IMPORT, *NO_LIBRARY) if not any(fits(module.name, name) for module in MODULES)]
    fault(gone, "these rows speak of nothing; take them out")
