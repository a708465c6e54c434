"""Streams of events without the states in them, in each wire form: event in, events out.

It must not know bytes of a stream other than those of one event, nor what a state is for. An event in which nothing
is to be changed passes as it came.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from policies.consolidate.events import encoded, with_data
from policies.consolidate.replies import THOUGHTS, Json, cut, may_hold, objects, output
from policies.consolidate.tags import Tags
from policies.inner.splicing import json_of


class Stream(Protocol):
    """One reply on its way."""

    def texts(self) -> Sequence[Tags]:
        """The texts so far, in order; of several choices the first one's comes last."""

    @property
    def waits(self) -> bool:
        """Whether anything is held."""

    def take(self, said: Json, event: bytes) -> Sequence[bytes]:
        """What goes on for an event and its data."""

    def end(self) -> list[bytes]:
        """What is held, as events, when nothing more comes; nothing is held then."""

    def held(self) -> list[bytes]:
        """The same, and it stays held."""


class Chat:
    """Chunks of Chat Completions; each choice is a text of its own."""

    def __init__(self) -> None:
        self._texts: dict[int, Tags] = {}
        self._like: Json = {}

    def texts(self) -> Sequence[Tags]:
        """See `Stream.texts`."""
        return [self._texts[index] for index in sorted(self._texts, reverse=True)]

    @property
    def waits(self) -> bool:
        """See `Stream.waits`."""
        return any(tags.held for tags in self._texts.values())

    def take(self, said: Json, event: bytes) -> Sequence[bytes]:
        """See `Stream.take`."""
        choices = objects(said, "choices")
        self._like = said if choices else self._like
        changed = [choice for choice in choices if self._choice(choice)]
        if not changed:
            return (event,)
        if not said.get("usage") and not any(map(_says, choices)):
            return ()
        return (with_data(event, json_of(said)),)

    def _choice(self, choice: Json) -> bool:
        """Takes what a choice says; whether it says something else now."""
        delta = choice.get("delta")
        text = delta.get("content") if isinstance(delta, dict) else None
        text = text if isinstance(text, str) else ""
        tags = self._texts.setdefault(number(choice, "index"), Tags())
        shown = tags.feed(text) if text else ""
        if choice.get("finish_reason"):
            shown += tags.end()
        if shown == text:
            return False
        choice["delta"] = {**delta, "content": shown} if isinstance(delta, dict) else {"content": shown}
        if choice.get("logprobs"):
            choice["logprobs"] = None
        return True

    def held(self) -> list[bytes]:
        """See `Stream.held`."""
        return [self._saying(index, tags.held) for index, tags in self._texts.items() if tags.held]

    def end(self) -> list[bytes]:
        """See `Stream.end`."""
        rest = ((index, tags.end()) for index, tags in self._texts.items())
        return [self._saying(index, text) for index, text in rest if text]

    def _saying(self, index: int, text: str) -> bytes:
        choice = {"index": index, "delta": {"content": text}, "finish_reason": None}
        said = {name: value for name, value in self._like.items() if name != "usage"}
        return encoded({**said, "choices": [choice]})


class Responses:
    """Events of the Responses API: deltas, and the events that repeat their text."""

    def __init__(self) -> None:
        self._texts: dict[tuple[int, int], Tags] = {}
        self._like: dict[tuple[int, int], Json] = {}

    def texts(self) -> Sequence[Tags]:
        """See `Stream.texts`."""
        return [self._texts[key] for key in sorted(self._texts)]

    @property
    def waits(self) -> bool:
        """See `Stream.waits`."""
        return any(tags.held for tags in self._texts.values())

    def take(self, said: Json, event: bytes) -> Sequence[bytes]:
        """See `Stream.take`."""
        kind = said.get("type")
        if kind == "response.output_text.delta":
            return self._delta(said, event)
        before = self._ended(place(said)) if kind == "response.output_text.done" else []
        if may_hold(event) and self._cut(said):
            return (*before, with_data(event, json_of(said)))
        return (*before, event)

    def _delta(self, said: Json, event: bytes) -> Sequence[bytes]:
        text, key = said.get("delta"), place(said)
        if not isinstance(text, str):
            return (event,)
        shown = self._texts.setdefault(key, Tags()).feed(text)
        self._like[key] = said
        if shown == text:
            return (event,)
        return (with_data(event, json_of(self._saying(key, shown))),) if shown else ()

    def _cut(self, said: Json) -> bool:
        """Takes states out of wherever an event repeats a text."""
        states: list[str] = []
        found = [cut(said, "text", states)]
        found += [cut(said[name], "text", states) for name in ("part",) if isinstance(said.get(name), dict)]
        found += [cut(part, "text", states) for part in objects(said.get("item"), "content")]
        if isinstance(said.get("response"), dict):
            found.append(output(said["response"], states))
        return any(found)

    def held(self) -> list[bytes]:
        """See `Stream.held`."""
        return [self._event(key, tags.held) for key, tags in self._texts.items() if tags.held]

    def end(self) -> list[bytes]:
        """See `Stream.end`."""
        return [event for key in self._texts for event in self._ended(key)]

    def _ended(self, key: tuple[int, int]) -> list[bytes]:
        text = self._texts[key].end() if key in self._texts else ""
        return [self._event(key, text)] if text else []

    def _saying(self, key: tuple[int, int], text: str) -> Json:
        like = self._like[key]
        return {**like, "delta": text} | ({"logprobs": []} if "logprobs" in like else {})

    def _event(self, key: tuple[int, int], text: str) -> bytes:
        return encoded(self._saying(key, text), "response.output_text.delta")


