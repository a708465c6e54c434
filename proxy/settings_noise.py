"""The settings of the noise checks: what is done where several outputs were made into one.

It must not know the other settings, nor what these are used for.
"""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from proxy.spelling import NoiseModes


class NoiseSettings(BaseSettings):
    """A chapter of `proxy.settings.Settings`."""

    noise: Literal["off", "shadow", "on"] = Field(
        "off",
        description="Whether requests that quote several earlier replies of the same caller are noticed, and what is "
        "made of them is examined: `on` (told in the headers of replies that are not streamed, on the session and in "
        "/metrics), `shadow` (beside the client; told on the session and in /metrics) or `off`.",
    )
    noise_agents: NoiseModes = Field(
        {},
        description="The same for single agents, and what is done about it: `editor=repair`. `annotate` (what `on` "
        "does), `prepare` (its request is freed of repetitions, and conflicts are marked), `repair` (it is asked once "
        "more where something was surely lost), `refuse` (then the reply is an error).",
    )
    noise_hold: bool = Field(
        False,
        description="Whether streams of such agents are held until they are examined: `on` or `off`. Else they are "
        "only examined once they have gone, and neither repaired nor refused.",
    )
    noise_sample: float = Field(
        0,
        ge=0,
        le=1,
        description="Share of aggregations that are asked again beside the client, twice: as they were, and with the "
        "workers in reverse order. What comes out differently is a remark, `unstable`. Their tokens cost money.",
    )
    noise_calls_a_day: int = Field(
        200, ge=0, description="Extra model calls in a day, to repair and to sample, all agents together."
    )
