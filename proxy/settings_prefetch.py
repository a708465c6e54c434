"""The settings of calls ahead: what of an agent's next steps may be done before it asks.

It must not know the other settings, nor what these are used for.
"""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from proxy.policy import WINDOWS
from proxy.spelling import Modes, ToolSeconds, ToolWords, WindowWords


class PrefetchSettings(BaseSettings):
    """A chapter of `proxy.settings.Settings`."""

    prefetch: Literal["off", "shadow", "on"] = Field(
        "shadow", description="Tool calls ahead of the agent: `on`, `shadow` (decide and count, call nothing) or `off`."
    )
    prefetch_agents: Modes = Field(
        {}, description="Modes of single agents: `planner=off`, by the name the dashboard shows."
    )
    prefetch_tools: ToolWords = Field(
        (),
        description="Tools that may be called ahead: `server/tool`, with commas between. Only what reads, and whose "
        "server says so. Calls of all other tools count as writes, which void what was fetched.",
    )
    prefetch_open_world: ToolWords = Field(
        (), description="Those of them that may be although they reach beyond their server, a web search say."
    )
    prefetch_windows: WindowWords = Field(
        WINDOWS,
        description="When: `thinking` (what may be called, while the model generates), `stream` (a call that stands "
        "whole in a reply that still streams; nothing is guessed), `typing` (while the user types).",
    )
    prefetch_ttl_s: float = Field(
        10, gt=0, le=30, description="Seconds that a result fetched ahead may wait for the agent."
    )
    prefetch_ttls: ToolSeconds = Field({}, description="The same for single tools: `server/tool=5,server/other=20`.")
    prefetch_probation: int = Field(
        2, ge=0, description="Times that a tool's result fetched ahead must equal the real one before any is served."
    )
    prefetch_program_model: str = Field(
        "",
        description="A model that writes behaviour programs, by a name the upstreams know: asked beside the sessions "
        "of an agent, after its first ten and when its programs grow worse, with values masked. Empty: none is asked.",
    )
    prefetch_draft_model: str = Field(
        "",
        description="A fast model that is asked, beside the agent's own, what will be called; calls of listed tools in "
        "its answer are made ahead where that pays. Its tokens cost money. Empty: none is asked.",
    )
    prefetch_second_usd: float = Field(
        0.002,
        ge=0,
        description="US dollars that a second saved is worth to you: by it is judged what a guess may cost.",
    )
    prefetch_usd_a_day: float = Field(
        1,
        ge=0,
        description="US dollars that drafts, and model calls sent early in vain, may each cost in a day, all agents "
        "together; then none is sent.",
    )
    prefetch_next: bool = Field(
        False,
        description="Sends the agent's next model request as soon as all results of its last tool calls are there, and "
        "holds the reply until the client asks the very same: `on` or `off`. A wrong guess is paid for.",
    )
