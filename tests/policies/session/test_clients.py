"""What eighteen real clients say of themselves on the wire, and what is made of it. Recorded, not written by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.policies.session.desk import Desk

RECORDED = Path(__file__).parents[2] / "recordings" / "clients.jsonl"
THREAD = "01a20534-2126-7a92-b1e4-e18aeeb39c4f"
OPENCODE = "ses_dfacbd8c4ffeSo9hUkj7MVfJVK"


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]


def by_program(program: str) -> list[dict[str, Any]]:
    """The requests whose User-Agent begins so."""
    return [row for row in rows() if row["headers"]["user-agent"].startswith(program)]


def body_of(row: dict[str, Any]) -> dict[str, Any] | None:
    """The request body: the recorded fields around a short conversation."""
    if row["method"] == "GET":
        return None
    fields = row["body_fields"]
    if row["path"] == "/v1/responses":
        return {**fields, "instructions": "Be brief.", "input": [{"role": "user", "content": "hi"}]}
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
    return {**fields, "messages": messages}


@pytest.mark.parametrize("row", by_program("codex"))
def test_codex_names_its_thread_and_agent(row: dict[str, Any]) -> None:
    """Thread id, run and agent name come from its headers."""
    claim = Desk().claim(body_of(row), row["headers"], path=row["path"])
    assert (claim.session, claim.run, claim.agent, claim.source) == (THREAD, THREAD, "/root", "codex")
    assert claim.confidence > 0.9


@pytest.mark.parametrize("row", by_program("codex"))
def test_codex_names_its_thread_in_the_body_too(row: dict[str, Any]) -> None:
    """Where a gateway on the way has dropped all headers but the User-Agent, the body still names the thread."""
    program = {"user-agent": row["headers"]["user-agent"]}
    claim = Desk().claim(body_of(row), program, path=row["path"])
    assert (claim.session, claim.source) == (THREAD, "codex")
    turn = {"x-codex-turn-metadata": row["headers"]["x-codex-turn-metadata"]}
    claim = Desk().claim({"input": "hi", "client_metadata": turn}, program, path=row["path"])
    assert (claim.session, claim.run, claim.agent, claim.source) == (THREAD, THREAD, "/root", "codex")


@pytest.mark.parametrize("row", by_program("opencode"))
def test_opencode_names_its_session(row: dict[str, Any]) -> None:
    claim = Desk().claim(body_of(row), row["headers"], path=row["path"])
    assert (claim.session, claim.agent, claim.source, claim.parent) == (OPENCODE, "opencode", "opencode", "")


def silent() -> list[dict[str, Any]]:
    named = ("codex", "opencode")
    return [row for row in rows() if not row["headers"]["user-agent"].startswith(named)]


@pytest.mark.parametrize("row", silent(), ids=lambda row: f"{row['client']} {row['path']}")
def test_all_others_name_nothing_and_are_told_by_their_words(row: dict[str, Any]) -> None:
    """No session is made up for a client that names none, and its agent is named by how it looks."""
    claim = Desk().claim(body_of(row), row["headers"], path=row["path"])
    assert (claim.session, claim.run, claim.parent, claim.source) == ("", "", "", "new")
    assert claim.agent.startswith("agent-") == (row["method"] == "POST")


def test_every_recorded_request_is_covered() -> None:
    """The recording holds what the tests above are about."""
    assert (len(rows()), len(by_program("codex")), len(by_program("opencode"))) == (39, 1, 2)
