"""The guest that sees teams: it notices when a request quotes several earlier outputs, and examines what came of them.

It must not know the road, nor what the checks look for. It changes nothing, and no client waits for it.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from policies.noise.accounts import fold, pairs
from policies.noise.aggregation import Json, Reading, aggregation, counted, noted
from policies.noise.named import named
from policies.noise.quotations import SHORT, fresh
from policies.noise.wishes import Wishes
from proxy.exchange import Exchange
from proxy.policy import Decision, Failure, Journal, Plan, Policy, Then, Work, ask

FORMS = ("chat", "responses", "messages")
LEAST_CHARS = 4 * SHORT
"""Characters below which nothing can hold two outputs."""
KEPT = 8
"""Reports of a session, the latest."""


class Noise(Policy):
    """What gets lost, added and changed where several outputs are made into one; see `docs/policies/noise.md`."""

    name = "noise"

    def __init__(self, wishes: Wishes | None = None) -> None:
        self.wishes = wishes or Wishes()

    def learn(self, exchange: Exchange) -> Decision | None:
        """Writes down what was said, as hashes; looks, beside the client, whether it was made of what others said."""
        reading = read(exchange) if self.wishes.looks(exchange.session.agent) else None
        if reading is None or exchange.completion is None:
            return None
        entry = noted(reading, exchange.now + exchange.completion.total_s)
        looks = bool(reading.named) or len(reading.told) >= LEAST_CHARS
        if entry is None and not looks:
            return None
        journal = (entry,) if entry else ()
        return Decision("noted", journal=journal, errand=looked(reading) if looks else None, quiet=True)

    def fold(self, lesson: Any, told: Sequence[Any]) -> Any:
        """Who reads whom, and how often something was lost."""
        return fold(lesson, told)

    def account(self, lesson: Any) -> Mapping[str, Any]:
        """The same, by the agent that reads."""
        known: Mapping[str, Any] = lesson or {}
        return known


def read(exchange: Exchange) -> Reading | None:
    """An exchange as far as it may quote, or be quoted; None for one without a whole, readable reply. What counts is
    what the client asked, not what policies made of it."""
    asked, completion = exchange.asked or exchange.request, exchange.completion
    if completion is None or completion.status >= 400 or not completion.whole:
        return None
    if asked.form not in FORMS or asked.conversation is None:
        return None
    made = "\n".join(turn.text for turn in completion.turns if turn.text)
    if not made:
        return None
    session = exchange.session
    told = fresh(asked.conversation.turns)
    return Reading(exchange.id, session.id, session.agent, session.run, exchange.now, told, made, named(asked))


def looked(reading: Reading) -> Plan:
    """Looks for what the request quotes; what is found goes into the session's memory."""
    entries = yield from ask(Journal())
    if isinstance(entries, Failure) or not entries:
        return None
    found = yield from ask(Work(aggregation, (entries, reading)))
    return None if found is None or isinstance(found, Failure) else remembered(found)


def remembered(found: Json) -> Then:
    """What an aggregation comes to."""
    return partial(_with, found)


def _with(found: Json, memory: Any) -> Decision:
    reports = [*((memory or {}).get("reports", ())), found][-KEPT:]
    said = f"made of {len(found['workers'])} outputs"
    return Decision(said, memory={"reports": reports}, figures=counted(found), tell=pairs(found), quiet=True)
