"""What a decision costs on the road: `python -m benchmarks.routing.speed [SCORES]`, processor time of `prepare`.

It must not know how a model is chosen.
"""

import json
import sys
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

from policies.routing import Routing, Wishes
from proxy.exchange import Completion, Exchange, Request, Session
from proxy.foreteller import Foreteller
from proxy.reader import Reader
from proxy.roster import Model, Roster
from proxy.scored import read_scored
from proxy.upstreams.models import parse_models
from proxy.wire.forms import Forms

CARDS = Path(__file__).with_name("cards.yaml")
SENTENCE = "The carriage stands before the gate, and the coachman asks how far it is to Siena. "
TIMES = 400


def main(arguments: list[str]) -> None:
    """Medians and 99th percentiles, by the number of models and the length of the question; with a file of scored
    questions as well, each question a new one."""
    models = list(parse_models(CARDS.read_text(encoding="utf-8")).values())
    lent = learned(arguments[0]) if arguments else None
    for count in (5, len(models)):
        for sentences in (2, 50, 2_000):
            spent = sorted(measured(models[:count], SENTENCE * sentences, lent))
            median, p99 = spent[TIMES // 2], spent[int(0.99 * TIMES)]
            print(f"{count:3} models, {sentences * len(SENTENCE):7,} characters: {median:.2f} ms, p99 {p99:.2f} ms")


def learned(path: str) -> Foreteller:
    """What the scored questions of a file foretell; what that took is printed."""
    scored, began = read_scored(path), time.perf_counter()
    foreteller = Foreteller.of(scored)
    took = time.perf_counter() - began
    most = getrusage(RUSAGE_SELF).ru_maxrss >> 10
    learned = f"learned from {len(scored.questions)} questions and {len(scored.models)} models"
    print(f"{learned} in {took:.1f} s, the process at most {most} MB")
    return foreteller


def measured(models: list[Model], question: str, foreteller: Foreteller | None = None) -> list[float]:
    """Milliseconds of processor time, for each decision."""
    roster = Roster({model.name: model for model in models})
    policy, found = Routing(Wishes("on", foreteller=foreteller)), []
    known = lesson(policy, asking("", roster))
    for number in range(TIMES):
        exchange = asking(f"{number} {question}", roster).but(shared={policy.name: known})
        began = time.process_time()
        policy.prepare(exchange)
        found.append((time.process_time() - began) * 1e3)
    return found


def asking(question: str, roster: Roster) -> Exchange:
    """A request for `auto`, read."""
    told = {"model": "auto", "messages": [{"role": "user", "content": question}]}
    read = Reader(Forms(0), most=1 << 24)
    request = read(Request("POST", "/v1/chat/completions", body=json.dumps(told).encode()))
    return Exchange("e", request, Session("s"), now=60.0, roster=roster, asked=request)


def lesson(policy: Routing, exchange: Exchange) -> Any:
    """What is known after 30 good replies of each model."""
    reply = Completion(200, upstream="u", first_byte_s=0.5, total_s=2.0)
    told = []
    for name in exchange.roster.models:
        learned = policy.learn(exchange.but(request=exchange.request.but(model=name), completion=reply, asked=None))
        told += [learned.tell] * 30 if learned else []
    return policy.fold(None, told)


if __name__ == "__main__":
    main(sys.argv[1:])
