"""Looking at the tool servers as the gateway would meet them: each is started, asked what it has, and stopped.

It must not know how findings are shown, and never repeats a secret.
"""

import asyncio
import logging
import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from proxy.cli.finding import Finding
from proxy.settings import Settings
from proxy.tools.catalogue import Listing, annotations
from proxy.tools.config import ConfigError, Server, read_servers

if TYPE_CHECKING:
    from proxy.tools.link import Link


async def examine_tools(settings: Settings) -> list[Finding]:
    """A finding for each tool server. One that is down keeps no request from being answered: it is a note."""
    if not settings.mcp_config:
        return []
    try:
        servers = read_servers(settings.mcp_config, os.environ)
    except ConfigError:
        return []  # told with the settings
    try:
        made: type[Link] = import_module("proxy.tools.link").Link
    except ImportError:
        return []  # told there, too
    if not servers:
        return [Finding("tools", "note", f"{settings.mcp_config} names no server that is not disabled")]
    logging.getLogger("outrider.tools").setLevel(logging.CRITICAL)  # what they say is told as findings
    return list(await asyncio.gather(*(_look(made, server) for server in servers)))


async def _look(made: "type[Link]", server: Server) -> Finding:
    what = f"tool server {server.name}"
    link = made(server, _unheard)
    running = asyncio.ensure_future(link.run())
    try:
        await link.tried.wait()
        if link.up:
            return Finding(what, "ok", _told(server.name, link.listing))
        said = f"{server.shown}: {link.why}; its tools answer with an error until it starts"
        return Finding(what, "note", f"{said}. {_advice(server)}")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _told(name: str, listing: Listing) -> str:
    """What a server has, and which of its tools could be called ahead if the operator agrees."""
    others = [(len(listing.prompts), "prompts"), (len(listing.resources), "resources")]
    counts = [f"{len(listing.tools)} tools", *(f"{count} {word}" for count, word in others if count)]
    said = f"{', '.join(counts)}; it speaks MCP {listing.version}"
    names = [f"{name}/{tool['name']}" for tool in listing.tools if annotations(tool).get("readOnlyHint") is True]
    return (
        f"{said}; tools that say they only read, if you agree: OUTRIDER_PREFETCH_TOOLS={','.join(names)}"
        if names
        else said
    )


def _advice(server: Server) -> str:
    if server.url:
        return "Check its URL and headers, and that it speaks streamable HTTP"
    return f"Run it by hand: {_words(server.command, server.args)}"


def _words(command: str, args: Sequence[str]) -> str:
    """The command without its arguments where they may hold secrets."""
    return f"{command} …" if args else command


def _unheard(_server: str, _kind: str) -> None:
    """Nobody is told of changes."""
