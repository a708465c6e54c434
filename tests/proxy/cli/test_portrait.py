"""`outrider models card NAME --ask`: an entry in the model's own words."""

import asyncio
import json
from pathlib import Path

import pytest

from proxy.cli.portrait import MOST, Portrait, read
from proxy.testing import Line, Script
from proxy.upstreams.models import parse_models
from tests.test_cli import outrider

pytestmark = pytest.mark.anyio
SAYS = {"card": "A small model for code,\nof 3 billion parameters.", "skills": ["Code", "poetry", "math"]}


def reply(text: str) -> Line:
    return Script.json({"choices": [{"message": {"role": "assistant", "content": text}}]})


async def test_the_model_is_asked_at_the_first_upstream() -> None:
    """Its words, on one line, and those skills that cards know; what is printed can be used as it is."""
    async with Script() as upstream:
        upstream.say(reply(f"Here you are:\n```json\n{json.dumps(SAYS)}\n```"))
        given = {"upstream": f"{upstream.url}/v1", "upstream_key": "sk-mine"}
        ran = await asyncio.to_thread(lambda: outrider("models", "card", "small-3b", "--ask", **given))
        asked = upstream.heard[0]
    assert ran.returncode == 0
    card = parse_models(ran.stdout)["small-3b"].card
    assert card.text == "A small model for code, of 3 billion parameters."
    assert card.skills == ("code", "math")
    assert json.loads(asked.body)["model"] == "small-3b"
    assert b"Bearer sk-mine" in asked.head


async def test_no_answer_leaves_the_draft(tmp_path: Path) -> None:
    """With the reason on stderr; a model that says nothing is no fault of the command."""
    async with Script() as upstream:
        upstream.say(Script.json({"error": {"message": "no such model"}}, status=404))
        ran = await asyncio.to_thread(
            lambda: outrider("models", "card", "gpt-4o", "--ask", upstream=f"{upstream.url}/v1")
        )
    assert ran.returncode == 0
    assert "answered 404 and no description" in ran.stderr
    assert "gpt-4o: what it was made for" in ran.stdout
    gone = await asyncio.to_thread(
        lambda: outrider("models", "card", "gpt-4o", "--ask", upstream="http://127.0.0.1:9/v1")
    )
    assert "does not answer (ConnectError)" in gone.stderr


def test_what_a_model_may_say() -> None:
    """Words without JSON are its description; an essay is cut."""
    assert read("I am a model.\nI answer.") == Portrait("I am a model. I answer.")
    assert read('{"card": "Small.", "skills": "code"}') == Portrait("Small.")
    assert len(read("x" * 5_000).card) == MOST
    assert read("{" * 500).card.startswith("{")
