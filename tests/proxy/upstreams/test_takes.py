"""Claims about reading recordings: which replies are found, under which key, and what cannot be read."""

import gzip
from pathlib import Path

import orjson
import pytest

from proxy.upstreams.takes import read_takes
from tests.proxy.upstreams.requests import FORMS

SYSTEM = {"role": "system", "content": "Be brief."}
GREETING = {"role": "assistant", "content": "How can I help?"}
USER = {"role": "user", "content": "Two plus two?"}
FOUR = {"role": "assistant", "content": "Four."}


def trace(*messages: dict[str, str], at_s: list[float] | None = None) -> bytes:
    return orjson.dumps({"id": "t", "agent_model": "gpt-4o", "messages": messages, "at_s": at_s})


def test_replies_to_users_are_takes(tmp_path: Path) -> None:
    """An assistant message counts once a user has spoken; a greeting before that is only context."""
    path = tmp_path / "t.jsonl"
    path.write_bytes(trace(SYSTEM, GREETING, USER, FOUR, at_s=[0, 0, 1, 3.5]) + b"\n\n")
    takes = read_takes([str(path)], FORMS)
    (found,) = takes.by_key.values()
    assert [(take.model, take.message, take.wait_s) for take in found] == [("gpt-4o", FOUR, 2.5)]
    assert len(takes.beginnings) == 4
    assert list(takes.models) == ["gpt-4o"]


def test_the_same_words_make_the_same_key(tmp_path: Path) -> None:
    """Two recordings that begin alike share a key and keep their order; files may be compressed."""
    path = tmp_path / "t.jsonl.gz"
    other = {"role": "assistant", "content": "4"}
    path.write_bytes(gzip.compress(trace(SYSTEM, USER, FOUR) + b"\n" + trace(SYSTEM, USER, other)))
    (found,) = read_takes([str(path)], FORMS).by_key.values()
    assert [take.message for take in found] == [FOUR, other]


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"a": 1}', b"not json"])
def test_a_line_of_neither_kind_is_named(tmp_path: Path, line: bytes) -> None:
    """The error says which file and which line."""
    path = tmp_path / "t.jsonl"
    path.write_bytes(trace(USER) + b"\n" + line)
    with pytest.raises(ValueError, match=r"t\.jsonl, line 2"):
        read_takes([str(path)], FORMS)


def test_a_missing_file() -> None:
    """A file that is not there is an `OSError`."""
    with pytest.raises(OSError, match="nowhere"):
        read_takes(["nowhere.jsonl"], FORMS)
