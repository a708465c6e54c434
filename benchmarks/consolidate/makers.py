"""What the makers of the internal state keep and cost: the extract, and models that write well, badly or not at all.

It must not know how a state is made or judged: it plays sessions through a proxy and looks at what the upstream
received. `python -m benchmarks.consolidate.makers [FILE…]`; without files those in the folder OUTRIDER_TRACES. The
models are stand-ins: one writes a paragraph without a single literal, one lists what it was shown, newest first, one
fails with an error's text.
"""

import argparse
import asyncio
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from benchmarks.consolidate.meter import Meter
from benchmarks.consolidate.play import play
from benchmarks.consolidate.sessions import Session, chained
from benchmarks.consolidate.setting import counting
from benchmarks.consolidate.spoken import spoken
from benchmarks.consolidate.summary import summed
from proxy.testing import Heard, Line, Script

Json = dict[str, Any]
QUESTION = "write your working memory"
EXTRACT, MODEL = "Earlier messages, condensed;", "Earlier messages, condensed by the model"
"""How states begin."""
PAUSE_S = 0.05
"""Between two requests: an errand has ended by then."""
SILENT = (
    "The user had several wishes, which were looked at one after another with the tools at hand. Some were granted and "
    "some were refused by the rules. Nothing else is open at this moment, and the next wish is under way."
)
ERROR = "Error generating summary: Error code: 429 - {'error': {'message': 'Rate limit reached for this organization'}}"
_LITERAL = re.compile(r"[\w#@.:/+-]*\d[\w#@.:/+-]*|\w+@\w+\.\w+|\w+_\w+")
_MOST = re.compile(r"At most (\d+) words")


class Told(NamedTuple):
    """What was asked of a consolidator, and what it said."""

    prompt: int
    """Tokens of the question's messages."""
    said: int


class Upstream:
    """Answers the consolidator's questions; counts them, and the states that requests hold."""

    def __init__(self, writes: Callable[[Json], str], count: Callable[[str], int]) -> None:
        self.told: list[Told] = []
        self.states: dict[str, int] = {}
        """Tokens of each state that was sent, by its text."""
        self._writes = writes
        self._count = count

    def __call__(self, heard: Heard) -> Line | None:
        """The answer to a question; None for a request of a session."""
        body = json.loads(heard.body)
        texts = [each["content"] for each in body["messages"] if isinstance(each.get("content"), str)]
        if QUESTION not in texts[-1]:
            for text in texts:
                if text.startswith((EXTRACT, MODEL)):
                    self.states.setdefault(text, self._count(text))
            return None
        said = self._writes(body)
        self.told.append(Told(sum(map(self._count, texts)), self._count(said)))
        usage = {"prompt_tokens": self.told[-1].prompt, "completion_tokens": self.told[-1].said}
        choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
        return Script.json({"id": "chatcmpl-c", "model": body["model"], "choices": [choice], "usage": usage})


def silent(_body: Json) -> str:
    """A paragraph that names nothing."""
    return SILENT


def failing(_body: Json) -> str:
    """The text of an error, with status 200."""
    return ERROR


def diligent(body: Json) -> str:
    """The user's last wishes, and every literal it was shown, newest first, while there is room."""
    room = int(found[1]) if (found := _MOST.search(body["messages"][-1]["content"])) else 300
    wishes = [each["content"] for each in body["messages"][:-1] if each.get("role") == "user"][-3:]
    words = " ".join(" ".join(wishes).split()[: room // 4])
    literals: dict[str, None] = {}
    for each in reversed(body["messages"][:-1]):
        literals |= dict.fromkeys(reversed(_LITERAL.findall(json.dumps(each, ensure_ascii=False))))
    return f"{SILENT} Wishes: {words}. Seen: {' '.join([*literals][: room // 2])}"


COLUMNS = (
    "maker", "peak less by", "retention", "events", "states by a model", "tokens of a state", "questions",
    "tokens of a question", "tokens of an answer", "at fault",
)  # fmt: skip
WAYS: Mapping[str, tuple[str, Callable[[Json], str]]] = {
    "extract": ("extract", silent),
    "model, diligent": ("model", diligent),
    "model, silent": ("model", silent),
    "model, failing": ("model", failing),
}


def line(name: str, sessions: Sequence[Session], marks: tuple[int, int], count: Callable[[str], int]) -> str:
    """One row of the table."""
    state, writes = WAYS[name]
    meters = [Meter(spoken(session, "chat", "gpt-4o"), count) for session in sessions]
    upstream = Upstream(writes, count)
    settings = {"consolidate": "on", "consolidate_state": state}
    settings |= {"consolidate_above": marks[0], "consolidate_to": marks[1]}
    asyncio.run(play(meters, settings, PAUSE_S, upstream))
    row = summed(name, meters)
    by_model = [tokens for text, tokens in upstream.states.items() if text.startswith(MODEL)]
    told = upstream.told
    figures = [
        f"{row.less:.1f}",
        f"{row.retention:.4f}",
        f"{row.events:.1%}",
        f"{len(by_model)} of {len(upstream.states)}",
        f"{mean(upstream.states.values()):.0f}" if upstream.states else "",
        f"{len(told)}",
        f"{mean(one.prompt for one in told):,.0f}" if told else "",
        f"{mean(one.said for one in told):.0f}" if told else "",
        f"{row.faulty}",
    ]
    return f"| {name} | {' | '.join(figures)} |"


def main() -> None:
    """Reads the command line and prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--chain", type=int, default=16)
    parser.add_argument("--above", type=int, default=4500)
    parser.add_argument("--to", type=int, default=1500)
    wishes = parser.parse_args()
    files, folder = wishes.files, os.environ.get("OUTRIDER_TRACES")
    if not files and folder:
        files = sorted(Path(folder).glob("*.jsonl.gz"))
    count = counting()
    for file in files:
        sessions = chained(file, wishes.chain)
        print(f"\n{file.name}, chain-{wishes.chain}, {wishes.above} / {wishes.to}\n")
        print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
        for name in WAYS:
            print(line(name, sessions, (wishes.above, wishes.to), count), flush=True)


if __name__ == "__main__":
    main()
