"""The file of tool servers: what is read, and what its writer is told."""

from pathlib import Path

import pytest

from proxy.tools.config import ConfigError, Server, parse_servers, read_servers

HOME = {"HOME": "/home/me", "KEY": "sk-1"}


def test_both_kinds_of_servers_in_the_order_of_the_file() -> None:
    """Programs and URLs, with everything that clients of MCP write; `disabled` ones are left out."""
    text = """{"mcpServers": {
        "b": {"command": "uvx", "args": ["shop", "--key=${KEY}"], "env": {"A": "${env:KEY}x"}, "cwd": "${HOME}/shop"},
        "a": {"type": "http", "url": "https://x.org/mcp?k=${KEY}", "headers": {"Authorization": "Bearer ${KEY}"}},
        "c": {"type": "streamable-http", "url": "https://x.org/${NONE:-mcp}", "alwaysAllow": ["x"]},
        "off": {"command": "x", "disabled": true}
    }}"""
    assert parse_servers(text, HOME) == (
        Server("b", "uvx", ("shop", "--key=sk-1"), {"A": "sk-1x"}, "/home/me/shop"),
        Server("a", url="https://x.org/mcp?k=sk-1", headers={"Authorization": "Bearer sk-1"}),
        Server("c", url="https://x.org/mcp"),
    )


def test_no_secret_is_shown() -> None:
    """Neither when a server is printed nor where it is named for people."""
    server = parse_servers('{"mcpServers": {"a": {"url": "https://me:pass@x.org/mcp?key=sk-1"}}}', {})[0]
    assert server.shown == "https://…@x.org/mcp"
    assert "sk-1" not in repr(server)
    assert "pass" not in repr(server)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "there is no object `mcpServers`"),
        ('{"mcpServers": []}', "there is no object `mcpServers`"),
        ('{"mcpServers": {"a/b": {}}}', "a name has no slash"),
        ('{"mcpServers": {"a": "uvx x"}}', "an object is expected"),
        ('{"mcpServers": {"a": {}}}', 'give either "command"'),
        ('{"mcpServers": {"a": {"command": "x", "url": "https://x"}}}', 'give either "command"'),
        ('{"mcpServers": {"a": {"command": ["x"]}}}', '"command" is a text'),
        ('{"mcpServers": {"a": {"command": "x", "args": "y"}}}', '"args" is a list of texts'),
        ('{"mcpServers": {"a": {"command": "x", "env": {"A": 1}}}}', '"env" is an object of texts'),
        ('{"mcpServers": {"a": {"command": "x", "type": "http"}}}', 'with "command" it is "stdio"'),
        ('{"mcpServers": {"a": {"url": "x.org/mcp"}}}', "begins with http"),
        ('{"mcpServers": {"a": {"type": "sse", "url": "https://x"}}}', "no longer part of MCP"),
        ('{"mcpServers": {"a": {"type": "ws", "url": "https://x"}}}', 'with "url" it is "http"'),
        ('{"mcpServers": {"a": {"command": "${NOPE}"}}}', "which the environment does not set; set it, or write"),
    ],
)
def test_its_writer_is_told_what_to_write(text: str, said: str) -> None:
    """One sentence with the place in it."""
    with pytest.raises(ConfigError, match=r".") as refused:
        parse_servers(text, HOME)
    assert said in str(refused.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Its path is named."""
    with pytest.raises(ConfigError, match=r"none\.json cannot be read: No such file"):
        read_servers(str(tmp_path / "none.json"), {})
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="it is no text"):
        read_servers(str(tmp_path / "binary"), {})
