"""The road in small, for dialogues with the session policy: real wire forms, the real embedded store, no network.

It must not know what the policy decides, only how to ask it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.session import Session
from proxy.exchange import Completion, Exchange, Request
from proxy.exchange import Session as Who
from proxy.policy import Claim
from proxy.store import Changes, Limits, Remembered
from proxy.store.embedded import EmbeddedStore
from proxy.wire.forms import Forms

CHAT = "/v1/chat/completions"


def chat(*messages: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A chat body."""
    return {"model": "m1", "messages": list(messages), **fields}


def says(content: str | None, *calls: tuple[str, str, Mapping[str, Any]]) -> dict[str, Any]:
    """An assistant message; a call is id, name, arguments."""
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = [
            {"id": id_, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            for id_, name, arguments in calls
        ]
    return message


def system(text: str) -> dict[str, Any]:
    return {"role": "system", "content": text}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def result(id_: str, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id_, "content": text}


@dataclass(slots=True)
class Desk:
    """Reads requests, asks the policy, keeps what it says; one caller unless told otherwise."""

    policy: Session = field(default_factory=Session)
    store: EmbeddedStore = field(default_factory=lambda: EmbeddedStore(Limits()))
    forms: Forms = field(default_factory=Forms)
    now: float = 1_000.0
    opened: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    """Of the session each exchange under way belongs to, as it was read."""

    def request(
        self,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        path: str = CHAT,
        caller: str = "alice",
        tags: Mapping[str, str] | None = None,
    ) -> Request:
        """A request as the server reads it."""
        method = "GET" if body is None else "POST"
        raw = b"" if body is None else json.dumps(body).encode()
        pairs = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items())
        form = self.forms.of(method, path)
        request = Request(method, path, pairs, raw, form=form.name, caller=caller, tags=tags or {})
        if form.name == "plain":
            return request
        read = form.read(raw)
        return request.but(model=read.model, stream=read.stream, conversation=read.conversation)

    def claim(self, *given: Any, **named: Any) -> Claim:
        """What the policy says whose request it is."""
        claim = self.policy.identify(self.request(*given, **named)).session
        assert claim is not None
        return claim

    async def arrive(self, *given: Any, **named: Any) -> Exchange:
        """A request comes in and is given its session and memory."""
        request = self.request(*given, **named)
        claim = self.policy.identify(request).session
        assert claim is not None
        self.opened += 1
        known = await self.store.load(request.caller, claim, f"fresh-{self.opened}")
        self.versions[f"x{self.opened}"] = known.version
        return Exchange(f"x{self.opened}", request, _who(claim, known), now=self.now, memory=known.memory)

    async def leave(self, exchange: Exchange, reply: Mapping[str, Any] | None, **completion: Any) -> None:
        """Its reply has ended (a reply body as a document, or None for none) and is learned from."""
        raw = b"" if reply is None else json.dumps(reply).encode()
        read = self.forms.of("POST", exchange.request.path).fold(raw, events=False)
        told = Completion(200, body=raw, turns=read.turns, id=read.id, usage=read.usage, whole=reply is not None)
        exchange = exchange.but(completion=_with(told, completion))
        learned = self.policy.learn(exchange)
        assert learned is not None
        memory = {self.policy.name: learned.memory}
        version = self.versions.pop(exchange.id)
        changes = Changes(exchange.session.id, version, memory, learned.links, learned.head, now=exchange.now)
        assert await self.store.save(exchange.request.caller, changes) is None

    async def ask(self, body: Mapping[str, Any], reply: Mapping[str, Any] | None, **named: Any) -> Exchange:
        """One whole exchange; `reply` is the assistant's message."""
        exchange = await self.arrive(body, **named)
        self.now += 1.0
        await self.leave(exchange, None if reply is None else {"choices": [{"index": 0, "message": reply}]})
        return exchange

    async def summary(self, session: str, caller: str = "alice") -> Mapping[str, Any]:
        """The policy's memory of a session."""
        memory = await self.store.memory(caller, session)
        assert memory is not None
        summary: Mapping[str, Any] = memory[self.policy.name]
        return summary


def _who(claim: Claim, known: Remembered) -> Who:
    link = known.link
    return Who(
        claim.session or known.session,
        claim.agent,
        claim.run,
        claim.parent or known.parent,
        link.source if link else claim.source,
        link.confidence if link else claim.confidence,
    )


def _with(completion: Completion, changes: Mapping[str, Any]) -> Completion:
    return completion._replace(**changes)
