"""The upstream of the benchmark: scripted agents, and the truth of who was handed whose replies.

It must not know the proxy or a framework. An agent is known by its instructions (`You are NAME of run RUN.`); what a
request holds is read from the request as it came in.
"""

import json
import re
from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

from benchmarks.frameworks.prose import SHAPES, finding, mark_of
from proxy.testing import Heard, Line, Script

WHO = re.compile(r"You are ([\w-]+) of run ([\w-]+)\.")
TOPIC = re.compile(r"The topic is ([\w ]+)\.")
TOOLS_FIRST = "Ask every helper before you answer."
LEAST = 2
Json = dict[str, Any]


def instructions(agent: str, run: str, *, first: bool = False) -> str:
    """What an agent of a run is told."""
    return f"You are {agent} of run {run}. Work carefully.{f' {TOOLS_FIRST}' if first else ''}"


class Said(NamedTuple):
    """A reply, and which earlier ones its request held."""

    agent: str
    run: str
    mark: str
    held: frozenset[str]
    """Marks of earlier replies, whoever's, that stood whole in what the request told since its model last spoke."""

    @property
    def puts_together(self) -> bool:
        """Whether it was made of several others' replies."""
        return len(self.held) >= LEAST


class Agents:
    """The scripted agents; use `answer` as a script's handler."""

    def __init__(self, seed: int) -> None:
        self.said: list[Said] = []
        self._seed = seed
        self._texts: dict[str, str] = {}
        """By mark."""
        self._turns: dict[tuple[str, str], int] = {}

    def answer(self, heard: Heard) -> Line:
        """The reply of the agent that is asked."""
        asked = json.loads(heard.body)
        told = _texts(asked)
        whole = "\n".join(told)
        agent, run = WHO.search(whole).groups()  # type: ignore[union-attr]
        form = "responses" if "input" in asked else "chat"
        if TOOLS_FIRST in whole and asked.get("tools") and not _has_results(asked):
            return _calls(form, asked)
        topic = TOPIC.search(whole)
        text = self._text(agent, run, topic[1] if topic else "everything")
        self._note(agent, run, text, _texts(_fresh(asked)))
        if asked.get("stream"):
            return _streamed(text)
        return Script.json(RESPONSES(text) if form == "responses" else CHAT(text))

    def _text(self, agent: str, run: str, topic: str) -> str:
        turn = self._turns[agent, run] = self._turns.get((agent, run), 0) + 1
        seed = f"{self._seed}:{run}:{agent}:{turn}"
        chance = Random(seed)
        return finding(seed, topic, words=chance.choice([45, 80, 150, 300]), shape=chance.choice(SHAPES))

    def _note(self, agent: str, run: str, text: str, told: list[str]) -> None:
        plain = _plain("\n".join(told))
        held = {each for each, its in self._texts.items() if each in plain and _plain(its) in plain}
        mark = mark_of(text)
        self.said.append(Said(agent, run, mark, frozenset(held)))
        self._texts[mark] = text


def CHAT(text: str | None, **message: Any) -> Json:  # noqa: N802
    """A chat completion."""
    told = {"role": "assistant", "content": text, **message}
    finish = "tool_calls" if message else "stop"
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    choice = {"index": 0, "message": told, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }


def RESPONSES(text: str) -> Json:  # noqa: N802
    """A response with a message."""
    content = {"type": "output_text", "text": text, "annotations": []}
    return _response(
        [{"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [content]}]
    )


def _response(output: list[Json]) -> Json:
    usage = {"input_tokens": 9, "output_tokens": 9, "total_tokens": 18, "input_tokens_details": {"cached_tokens": 0},
             "output_tokens_details": {"reasoning_tokens": 0}}  # fmt: skip
    rest = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "output": output, "usage": usage}
    return {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "completed", **rest}


def _calls(form: str, asked: Mapping[str, Any]) -> Line:
    """Every helper called at once."""
    names = [tool.get("name") or tool["function"]["name"] for tool in asked["tools"]]
    given = json.dumps({"input": "Go on.", "objective": "Go on.", "context": ""})
    if form == "responses":
        told = {"type": "function_call", "arguments": given, "status": "completed"}
        return Script.json(
            _response([{**told, "id": f"fc_{n}", "call_id": f"call_{n}", "name": name} for n, name in enumerate(names)])
        )
    told = [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": given}}
        for n, name in enumerate(names)
    ]
    return Script.json(CHAT(None, tool_calls=told))


def _streamed(text: str) -> Line:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    pieces = [text[place : place + 60] for place in range(0, len(text), 60)]
    deltas: list[tuple[Json, str | None]] = [({"role": "assistant", "content": ""}, None)]
    deltas += [({"content": piece}, None) for piece in pieces]
    deltas.append(({}, "stop"))
    return Script.sse(
        *({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": end}]} for delta, end in deltas), "[DONE]"
    )


def _has_results(asked: Mapping[str, Any]) -> bool:
    items = asked.get("input") or asked.get("messages") or []
    return any(item.get("type") == "function_call_output" or item.get("role") == "tool" for item in items)


def _fresh(asked: Mapping[str, Any]) -> Json:
    """The request without what stands before its model's last words."""
    field = "input" if "input" in asked else "messages"
    items = asked[field]
    if isinstance(items, str):
        return {field: items}
    own = [
        place
        for place, item in enumerate(items)
        if item.get("role") == "assistant" or item.get("type") == "function_call"
    ]
    return {field: items[own[-1] + 1 if own else 0 :]}


def _texts(asked: Mapping[str, Any]) -> list[str]:
    """All that is said in a request."""
    found = [asked.get("instructions") or ""]
    items = asked.get("input") or asked.get("messages") or []
    for item in [{"content": items}] if isinstance(items, str) else items:
        for key in ("content", "output"):
            held = item.get(key)
            found += (
                [held]
                if isinstance(held, str)
                else [part.get("text", "") for part in held or () if isinstance(part, dict)]
            )
    return found


def _plain(text: str) -> str:
    """A text as it is compared: a JSON string in another one is the same text."""
    return " ".join(text.replace("\\n", " ").replace("\\", "").split())
