"""Writes `.env.example` and `docs/settings.md` from the settings class; `--check` only says whether they are fresh.

It must not know anything about a setting that the class does not say.
"""

import sys
import textwrap
from pathlib import Path

from pydantic.fields import FieldInfo

from proxy.settings import Settings, variable

ROOT = Path(__file__).parent.parent
CHAPTERS = {
    "upstream": "Where requests go",
    "redis_url": "What is remembered",
    "record": "What is recorded",
    "keys": "Who may use it",
    "host": "The server",
    "connect_timeout_s": "Patience",
    "log": "What it says",
    "agent_names": "Agents and policies",
    "route": "Which model answers",
    "noise": "Outputs that are put together",
    "prefetch": "Calls ahead",
    "recorded_speed": "Recorded upstreams",
    "otlp_endpoint": "Telemetry",
    "parse_cache_mb": "Memory",
}
"""The field at which each chapter begins, and the order of the chapters."""
NAMED_KEYS = "upstream_keys"


def name_of(field: str) -> str:
    """The variable a user writes for a field."""
    return "OUTRIDER_UPSTREAM_<NAME>_KEY" if field == NAMED_KEYS else variable(field)


def default_of(info: FieldInfo) -> str:
    """The default as it would be written in an env file; empty for nothing."""
    value = info.default
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if isinstance(value, str | int) else ""


def chapters() -> list[tuple[str, dict[str, FieldInfo]]]:
    """The title of each chapter with its settings."""
    found: dict[str, dict[str, FieldInfo]] = {first: {} for first in CHAPTERS}
    chapter = ""
    for field, info in Settings.model_fields.items():
        chapter = field if field in CHAPTERS else chapter
        found[chapter][field] = info
    return [(CHAPTERS[first], fields) for first, fields in found.items()]


def env_example() -> str:
    """The text of `.env.example`: every setting with its default, commented out."""
    lines = [
        "# Settings of Outrider. Copy this file to .env and take the # from the lines you change.",
        "# A variable of the environment wins over this file. Made by scripts/env_example.py; do not edit it by hand.",
    ]
    for title, fields in chapters():
        lines += ["", f"# --- {title} ---"]
        for field, info in fields.items():
            described = textwrap.wrap(info.description or "", 110, break_on_hyphens=False)
            lines += ["", *(f"# {line}" for line in described), f"#{name_of(field)}={default_of(info)}"]
    return "\n".join(lines) + "\n"


def page() -> str:
    """The text of `docs/settings.md`: a table for each chapter."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable, or a line of the env file (`outrider serve --env-file .env`; a file "
        "called `.env` is read by itself). The environment wins over the file. A value that cannot be used stops the "
        "start with a sentence that says what to write instead; a variable that is no setting gets a warning.",
        "",
        "This page is made by `scripts/env_example.py` from `proxy/settings.py`.",
    ]
    for title, fields in chapters():
        lines += ["", f"## {title}", "", "| variable | default | what it does |", "|---|---|---|"]
        for field, info in fields.items():
            default = default_of(info)
            described = (info.description or "").replace("|", "\\|")
            lines.append(f"| `{name_of(field)}` | {f'`{default}`' if default else ''} | {described} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Writes what is stale, or with `--check` names it; 1 when something was stale and is not written."""
    wanted = {ROOT / ".env.example": env_example(), ROOT / "docs" / "settings.md": page()}
    stale = {path: text for path, text in wanted.items() if not path.exists() or path.read_text() != text}
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run python scripts/env_example.py")
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
