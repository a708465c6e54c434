"""What came back for one request that was played: who the proxy says it was, what it used, what it cost in time.

It must not know the client that asked.
"""

from dataclasses import dataclass

from proxy.cli.sessions import Step


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to one step, as far as it is counted."""

    recorded: str
    """Id of the session in the recording."""
    step: Step
    session: str = ""
    """Id under which the proxy knows the session."""
    agent: str = ""
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    overhead_ms: float | None = None
    """What the proxy added before the first byte, by its own clock."""
    error: str = ""
    """What went wrong; empty for an answer."""


def overhead_ms(timing: str) -> float | None:
    """Milliseconds of `outrider;dur=…` in a Server-Timing header; None when it does not stand there.

    Source: W3C Server Timing, §3 "The Server-Timing header field".
    """
    for metric in timing.split(","):
        name, *parameters = (part.strip() for part in metric.split(";"))
        durations = [text[4:] for text in parameters if text.startswith("dur=")]
        if name == "outrider" and durations:
            return _number(durations[0])
    return None


def _number(text: str) -> float | None:
    try:
        return float(text.strip('"'))
    except ValueError:
        return None
