"""Token counts: the encoding's own, from ranks that came with the package.

It must not know messages.
"""

import hashlib
import inspect
import lzma
import re
import subprocess
import sys
import textwrap
from importlib import import_module
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.tokens import RANKS, Tokens, estimate, load

ROOT = Path(__file__).parents[2]
ENCODING = load()


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    """A counter whose encoding is loaded."""
    counter = Tokens(most_cached=8)
    anyio.run(counter.ready)
    return counter


def test_the_ranks_are_the_file_that_tiktoken_names() -> None:
    """Byte for byte: the checksum is read from tiktoken's own source."""
    named = re.search(
        r'/o200k_base\.tiktoken",\s+expected_hash="([0-9a-f]{64})"',
        inspect.getsource(import_module("tiktoken_ext.openai_public")),
    )
    assert named is not None
    assert hashlib.sha256(lzma.decompress(RANKS.read_bytes())).hexdigest() == named[1]


def test_counts_are_the_encodings(tokens: Tokens) -> None:
    """Known counts, special tokens read as plain text."""
    texts = {"": 0, "hello world": 2, "<|endoftext|>": 7, "antidisestablishmentarianism": 6}
    assert {text: tokens.count(text) for text in texts} == texts
    assert ENCODING.n_vocab == 200_019


@given(text=st.text(max_size=200))
def test_a_count_is_the_same_first_and_later(tokens: Tokens, text: str) -> None:
    """Kept or not, short or long, a count is what the encoding says, and the encoding loses nothing."""
    ids = ENCODING.encode_ordinary(text)
    assert tokens.count(text) == tokens.count(text) == len(ids)
    assert ENCODING.decode(ids) == text


def test_what_is_kept_is_bounded(tokens: Tokens) -> None:
    """The latest texts are kept, the oldest forgotten."""
    for number in range(100):
        tokens.count(f"{number} " * 100)
    assert len(tokens._counts) == 8


def test_a_million_blanks_are_counted(tokens: Tokens) -> None:
    """A text on which the encoding's own matcher panics is counted in slices."""
    assert tokens.count(" " * 1_000_000) == pytest.approx(7_820, rel=0.01)


def test_half_a_surrogate_is_counted(tokens: Tokens) -> None:
    """Text that is no UTF-8 raises nothing."""
    assert tokens.count("\ud800" * 100) > 0
    assert estimate("\ud800") == 1


def test_before_it_is_loaded_a_count_is_an_estimate() -> None:
    """A first count does not wait: it says four bytes a token, and that it is not exact."""
    counter = Tokens()
    assert not counter.exact
    assert counter.count("abcde") == 2


def test_nothing_is_asked_of_the_network() -> None:
    """In a fresh process where no socket can be made and no cache folder is set, the encoding loads and counts."""
    script = """
        import sys

        def forbid(event, _arguments):
            if event.startswith("socket."):
                raise RuntimeError(f"network: {event}")

        sys.addaudithook(forbid)
        from proxy.tokens import load
        print(len(load().encode_ordinary("hello world")))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "TIKTOKEN_CACHE_DIR": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("2", 0), done.stderr
