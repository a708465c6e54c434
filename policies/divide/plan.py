"""The plan of `divide`: a planner writes instructions, workers read the parts, one manager answers from their notes.

It must not know the road, nor how a size is found.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from policies.divide.cutting import few
from policies.divide.instructions import Instructions, read
from policies.divide.passage import Passage, replaced
from policies.divide.sizing import Sizing
from policies.divide.wording import holds, managing, planning, refining, working
from policies.inner.bodies import alone, body_of, named, with_body
from policies.inner.spent import NOTHING, Spent, cost_of, text_of
from proxy.exchange import Completion, Request
from proxy.policy import Call, Failure, Say, Wish, Work, ask, ask_all

LEAST_READ = 0.5
"""Share of the parts that must have been read; with fewer the input goes whole."""
Ending = Generator[Wish, Any, Call]


class Limits(NamedTuple):
    """What one divided answer may take. Zero: no limit of its own."""

    parts: int = 24
    at_once: int = 8
    """Workers at the same time."""
    patience_s: float = 120.0
    """Seconds that workers are waited for; who takes longer is left out."""
    tokens: int = 0
    usd: float = 0.0


@dataclass(slots=True)
class Division:
    """One input that is divided, and its account."""

    request: Request
    """The client's request, as the policies before have left it."""
    model: str
    planner: str
    """Model that writes the instructions; empty: nobody does."""
    passage: Passage
    sizing: Sizing
    most_chars: int
    """Of a part."""
    limits: Limits
    spent: Spent = NOTHING
    failed: dict[int, str] = field(default_factory=dict)
    """Parts, from 1, that were not read, and why."""
    written: str = "default"
    """By whom the instructions are: `planner`, `refined`, or `default`."""

    def plan(self) -> Ending:
        """The plan. Its tail call goes to the manager, or to the model with the whole input."""
        cut = yield from ask(Work(few, (self.passage.text, self.most_chars, self.limits.parts)))
        if isinstance(cut, Failure) or len(cut) < 2:
            return (yield from self._whole("it could not be cut"))
        told = yield from self._instructed(len(cut))
        notes = yield from self._notes(told, cut)
        read_parts = [note for note in notes if note is not None]
        if len(read_parts) < LEAST_READ * len(cut):
            return (yield from self._whole(f"only {len(read_parts)} of {len(cut)} parts were read"))
        if not any(map(holds, read_parts)):
            return (yield from self._whole("no part held anything of use"))
        middle = f"{self.passage.before}{managing(told.manager, notes)}{self.passage.after}"
        body = replaced(body_of(self.request), self.passage.path, middle)
        said = f"{len(cut)} parts of {self.sizing.size} tokens ({self.sizing.reason}), instructions: {self.written}"
        yield from self._say(said, parts=len(cut), notes=tuple(read_parts))
        return Call(with_body(self.request, {**body, "model": self.model}))

    def _instructed(self, count: int) -> Generator[Wish, Any, Instructions]:
        """What the planner writes, looked at by itself once more; the default where it writes nothing of use."""
        asked = self.passage.asked
        told = yield from self._planned(planning(asked, self.passage.text, count))
        if told is None:
            return Instructions()
        self.written = "planner"
        again = yield from self._planned(refining(asked, told.worker, told.manager))
        self.written = "refined" if again else self.written
        return again or told

    def _planned(self, text: str) -> Generator[Wish, Any, Instructions | None]:
        if not self.planner or not self.affords:
            return None
        (reply,) = yield from self._asked([alone(self.request, self.planner, text)], "plan")
        return None if isinstance(reply, Failure) else read(text_of(reply))

    def _notes(self, told: Instructions, cut: Sequence[str]) -> Generator[Wish, Any, list[str | None]]:
        """What each worker wrote; None of a part that was not read. So many at once."""
        found: list[str | None] = []
        asked, count = self.passage.asked, len(cut)
        while len(found) < count:
            wave = range(len(found), min(count, len(found) + self.limits.at_once))
            if not self.affords:
                self.failed |= {place + 1: "over the budget" for place in range(len(found), count)}
                return [*found, *[None] * (count - len(found))]
            texts = [working(asked, told.worker, cut[place], place + 1, count) for place in wave]
            replies = yield from self._asked([alone(self.request, self.model, text) for text in texts], "worker")
            found += [self._note(place + 1, reply) for place, reply in zip(wave, replies, strict=True)]
        return found

    def _note(self, number: int, reply: Completion | Failure) -> str | None:
        text = "" if isinstance(reply, Failure) else text_of(reply)
        if not text:
            self.failed[number] = reply.reason[:80] if isinstance(reply, Failure) else "empty reply"
        return text or None

    def _asked(
        self, requests: Sequence[Request], purpose: str
    ) -> Generator[Wish, Any, tuple[Completion | Failure, ...]]:
        calls = (Call(request, purpose) for request in requests)
        replies: tuple[Completion | Failure, ...] = yield from ask_all(*calls, patience_s=self.limits.patience_s)
        for reply in replies:
            self.spent = self.spent.plus(*cost_of(reply))
        return replies

    @property
    def affords(self) -> bool:
        """Whether anything may still be spent."""
        return self.spent.within(self.limits.tokens, self.limits.usd)

    def _whole(self, why: str) -> Ending:
        yield from self._say(f"whole: {why}", parts=0, notes=())
        return Call(named(self.request, self.model))

    def _say(self, said: str, *, parts: int, notes: tuple[str, ...]) -> Generator[Wish, Any, None]:
        failed = ", ".join(f"{number} ({why})" for number, why in self.failed.items())
        told = f"divide: {said} | {self.spent.calls + 1} calls" + (f" | parts not read: {failed}" if failed else "")
        facts = {
            "bill": list(self.spent),
            "size": self.sizing.size,
            "parts": parts,
            "failed": len(self.failed),
            "instructions": self.written,
        }
        yield from ask(Say(told, facts, notes))
