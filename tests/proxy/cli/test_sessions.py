"""Reading recorded sessions from files.

It must not know who plays them.
"""

import gzip
import json
from pathlib import Path

import pytest

from proxy.cli.sessions import CHAT, Unreadable, read_sessions
from proxy.exchange import Completion, Exchange, Request, Session
from proxy.recorder import Recorder
from proxy.recording import write

SHIPPED = Path(__file__).parents[3] / "proxy" / "data" / "sessions.jsonl.gz"


def said(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


def test_a_trace_is_played_from_the_first_reply_to_a_user(tmp_path: Path) -> None:
    """A scripted greeting is no reply; every other assistant message answers what stands before it."""
    messages = [said("system", "s"), said("assistant", "hi"), said("user", "u"), said("assistant", "a")]
    messages += [said("user", "v"), said("assistant", "b")]
    file = tmp_path / "trace.jsonl"
    file.write_text(json.dumps({"id": "t", "agent_model": "m", "messages": messages}) + "\n\n")
    (session,) = read_sessions([file])
    assert session.id == "t"
    assert [step.body for step in session.steps] == [
        {"model": "m", "messages": messages[:3]},
        {"model": "m", "messages": messages[:5]},
    ]


def test_the_shipped_sessions_are_a_small_true_sample() -> None:
    """Two dozen sessions of five recordings, two of which begin with the same words of the same customer."""
    sessions = read_sessions([SHIPPED])
    assert len(sessions) == 24
    assert len({session.id.split("/")[0] for session in sessions}) == 5
    openings = [session.steps[0].digest for session in sessions]
    assert len(set(openings)) < len(openings)
    assert SHIPPED.stat().st_size < 250_000


def exchange(name: str, session: str, text: str, now: float, purpose: str = "") -> bytes:
    """A recorded line."""
    body = json.dumps({"model": "m", "messages": [said("user", text)]}).encode()
    return write(
        Exchange(
            name,
            Request("POST", CHAT, body=body, form="chat"),
            Session(session),
            now=now,
            purpose=purpose,
            completion=Completion(200, body=b"{}"),
        ),
        mode="full",
        redact=None,
    )


def test_recordings_are_put_back_into_sessions(tmp_path: Path) -> None:
    """Lines of several sessions are sorted by session and time; what the proxy asked for itself is not played."""
    lines = [exchange("3", "a", "late", 3.0), exchange("1", "a", "early", 1.0), exchange("2", "b", "other", 2.0)]
    lines.append(exchange("4", "b", "own", 4.0, purpose="consolidate"))
    file = tmp_path / "recording.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n".join(lines)))
    found = {session.id: [step.body["messages"][0]["content"] for step in session.steps]
             for session in read_sessions([file])}  # fmt: skip
    assert found == {"a": ["early", "late"], "b": ["other"]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: not a JSON object"),
        ('{"a": 1}', "line 2: neither a trace nor a recorded exchange"),
        ('{"messages": 3}', "line 2: not a trace"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    """The message names the file, the line, and what was expected."""
    file = tmp_path / "odd.jsonl"
    file.write_text(json.dumps({"id": "t", "messages": []}) + "\n" + line + "\n")
    with pytest.raises(Unreadable, match=reason):
        read_sessions([file])


def test_lines_that_hang_on_each_other_are_played_whole(tmp_path: Path) -> None:
    """Straight from a store, lines hold what was added; those whose beginning is gone are not played."""
    talk = [said("user", "How so? " * 1_000), *(said("user", str(turn)) for turn in range(3))]
    recorder, file = Recorder("full"), tmp_path / "kept.jsonl"
    lines = []
    for turn in range(1, 4):
        body = json.dumps({"messages": talk[:turn]}).encode()
        request = Request("POST", CHAT, body=body, form="chat")
        lines.append(recorder(Exchange(f"e{turn}", request, Session("s"), now=turn, completion=Completion(200))))
    file.write_bytes(b"\n".join(reversed(lines)))
    (session,) = read_sessions([file])
    assert [step.body["messages"] for step in session.steps] == [talk[:1], talk[:2], talk[:3]]
    file.write_bytes(b"\n".join(lines[1:]))
    assert read_sessions([file]) == ()
