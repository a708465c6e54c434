"""Request bodies of agents, as an OpenAI client writes them: first turns, streamed turns, growing sessions.

It must not know who sends them, or to whom.
"""

from collections.abc import Sequence
from itertools import count

import orjson

PLAIN = "bench"
"""The model name that asks the fake upstream for one whole completion."""

KEY = "sk-bench-0123456789abcdef0123456789abcdef"
HEADERS = (
    b"Accept: application/json\r\n"
    b"Content-Type: application/json\r\n"
    b"User-Agent: OpenAI/Python 3.54.0\r\n"
    b"X-Stainless-Lang: python\r\n"
    b"X-Stainless-Package-Version: 3.54.0\r\n"
    b"X-Stainless-OS: Linux\r\n"
    b"X-Stainless-Arch: x64\r\n"
    b"X-Stainless-Runtime: CPython\r\n"
    b"X-Stainless-Runtime-Version: 3.11.7\r\n"
    b"X-Stainless-Async: async:asyncio\r\n"
    b"x-stainless-retry-count: 0\r\n"
    b"x-stainless-read-timeout: 600\r\n"
    b"Authorization: Bearer " + KEY.encode() + b"\r\n"
)
"""The headers an OpenAI SDK sends, but for `Host` and `Content-Length`."""

WORDS = (
    "the agent reads the ticket, searches the repository for the failing test, opens the file it names, "
    "and writes down what it believes before it changes a line; "
)
SYSTEM = "You are a careful engineer. Answer in short sentences and name the file you mean. " * 2
serial = count()


def prose(size: int, mark: str = "") -> str:
    """`size` characters of text that begin with `mark`."""
    return (mark + WORDS * (size // len(WORDS) + 1))[:size]


def paced(chunks: int, gap_ms: int) -> str:
    """The model name that asks the fake upstream for a stream of `chunks` events, `gap_ms` apart."""
    return f"{PLAIN}-{chunks}x{gap_ms}"


def opening(size: int, model: str = PLAIN) -> bytes:
    """A session's first turn of `size` bytes; no two are alike, so each opens a session of its own."""
    stream = model != PLAIN
    frame = _chat(model, [{"role": "system", "content": SYSTEM}, {"role": "user", "content": ""}], stream)
    text = prose(max(size - len(frame), 16), f"task {next(serial):09d}: ")
    return _chat(model, [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}], stream)


def _chat(model: str, messages: Sequence[dict[str, str]], stream: bool) -> bytes:
    body: dict[str, object] = {"model": model, "messages": messages, "temperature": 0.2}
    return orjson.dumps(body | {"stream": True} if stream else body)


class Talk:
    """A growing session: each turn sends everything said so far and one more user message, as clients do."""

    def __init__(self, message_bytes: int) -> None:
        self.message_bytes = message_bytes
        self.items: list[bytes] = []
        self.name = next(serial)

    def say(self) -> bytes:
        """The body of the next turn."""
        mark = f"session {self.name:09d} turn {len(self.items):04d}: "
        self._add("user", prose(self.message_bytes, mark))
        return b'{"model":"%b","messages":[%b],"temperature":0.2}' % (PLAIN.encode(), b",".join(self.items))

    def hear(self, reply: bytes) -> None:
        """Takes the assistant's message out of a reply body. Raises ValueError or KeyError if there is none."""
        self._add("assistant", orjson.loads(reply)["choices"][0]["message"]["content"])

    def _add(self, role: str, text: str) -> None:
        self.items.append(orjson.dumps({"role": role, "content": text}))
