"""Plays a team's plan with scripted models: each call is answered as its model would, and counted.

It must not know any single team: it reads a call's purpose and its words, as a model does.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.teams.world import DOMAINS, WORDS, Nature, Question, Skill, advised, answered, scored
from policies.ensemble import Limits, Member
from policies.ensemble.asking import Account
from policies.ensemble.extraction import answer
from policies.ensemble.lesson import outcome
from policies.ensemble.member import Past
from policies.ensemble.sitting import Ending, Sitting, digest
from policies.ensemble.topology import learned
from proxy.conversation import EMPTY
from proxy.exchange import Completion, Request
from proxy.policy import Call, Embed, Failure, Say, Together, Wish
from proxy.reader import Reader
from proxy.wire.forms import Forms

FORMS = Forms()
READ = Reader(FORMS, most=1 << 20)
JSON = (b"content-type", b"application/json")
SAID = re.compile(r"The answer is ([A-Z])")
RELEVANCE = {"high": 1.0, "moderate": 0.6, "low": 0.35}
DESIGN = json.dumps(
    {
        "roles": [
            {"id": "solve", "instruction": "Solve it step by step."},
            {"id": "doubt", "instruction": "Say which choices cannot be right, and what is left."},
            {"id": "say", "instruction": "Give the answer.", "inputs": ["solve", "doubt"]},
        ]
    }
)
"""What every scripted model designs."""
BOILERPLATE = "Let us think step by step and look at every choice with care before we decide on one of them."

Plan = Callable[[Sitting], Ending]


class Played(NamedTuple):
    """What a team did with a question."""

    letter: str
    calls: int
    spent: float
    """Prices of the models asked, added up."""
    said: Mapping[str, Any]
    """The facts of the plan's last word."""


class Models:
    """The scripted models behind a team, for one question."""

    def __init__(
        self,
        skills: Sequence[Skill],
        nature: Nature,
        question: Question,
        down: Sequence[str] = (),
        ill: Mapping[str, str] = EMPTY,
    ) -> None:
        """`down`: who does not answer in time. `ill`: what a model says to whatever it is asked."""
        self._ill = ill
        self._skills = {skill.name: skill for skill in skills}
        self._nature = nature
        self._question = question
        self._down = frozenset(down)
        self.calls = 0
        self.spent = 0.0
        self.said: Mapping[str, Any] = {}

    def played(self, plan: Ending) -> Played:
        """Runs the plan to its end, the last call included."""
        result: Any = None
        while True:
            try:
                result = self._granted(plan.send(result))
            except StopIteration as stop:
                ended = stop.value
                break
        if isinstance(ended, Call):
            tries = (self._reply(request, "") for request in (ended.request, *ended.instead))
            ended = next((reply for reply in tries if isinstance(reply, Completion)), None)
        found = answer(ended.turns, self._question.text) if ended else None
        return Played(found.value if found else "", self.calls, self.spent, self.said)

    def _granted(self, wish: Wish) -> Any:
        match wish:
            case Together():
                return tuple(map(self._granted, wish.wishes))
            case Call():
                return self._reply(wish.request, wish.purpose)
            case Embed():
                return Failure("no embeddings are installed")
            case Say():
                self.said = wish.facts
        return None

    def _reply(self, request: Request, purpose: str) -> Completion | Failure:
        self.calls += 1
        if request.model in self._down:
            return Failure("not waited for")
        skill = self._skills[request.model]
        self.spent += skill.price
        return _completion(skill.name, self._words(skill, request, purpose))

    def _words(self, skill: Skill, request: Request, purpose: str) -> str:
        words = json.loads(request.body)["messages"][-1]["content"]
        if skill.name in self._ill:
            return self._ill[skill.name]
        if purpose == "design":
            return DESIGN
        if purpose == "judge":
            scores = scored(skill, self._question, self._nature, SAID.findall(words))
            return str([round(score, 3) for score in scores])
        letter = answered(skill, self._question, self._nature)
        if "Your part in answering" in words:
            read = [(RELEVANCE["moderate"], each) for each in SAID.findall(words)]
            letter = advised(skill, self._question, self._nature, letter, read, purpose)
        if "You have answered this already" in words or "Others have answered this" in words:
            letter = self._advised(skill, words, letter, purpose)
        return spoken(skill, self._question, letter)

    def _advised(self, skill: Skill, words: str, own: str, purpose: str) -> str:
        """Reads its own answer and the others', each with its relevance, out of what it is told."""
        first, *others = re.split(r"An(?:other)? answer, of |An answer of ", words)
        mine = SAID.findall(first)
        read = [(RELEVANCE.get(each.split(" ", 1)[0], 0.35), SAID.findall(each)[0]) for each in others]
        return advised(skill, self._question, self._nature, mine[-1] if mine else own, read, purpose)


def spoken(skill: Skill, question: Question, letter: str) -> str:
    """A reply: boilerplate, some words of the subject (many, of a liar), the answer."""
    words = WORDS[DOMAINS[question.domain]].split()
    many = 10 if skill.liar else 3
    reasons = " ".join(words[: 2 + int(question.draw(f"{skill.name}/words") * many)])
    value = re.search(rf"^{letter}\. (\d+)$", question.text, re.MULTILINE)
    sure = " It is certain beyond any doubt, as every authority agrees." * (3 if skill.liar else 0)
    return f"{BOILERPLATE} We consider {reasons}.{sure} So it is {value[1] if value else ''}. The answer is {letter}."


def asked(question: Question) -> Request:
    """The client's request."""
    body = {"model": "team", "messages": [{"role": "user", "content": question.text}]}
    return READ(Request("POST", "/v1/chat/completions", (JSON,), json.dumps(body).encode()))


def members(skills: Sequence[Skill], *, known: bool = False) -> list[Member]:
    """The pool as the proxy would have it: cards and prices; with `known`, accuracy over all domains too."""
    return [
        Member(skill.name, skill.card, round(skill.mean, 2) if known else 0.5, price=skill.price) for skill in skills
    ]


def play(
    plan: Plan,
    pool: Sequence[Member],
    skills: Sequence[Skill],
    nature: Nature,
    asks: Sequence[Question],
    *,
    limits: Limits | None = None,
    down: Sequence[str] = (),
    learns: bool = True,
) -> list[Played]:
    """Every question in turn, the team learning from one to the next as the proxy does."""
    past, found = Past(), []
    for question in asks:
        sitting = Sitting("team", asked(question), pool, Account(limits or Limits()), past)
        played = Models(skills, nature, question, down).played(plan(sitting))
        found.append(played)
        if learns:
            past = _after(past, played, question)
    return found


def _after(past: Past, played: Played, question: Question) -> Past:
    final = digest(answer(_completion("", f"The answer is {played.letter}").turns, question.text))
    run = outcome(played.said, final)
    return learned(past, run["agreed"], run["edges"])


def _completion(model: str, text: str) -> Completion:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    body = json.dumps({"id": "c", "model": model, "choices": choices, "usage": usage}).encode()
    read = FORMS.named("chat").fold(body, events=False)
    return Completion(
        200, (JSON,), body, turns=read.turns, model=model, usage=read.usage, total_s=0.1, first_byte_s=0.1
    )
