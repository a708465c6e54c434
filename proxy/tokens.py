"""Token counts of texts, by o200k_base. The only room of `tiktoken`.

It must not know messages, wire forms or the network: the ranks come with the package (`data/NOTICE-tiktoken.md`).
"""

import asyncio
import base64
import hashlib
import lzma
import threading
from collections import OrderedDict
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

RANKS = Path(__file__).parent / "data" / "o200k_base.tiktoken.xz"
BYTES_PER_TOKEN = 4
MOST_CACHED = 16_384
SHORT = 64
"""Characters up to which counting is quicker than looking up."""


SLICE = 100_000
"""Characters counted in one go. On a run of some 700,000 blanks the pattern's matcher overflows its stack and panics,
past every `except Exception`."""


class Tokens:
    """Counts tokens as GPT-4o and its successors do; for other models' tokenizers it is an approximation.

    The encoding takes 0.6 s and some 60 MB to load, so it is loaded in a thread when first wanted. Counts of
    texts longer than 64 characters are kept, the 16,384 latest, by a digest of the text. A text longer than 100,000
    characters is counted in slices; each cut may add a token. English takes 4 ms for each 100,000 characters.
    """

    def __init__(self, *, most_cached: int = MOST_CACHED) -> None:
        self._most_cached = most_cached
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._encoding: Encoding | None = None
        self._began = threading.Lock()
        self._loaded = threading.Event()

    @property
    def exact(self) -> bool:
        """Whether `count` counts; before the encoding is loaded it estimates."""
        return self._encoding is not None

    def warm(self) -> None:
        """Starts loading the encoding in a thread; more calls do nothing."""
        if self._began.acquire(blocking=False):
            threading.Thread(target=self._load, name="tokens", daemon=True).start()

    async def ready(self) -> None:
        """Returns once the encoding is loaded; the event loop goes on meanwhile."""
        self.warm()
        await asyncio.to_thread(self._loaded.wait)

    def count(self, text: str) -> int:
        """Tokens of the text, special tokens read as plain text. An estimate while not `exact`; never waits."""
        encoding = self._encoding
        if encoding is None:
            self.warm()
            return estimate(text)
        if len(text) <= SHORT:
            return _count(encoding, text)
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        # Each step by itself leaves the dictionary whole: threads count beside the event loop.
        known = self._counts.pop(key, None)
        count = self._counts[key] = _count(encoding, text) if known is None else known
        if len(self._counts) > self._most_cached:
            self._counts.popitem(last=False)
        return count

    def _load(self) -> None:
        try:
            self._encoding = load()
        finally:
            self._loaded.set()


def _count(encoding: "Encoding", text: str) -> int:
    if len(text) <= SLICE:
        return len(encoding.encode_ordinary(text))
    return sum(len(encoding.encode_ordinary(text[at : at + SLICE])) for at in range(0, len(text), SLICE))


def estimate(text: str) -> int:
    """A guess without the encoding: a token for each four bytes of UTF-8, rounded up."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


@cache
def load() -> "Encoding":
    """The encoding, from our copy of its ranks: 0.6 s the first time, and one for all who count in this process. Raises
    `ValueError` when the copy is damaged.

    tiktoken's own recipe for o200k_base is run as it stands (pattern, special tokens, checksum), with the reader
    below in the place of the one that downloads.
    """
    recipe = import_module("tiktoken_ext.openai_public").o200k_base
    offline = FunctionType(recipe.__code__, {**recipe.__globals__, "load_tiktoken_bpe": _read_ranks})
    encoding: Encoding = import_module("tiktoken").Encoding(**offline())
    return encoding


def _read_ranks(url: str, expected_hash: str) -> dict[bytes, int]:
    """Byte sequences and their ranks, from lines of base64 and a number. The URL is not asked."""
    lines = lzma.decompress(RANKS.read_bytes())
    if hashlib.sha256(lines).hexdigest() != expected_hash:
        raise ValueError(f"{RANKS.name} is not the file that tiktoken names for {url}")
    pairs = (line.split() for line in lines.splitlines())
    return {base64.b64decode(token): int(rank) for token, rank in pairs}