class Messages:
    """Events of the Messages API. A block of text begins with its first word: one that held nothing but a state is
    left out, and those after it move up, for no empty text is taken back."""

    def __init__(self) -> None:
        self._texts: dict[int, Tags] = {}
        self._starts: dict[int, tuple[Json, bytes]] = {}
        """Blocks that have begun and said nothing yet."""
        self._left_out: list[tuple[Json, str]] = []
        self._given = 0
        """Blocks that went on."""
        self._says = False
        """Whether one of them is more than a thought."""

    def texts(self) -> Sequence[Tags]:
        """See `Stream.texts`."""
        return [self._texts[index] for index in sorted(self._texts)]

    @property
    def waits(self) -> bool:
        """See `Stream.waits`."""
        return bool(self._starts) or any(tags.held for tags in self._texts.values())

    def take(self, said: Json, event: bytes) -> Sequence[bytes]:
        """See `Stream.take`."""
        kind, index = said.get("type"), number(said, "index")
        if kind == "content_block_start":
            return self._start(index, said, event)
        if kind == "content_block_delta" and index in self._texts:
            return self._delta(index, said, event)
        if kind == "content_block_stop" and index in self._texts:
            return self._stop(index, said, event)
        if kind in ("content_block_delta", "content_block_stop"):
            return (self._moved(said, event),)
        if kind == "message_delta":
            return (*self._all_there_is(), event)
        return (event,)

    def _start(self, index: int, said: Json, event: bytes) -> Sequence[bytes]:
        block = said.get("content_block")
        if isinstance(block, dict) and block.get("type") == "text" and not block.get("text"):
            self._texts[index] = Tags()
            self._starts[index] = (said, event)
            return ()
        self._given += 1
        self._says = self._says or not (isinstance(block, dict) and block.get("type") in THOUGHTS)
        return (self._moved(said, event),)

    def _delta(self, index: int, said: Json, event: bytes) -> Sequence[bytes]:
        delta = said.get("delta")
        text = delta.get("text") if isinstance(delta, dict) else None
        if not isinstance(delta, dict) or not isinstance(text, str):
            return (*self._begun(index), self._moved(said, event))
        shown = self._texts[index].feed(text)
        if shown == text:
            return (*self._begun(index), self._moved(said, event))
        if not shown:
            return ()
        changed = {**said, "index": index - len(self._left_out), "delta": {**delta, "text": shown}}
        return (*self._begun(index), with_data(event, json_of(changed)))

    def _stop(self, index: int, said: Json, event: bytes) -> Sequence[bytes]:
        tags = self._texts[index]
        rest = tags.end()
        if index in self._starts and not rest and tags.states:
            start, _ = self._starts.pop(index)
            self._left_out.append((start, tags.states[-1]))
            return ()
        said_last = (self._saying(index, rest),) if rest else ()
        return (*self._begun(index), *said_last, self._moved(said, event))

    def _begun(self, index: int) -> Sequence[bytes]:
        """The beginning of a block that has something to say now."""
        if index not in self._starts:
            return ()
        self._given += 1
        self._says = True
        return (self._moved(*self._starts.pop(index)),)

    def _all_there_is(self) -> Iterator[bytes]:
        """A reply of nothing but a state: it is shown after all, for no empty reply is taken back."""
        if self._says or not self._left_out:
            return
        (start, state), self._left_out = self._left_out[-1], []
        yield encoded({**start, "index": self._given}, "content_block_start")
        yield self._saying(self._given, state)
        yield encoded({"type": "content_block_stop", "index": self._given}, "content_block_stop")

    def _moved(self, said: Json, event: bytes) -> bytes:
        if not self._left_out:
            return event
        return with_data(event, json_of({**said, "index": number(said, "index") - len(self._left_out)}))

    def _saying(self, index: int, text: str) -> bytes:
        delta = {"type": "text_delta", "text": text}
        said = {"type": "content_block_delta", "index": index - len(self._left_out), "delta": delta}
        return encoded(said, "content_block_delta")

    def held(self) -> list[bytes]:
        """See `Stream.held`."""
        begun = [event for _, event in self._starts.values()]
        return begun + [self._saying(index, tags.held) for index, tags in self._texts.items() if tags.held]

    def end(self) -> list[bytes]:
        """See `Stream.end`."""
        held = self.held()
        for tags in self._texts.values():
            tags.end()
        self._starts.clear()
        return held


def number(holder: Mapping[str, Any], name: str) -> int:
    """A number by its name; 0 where there is none."""
    value = holder.get(name)
    return value if isinstance(value, int) else 0


def place(said: Json) -> tuple[int, int]:
    """Which text of a response an event speaks of."""
    return number(said, "output_index"), number(said, "content_index")


def _says(choice: Json) -> bool:
    """Whether a choice still says something."""
    delta = choice.get("delta")
    says = isinstance(delta, dict) and any(value not in (None, "", []) for value in delta.values())
    return bool(says or choice.get("finish_reason"))


STREAMS: Mapping[str, Callable[[], Stream]] = {"chat": Chat, "responses": Responses, "messages": Messages}
