"""The log: a line for each exchange and for whatever else is said.

It must not know how lines are written.
"""

import json
import logging
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proxy.exchange import Exchange, Note
from proxy.telemetry.log import ExchangeLog, Mode, configure
from tests.proxy.telemetry.exchanges import SECRET, asked, failed

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    """Puts the standard library's logging back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def said(*exchanges: Exchange, mode: Mode = "json", level: str = "info") -> str:
    """What stands in the log after these exchanges."""
    written: list[bytes] = []
    log = configure(mode, level, write=written.append)
    for exchange in exchanges:
        log(exchange)
    log.flush()
    return b"".join(written).decode()


def test_an_exchange_is_one_line_of_json() -> None:
    """Who asked what, how it went, what it cost, what was decided."""
    notes = (Note("routing", "prepare", "cheaper model"), Note("road", "load", "store: TimeoutError", "fault"))
    assert json.loads(said(asked(*notes))) == {
        "time": "2025-10-09T08:53:20.250000Z",
        "level": "warning",
        "id": "e1",
        "session": "s1",
        "agent": "planner",
        "run": "run7",
        "source": "header",
        "purpose": "",
        "method": "POST",
        "path": "/v1/chat/completions",
        "model": "gpt-4o",
        "status": 200,
        "stream": True,
        "prompt_tokens": 1200,
        "completion_tokens": 80,
        "cached_tokens": 900,
        "cost": 0.0031,
        "first_byte_ms": 340.0,
        "total_ms": 810.0,
        "overhead_ms": 0.4,
        "decisions": ["routing.prepare: cheaper model"],
        "faults": ["road.load: store: TimeoutError"],
        "upstream": "openai",
        "error": "",
    }


def test_an_exchange_is_one_line_of_text() -> None:
    """The same for a person, and shorter."""
    _, _, line = said(asked(Note("routing", "prepare", "cheaper model")), mode="text").partition(" ")
    assert line == (
        "200 POST /v1/chat/completions gpt-4o · 810 ms (first byte 340, own 0.40) · 1200+80 tokens, 900 cached"
        " · $0.0031 · planner s1 · routing.prepare: cheaper model\n"
    )


@pytest.mark.parametrize("mode", ["json", "text"])
def test_no_content_is_logged(mode: Mode) -> None:
    """Neither bodies, headers and query nor the provider's own words about an error."""
    text = said(asked(), failed(400), failed(500), failed(200), mode=mode)
    assert SECRET not in text
    assert text.count("\n") == 4


def test_a_level_leaves_out_what_weighs_less() -> None:
    """Good exchanges are info, refused ones and clients that left warnings, failed ones errors."""
    exchanges = (asked(), failed(400), failed(200, whole=False, error="client left"), failed(503))
    weights = {level: said(*exchanges, level=level).count("\n") for level in ("debug", "info", "warning", "error")}
    assert weights == {"debug": 4, "info": 4, "warning": 3, "error": 1}


def test_off_leaves_only_what_belongs_to_no_exchange() -> None:
    """No line for exchanges; a warning is still told."""
    written: list[bytes] = []
    log = configure("off", write=written.append)
    log(failed(500))
    logging.getLogger("outrider").info("started")
    logging.getLogger("outrider").warning("the store is gone")
    log.flush()
    assert b"the store is gone" in b"".join(written)
    assert b"".join(written).count(b"\n") == 1


def _one(log: ExchangeLog, written: list[bytes]) -> dict[str, Any]:
    log.flush()
    line: dict[str, Any] = json.loads(b"".join(written))
    return line


def test_everything_else_that_is_logged_has_the_same_shape() -> None:
    """A library's warning with a traceback comes out as one line of JSON."""
    written: list[bytes] = []
    log = configure("json", write=written.append)
    try:
        int("no number")
    except ValueError:
        logging.getLogger("some.library").exception("could not %s", "count")
    line = _one(log, written)
    assert (line["level"], line["logger"], line["event"]) == ("error", "some.library", "could not count")
    assert "invalid literal" in line["error"]


def test_a_name_cannot_write_a_line_of_its_own() -> None:
    """Line breaks and terminal commands in what a client chose are escaped; half a surrogate costs nothing."""
    exchange = asked(agent="a\n00:00:00 200 forged", model="\x1b[2J\ud800")
    assert said(exchange, mode="text").count("\n") == 1
    assert "\x1b" not in said(exchange, mode="text")
    assert json.loads(said(exchange))["agent"] == "a\n00:00:00 200 forged"


def test_nothing_is_lost_at_exit() -> None:
    """A process that ends right after an exchange has written its line to stderr."""
    script = """
        from proxy.telemetry.log import configure
        from tests.proxy.telemetry.exchanges import asked
        configure("auto")(asked())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(done.stderr)["id"] == "e1"
