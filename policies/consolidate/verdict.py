"""What a consolidator model wrote, judged before it is used: words of its own, whole, short enough, nothing lost.

It must not know how it was asked, nor what becomes of a state that is refused.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from policies.consolidate.prior import PRIOR
from policies.consolidate.replies import objects
from policies.consolidate.retention import Prior, scores
from policies.consolidate.selection import Sight, sight
from policies.consolidate.sightings import recalled
from policies.consolidate.wording import ALSO, fields
from policies.inner.spent import text_of
from proxy.exchange import Completion
from proxy.policy import Failure

OPENING = "Earlier messages, condensed by the model that read them."
CUT_OFF = frozenset(("length", "max_tokens", "max_output_tokens", "incomplete", "model_context_window_exceeded"))
WITHHELD = frozenset(("content_filter", "refusal", "safety", "recitation"))
LEAST = 24
"""Tokens under which nothing was said."""
HIGH = 0.02
"""Likelihood of being needed from which on a literal must not be lost."""
FILLED = 0.85
"""Of the room that is left: what literals may fill; the rest is for the names of their fields."""
LOOKED_AT = 240
"""Characters in which a refusal or an error shows itself."""

_ERROR = re.compile(
    r"\W*(?:traceback \(|(?:\w+ ){0,3}(?:error|exception)\b(?: occurred|:| while| generating| \d{3}|\W*$)|"
    r"[\w.]*(?:error|exception)\b[:(]|(?:error|failed to|failure to|fatal)\b|(?:http|status)(?: code)?:? \d{3}\b|"
    r"\d{3} (?:bad|unauthorized|forbidden|not found|too many|internal|service)\b|"
    r"(?:rate limit|quota|request|connection|upstream|model)\b.{0,40}\b(?:exceeded|timed out|refused|reset|overloaded|"
    r"unavailable|failed)\b)",
    re.IGNORECASE,
)
"""How the text of a failed call begins. Some servers send it with status 200, and some clients hand it on as words."""
_REFUSAL = re.compile(
    r"[\s#*]*(?:(?:i['\u2019]m|i am|we are|my apologies|i apologi[sz]e|unfortunately,? i|sorry)\b|as an ai\b|"
    r"i (?:cannot|can['\u2019]t|can not|won['\u2019]t|will not|must decline|could not|"
    r"do(?: not|n['\u2019]t) (?:have|see))\b)",
    re.IGNORECASE,
)
"""How a model begins that will not do it, or that answers somebody instead of writing."""


class Verdict(NamedTuple):
    """The state as it will stand, or why there is none."""

    text: str = ""
    why: str = ""
    """In words for people; empty when the text is good."""


def judged(
    answer: Completion | Failure,
    fallback: tuple[str, Mapping[str, Any]],
    visible: str,
    *,
    budget: int,
    count: Callable[[str], int],
    prior: Prior = PRIOR,
) -> Verdict:
    """The state that the model wrote, with the literals it left out added.

    `fallback` is the text made without a model, and its memory; `visible` stays in the request as it is; `budget` is
    in tokens, counted by `count`.
    """
    if isinstance(answer, Failure):
        status = f" with status {answer.completion.status}" if answer.completion else ""
        return Verdict(why=f"the call failed{status}")
    why = unusable(answer)
    if why:
        return Verdict(why=why)
    said = words(answer)
    if count(said) < LEAST:
        return Verdict(why="the answer says nothing")
    lost = left_out(said, *fallback, visible, prior)
    room = budget - count(f"{OPENING}\n{ALSO}\n{said}")
    whole = "\n".join(filter(None, (OPENING, also(lost, fallback[1], room, count), said)))
    size = count(whole)
    if size > budget:
        return Verdict(why=f"{size:,} tokens with the literals it left out, more than {budget:,}")
    return Verdict(whole)


def unusable(answer: Completion) -> str:
    """Why an answer is no state, whatever it says; empty when it may be one."""
    finish = answer.finish.lower()
    if answer.error or not answer.answered:
        return f"the call failed with status {answer.status}"
    if finish in CUT_OFF:
        return "the answer was cut off"
    if finish in WITHHELD or _refused(answer.body):
        return "the model refused"
    if any(turn.calls for turn in answer.turns):
        return "the model called a tool"
    said = words(answer)
    if not said:
        return "the answer is empty"
    if _ERROR.match(said[:LOOKED_AT]) or (said[:1] in ("{", "<") and "error" in said[:LOOKED_AT].lower()):
        return "the answer is an error's text"
    if _REFUSAL.match(said[:LOOKED_AT]):
        return "the model refused"
    return ""


def words(answer: Completion) -> str:
    """What it says, without the fence that some put around it."""
    said = text_of(answer)
    if said.startswith("```") and said.endswith("```") and said.count("```") == 2:
        said = said.partition("\n")[2].removesuffix("```").strip()
    return said


def left_out(
    said: str, text: str, memory: Mapping[str, Any], visible: str, prior: Prior = PRIOR
) -> list[tuple[str, float]]:
    """The literals of `text` that `said` leaves out, likeliest first, each with its likelihood of being needed."""
    sightings = recalled(memory)
    worth = dict(zip(sightings.values, scores(sightings, sight(visible).words, prior), strict=True))
    ranked = sorted(worth, key=lambda literal: worth[literal], reverse=True)
    return [(literal, worth[literal]) for literal in missing(ranked, said, text)]


def also(lost: Sequence[tuple[str, float]], memory: Mapping[str, Any], room: int, count: Callable[[str], int]) -> str:
    """The line that tells those that are likely to be needed, and of the others the likeliest, while they fit into so
    many tokens."""
    kept: list[str] = []
    left = room * FILLED
    for literal, worth in lost:
        left -= count(f" {literal},")
        if left < 0 and worth < HIGH:
            break
        kept.append(literal)
    return f"{ALSO} " + "; ".join(fields(kept, recalled(memory).values)) if kept else ""


def missing(literals: Sequence[str], said: str, text: str) -> list[str]:
    """Those that stand in `text` and not in `said`, as words of their own."""
    told, kept = sight(text), sight(said)
    return [literal for literal in literals if stands(literal, told) and not stands(literal, kept)]


def stands(literal: str, there: Sight) -> bool:
    """Whether a text tells a literal, and not merely a longer word that holds it."""
    if literal in there.words:
        return True
    return literal in there.text and re.search(rf"(?<!\w){re.escape(literal)}(?!\w)", there.text) is not None


def _refused(body: bytes) -> bool:
    """Whether a whole body holds a refusal in its own field, or as a content part."""
    if b'"refusal"' not in body:
        return False
    try:
        document = json.loads(body)
    except ValueError:
        return False
    messages = [choice.get("message") for choice in objects(document, "choices")] + objects(document, "output")
    parts = [part for message in messages for part in objects(message, "content")]
    return any(isinstance(one, dict) and one.get("refusal") for one in (*messages, *parts))
