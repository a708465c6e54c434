"""The tool servers of `OUTRIDER_MCP_CONFIG`: the usual `mcpServers` file, read into nouns.

It must not know the MCP library, nor repeat what stands in the environment.

    {"mcpServers": {
        "shop": {"command": "uvx", "args": ["shop-mcp"], "env": {"KEY": "${SHOP_KEY}"}},
        "web":  {"url": "https://example.com/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}}
    }}
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VARIABLE = re.compile(r"\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
HTTP = ("http", "streamable-http", "streamableHttp", "streamable_http")
EXAMPLE = '{"mcpServers": {"name": {"command": "…", "args": […]}}}'


class ConfigError(ValueError):
    """The file cannot be used; the message says where, and what to write."""


@dataclass(frozen=True, slots=True)
class Server:
    """One tool server: a program to start (`command`), or a URL to speak to."""

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str = ""
    url: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """What is reached, without what may be secret: arguments, query and password stay out."""
        if self.command:
            return self.command
        return re.sub(r"://[^/@\s]*@", "://…@", self.url).partition("?")[0]


def read_servers(path: str, environment: Mapping[str, str]) -> tuple[Server, ...]:
    """The servers of a file, in its order, without those that are `disabled`. Raises `ConfigError`."""
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = getattr(fault, "strerror", None) or "it is no text"
        raise ConfigError(f"{path} cannot be read: {reason}") from None
    return parse_servers(text, environment)


def parse_servers(text: str, environment: Mapping[str, str]) -> tuple[Server, ...]:
    """The servers of a JSON text, `${NAME}` and `${NAME:-default}` replaced. Raises `ConfigError`."""
    try:
        told = json.loads(text)
    except ValueError as fault:
        raise ConfigError(f"not JSON: {fault}; write {EXAMPLE}") from None
    servers = told.get("mcpServers") if isinstance(told, dict) else None
    if not isinstance(servers, dict):
        raise ConfigError(f"there is no object `mcpServers` in it; write {EXAMPLE}")
    return tuple(
        _server(name, entry, environment)
        for name, entry in servers.items()
        if not (isinstance(entry, dict) and entry.get("disabled") is True)
    )


def _server(name: str, entry: object, environment: Mapping[str, str]) -> Server:
    if not name or "/" in name or name != name.strip() or not name.isprintable():
        raise ConfigError(f"server {name!r}: a name has no slash, no blanks around it, and is not empty")
    if not isinstance(entry, dict):
        raise ConfigError(f'server {name!r}: an object is expected, {{"command": …}} or {{"url": …}}')
    fields = _Fields(name, entry, environment)
    kind, command, url = fields.text("type"), fields.text("command"), fields.text("url")
    if kind == "sse":
        raise ConfigError(f'server {name!r}: the transport "sse" is no longer part of MCP; give its "http" URL')
    if bool(command) == bool(url):
        raise ConfigError(f'server {name!r}: give either "command" (with "args") or "url"')
    if url:
        if kind not in ("", *HTTP):
            raise ConfigError(f'server {name!r}: "type" is {kind!r}; with "url" it is "http"')
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f'server {name!r}: "url" begins with http:// or https://')
        return Server(name, url=url, headers=fields.texts("headers"))
    if kind not in ("", "stdio"):
        raise ConfigError(f'server {name!r}: "type" is {kind!r}; with "command" it is "stdio"')
    return Server(name, command, fields.words("args"), fields.texts("env"), fields.text("cwd"))


@dataclass(frozen=True, slots=True)
class _Fields:
    """One server's entry, its fields taken out with their types checked."""

    name: str
    entry: Mapping[str, Any]
    environment: Mapping[str, str]

    def text(self, field: str) -> str:
        value = self.entry.get(field) or ""
        if not isinstance(value, str):
            raise ConfigError(f'server {self.name!r}: "{field}" is a text in quotes')
        return self._expanded(field, value)

    def words(self, field: str) -> tuple[str, ...]:
        value = self.entry.get(field) or []
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise ConfigError(f'server {self.name!r}: "{field}" is a list of texts, like ["-y", "some-server"]')
        return tuple(self._expanded(field, word) for word in value)

    def texts(self, field: str) -> dict[str, str]:
        value = self.entry.get(field) or {}
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise ConfigError(f'server {self.name!r}: "{field}" is an object of texts, like {{"NAME": "value"}}')
        return {key: self._expanded(field, text) for key, text in value.items()}

    def _expanded(self, field: str, text: str) -> str:
        def value(found: re.Match[str]) -> str:
            name, default = found.groups()
            given = self.environment.get(name) or default
            if given is None:
                said = f'server {self.name!r}: "{field}" names ${{{name}}}, which the environment does not set'
                raise ConfigError(f"{said}; set it, or write ${{{name}:-a default}}")
            return given

        return VARIABLE.sub(value, text)
