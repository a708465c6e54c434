"""Plays a team's plan without a server: scripted members answer its calls, and what it said and asked is kept.

It must not know any single team.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.ensemble.asking import Account, Limits
from policies.ensemble.member import Member, Past
from policies.ensemble.sitting import Ending, Sitting
from proxy.exchange import Completion, Request
from proxy.policy import Call, Embed, Failure, Say, Together, Wish, Work
from proxy.reader import Reader
from proxy.wire.forms import Forms

FORMS = Forms()
READ = Reader(FORMS, most=1 << 20)
JSON = (b"content-type", b"application/json")
LETTERS = "Which is the capital of France?\nA. Lyon\nB. Paris\nC. Nice"

Script = Callable[[str, str, str], Any]
"""What a member says, by its name, the purpose and the last words it was told: a text, a message, a `Failure`."""


def chat(text: str = LETTERS, **fields: Any) -> Request:
    """A client's chat request to a team."""
    body = {"model": "goa", "messages": [{"role": "user", "content": text}], **fields}
    return READ(Request("POST", "/v1/chat/completions", (JSON,), json.dumps(body).encode()))


def said(model: str, message: Any, seconds: float = 0.5) -> Completion:
    """A member's reply, as the road reads it: 10 tokens asked, 3 answered."""
    told = {"role": "assistant", **(message if isinstance(message, dict) else {"content": message})}
    usage = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
    document = {"id": "c", "model": model, "choices": [{"index": 0, "message": told, "finish_reason": "stop"}]}
    body = json.dumps({**document, "usage": usage}).encode()
    read = FORMS.named("chat").fold(body, events=False)
    return Completion(
        200,
        (JSON,),
        body,
        turns=read.turns,
        model=model,
        usage=read.usage,
        cost=0.01,
        total_s=seconds,
        first_byte_s=0.1,
    )


@dataclass
class Table:
    """Scripted members, and what was asked of them."""

    script: Script | Mapping[str, Any]
    heard: list[tuple[str, str, Request]] = field(default_factory=list)
    """Model, purpose and request of every call, in order."""
    says: list[Say] = field(default_factory=list)
    embedded: Callable[[tuple[str, ...]], Any] = lambda _texts: Failure("no embeddings are installed")

    def play(self, plan: Ending) -> Completion | Call:
        """Runs the plan to its end."""
        answer: Any = None
        while True:
            try:
                wish = plan.send(answer)
            except StopIteration as stop:
                ended: Completion | Call = stop.value
                return ended
            answer = self.granted(wish)

    def granted(self, wish: Wish) -> Any:
        """A wish's result."""
        match wish:
            case Together():
                return tuple(map(self.granted, wish.wishes))
            case Call():
                return self.answered(wish)
            case Work():
                return wish.function(*wish.arguments)
            case Embed():
                return self.embedded(wish.texts)
            case Say():
                self.says.append(wish)
        return None

    def answered(self, call: Call) -> Completion | Failure:
        """A member's reply to a call."""
        request = READ(call.request)
        self.heard.append((request.model, call.purpose, request))
        script = self.script
        told = (
            script.get(request.model)
            if isinstance(script, Mapping)
            else script(request.model, call.purpose, last(request))
        )
        return told if isinstance(told, Failure | Completion) else said(request.model, told)

    @property
    def purposes(self) -> list[str]:
        """What the calls were for, in order."""
        return [purpose for _, purpose, _ in self.heard]

    def asked(self, purpose: str) -> list[str]:
        """The models that were asked for it, in order."""
        return [model for model, why, _ in self.heard if why == purpose]


def last(request: Request) -> str:
    """The last words that a member was told."""
    return READ(request).conversation.turns[-1].text  # type: ignore[union-attr]


def sitting(
    request: Request | None = None,
    names: str = "one two three",
    *,
    team: str = "goa",
    past: Past | None = None,
    **limits: Any,
) -> Sitting:
    """A team of members without cards, the first the most able."""
    pool = [Member(name, skill=0.6 - place / 100) for place, name in enumerate(names.split())]
    return Sitting(team, request or chat(), pool, Account(Limits(**limits)), past or Past())
