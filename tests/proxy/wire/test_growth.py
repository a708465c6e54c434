"""Growth: with memory and without it, the same is read.

It must not assert how fast.
"""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.wire import Body, Malformed
from proxy.wire.chat import Chat
from proxy.wire.forms import Forms
from proxy.wire.growth import Growth

PATHS = {"messages": "/v1/chat/completions", "input": "/v1/responses", "anthropic": "/v1/messages"}
LONG = "All work and no play makes a long system text. " * 90
TEXTS = st.sampled_from(["hi", LONG, "ünï🐎", '"}],', "a\nb", '{"messages":[]}', "x" * 3000]) | st.text(max_size=8)
MESSAGES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "tool", "developer"]), "content": TEXTS},
    optional={
        "tool_calls": st.just(
            [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"b":1, "a":2}'}}]
        ),
        "cache_control": st.just({"type": "ephemeral"}),
    },
)
ITEMS: st.SearchStrategy[Any] = MESSAGES | st.sampled_from(
    [{"type": "reasoning"}, {"type": "function_call", "name": "f"}, 7, None, "x", {}]
)
STEPS = st.sampled_from(["append", "append", "append", "edit", "drop", "again", "comma", "twice", "system", "break"])


def write(name: str, items: list[Any], fields: dict[str, Any], style: int) -> bytes:
    """A body in one of several spellings: items first or last, compact, spaced or indented."""
    members = {name: items, **fields} if style % 2 else {**fields, name: items}
    if style < 2:
        return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()
    return json.dumps(members, indent=None if style < 4 else 2).encode()


@st.composite
def dialogues(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """Bodies as a client sends them one after the other, some of them strange."""
    path = draw(st.sampled_from(list(PATHS)))
    name = "messages" if path == "anthropic" else path
    items: list[Any] = draw(st.lists(MESSAGES, min_size=1, max_size=4))
    fields: dict[str, Any] = {"model": "m", "tools": [{"type": "function", "function": {"name": "g"}}], "pad": LONG}
    style = draw(st.integers(0, 5))
    bodies = []
    for step in draw(st.lists(STEPS, min_size=2, max_size=8)):
        body = write(name, items, fields, style)
        if step == "append":
            items = items + draw(st.lists(ITEMS, min_size=1, max_size=3))
        elif step == "edit":
            items = [*items]
            items[draw(st.integers(0, len(items) - 1))] = draw(MESSAGES)
        elif step == "drop":
            items = items[: draw(st.integers(1, len(items)))]
        elif step == "system":
            fields = {**fields, "system": draw(TEXTS), "instructions": draw(TEXTS)}
        elif step == "comma":
            body = body.replace(b"]", b",]") if draw(st.booleans()) else body.replace(b"]", b" , ]", 1)
        elif step == "twice":
            again = write(name, draw(st.lists(MESSAGES, max_size=2)) or items[-1:], {}, 0)
            body = body.rstrip()[:-1] + b"," + again[1:]
        elif step == "break":
            body = body[: draw(st.integers(0, len(body)))]
        bodies.append(body)
    return PATHS[path], bodies


def reading(forms: Forms, path: str, body: bytes) -> Body | str:
    try:
        return forms.of("POST", path).read(body)
    except Malformed as error:
        return str(error)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(dialogues(), st.sampled_from([40_000, 1 << 20]))
def test_same(made: tuple[str, list[bytes]], cache_bytes: int) -> None:
    """A memory, be it large or nearly too small, changes nothing in what is read."""
    path, bodies = made
    remembering, forgetful = Forms(cache_bytes), Forms(0)
    for body in bodies:
        assert reading(remembering, path, body) == reading(forgetful, path, body)


def grow(turns: int) -> bytes:
    messages = [{"role": ("user", "assistant")[turn % 2], "content": f"turn {turn} " * 40} for turn in range(turns)]
    return write("messages", messages, {"model": "m"}, 1)


def test_hit() -> None:
    """An appended conversation is found, and its old turns are the very same values."""
    chat = Chat(growth := Growth(1 << 20))
    first, second = chat.read(grow(20)).conversation, chat.read(grow(22)).conversation
    assert first
    assert second
    assert all(old is new for old, new in zip(first.turns, second.turns, strict=False))
    assert len(growth._kept) == 1


def test_fork() -> None:
    """A conversation that departs from a kept one shares its turns up to there, and both are kept."""
    chat = Chat(growth := Growth(1 << 20))
    first = chat.read(grow(30)).conversation
    fork = chat.read(grow(30).replace(b"turn 25", b"TURN 25")).conversation
    assert first
    assert fork
    same = [old is new for old, new in zip(first.turns, fork.turns, strict=True)]
    assert same == [True] * 25 + [False] * 5
    assert len(growth._kept) == 2
    assert first.turns[-1].strict != fork.turns[-1].strict


def test_item_that_goes_on() -> None:
    """A number that begins like the last item read is another item."""
    chat, body = Chat(Growth(1 << 20)), grow(20)
    seven, seventy = (body.replace(b'}],"model"', b"}," + number + b'],"model"') for number in (b"7", b"70"))
    chat.read(seven)
    assert chat.read(seventy) == Chat(Growth(0)).read(seventy)


def test_spans_after_growth() -> None:
    """Spans of appended turns point at their items in the new body."""
    chat = Chat(Growth(1 << 20))
    chat.read(grow(20))
    body = grow(25)
    conversation = chat.read(body).conversation
    assert conversation
    said = [json.loads(body[slice(*turn.span)])["content"] for turn in conversation.turns]
    assert said == [turn.text for turn in conversation.turns]


def test_bounds() -> None:
    """The memory holds what it may and forgets what was unused for longest."""
    growth = Growth(100_000)
    chat = Chat(growth)
    for number in range(50):
        chat.read(grow(20).replace(b"turn 1 ", b"run %d " % number))
        assert growth.used <= growth.limit
    assert growth.used == sum(kept.cost for kept in growth._kept)
    kept = {mark for body in growth._kept for mark in body.marks}
    assert set(growth._buckets) == kept
    chat.read(grow(2000))
    assert growth.used <= growth.limit


@pytest.mark.parametrize("path", PATHS.values())
def test_forms_apart(path: str) -> None:
    """A body read in one form is not remembered for another."""
    forms, body = Forms(), grow(20)
    for other in PATHS.values():
        reading(forms, other, body)
    assert reading(forms, path, body) == reading(Forms(0), path, body)
