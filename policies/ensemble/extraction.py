"""The answer within a reply, where there is one that can be compared: a choice, a number, a tool call, a document.

It must not know who replied. Open text has none: an essay is not equal to another.
"""

import json
import re
from typing import NamedTuple

from policies.inner.spent import words_of
from proxy.conversation import Turn, canonical

OPTION = re.compile(r"^\s*\(?([A-Z])[).:]\s+\S", re.MULTILINE)
LEAST_OPTIONS = 2
LED = r"(?:answer|choice|option|result|solution)(?:\s+(?:is|would be|must be))?\s*(?:\*\*)?\s*[:=]?\s*(?:\*\*)?\s*"
LETTER = re.compile(
    rf"(?i:{LED}(?:option\s+)?)[\[({{*$]*\s*([A-Z])(?![A-Za-z'])(?!(?<=[AI])\s+(?!because|since|as\b|for\b|and\b)[a-z])"
)
"""A letter behind a word that announces it; `a` and `I` that begin a sentence are none."""
DRESS = re.compile(r"\\(?:text|textbf|mathrm|mathbf)\{([^{}]*)\}")
BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
ALONE = re.compile(r"[\s*(\[]*([A-Z])(?:[\s)\].:*]*|[).:]\s.*)", re.DOTALL)
NUMERAL = r"[-+]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
NUMBER = re.compile(NUMERAL)
LED_NUMBER = re.compile(r"(?:####\s*|" + LED + r")[$€£(\[]*\s*(" + NUMERAL + ")", re.IGNORECASE)
WHOLE_NUMBER = re.compile(rf"[\s*$€£=]*({NUMERAL})[\s*%.]*")
SHORTEST_WORDS = 4
FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)


class Answer(NamedTuple):
    """What was answered, in one spelling."""

    kind: str
    """`choice`, `number`, `call`, `document` or `words`."""
    value: str


def options(question: str) -> str:
    """The letters of the choices that a question offers, empty where it offers none."""
    letters = "".join(dict.fromkeys(OPTION.findall(question)))
    in_order = letters == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(letters)]
    return letters if len(letters) >= LEAST_OPTIONS and in_order else ""


def answer(turns: tuple[Turn, ...], question: str = "") -> Answer | None:
    """The answer in what was said, or None where nothing in it can be compared."""
    calls = [call for turn in turns for call in turn.calls]
    if calls:
        told = sorted(f"{call.name}({canonical(call.arguments)})" for call in calls)
        return Answer("call", ";".join(told))
    text = DRESS.sub(r"\1", words_of(turns).strip())
    letters = options(question)
    if letters:
        return _choice(text, letters)
    return _document(text) or _number(text) or _words(text)


def refusal(text: str) -> bool:
    """Whether a reply declines to answer."""
    return len(text) < 400 and bool(DECLINED.search(text[:160]))


DECLINED = re.compile(
    r"\b(?:i(?:'m| am) sorry,? (?:but )?|i |we )(?:can(?:no|')t|am unable to|am not able to|won't) "
    r"(?:help|assist|answer|comply|provide|do that|fulfil)",
    re.IGNORECASE,
)


def _choice(text: str, letters: str) -> Answer | None:
    alone = ALONE.fullmatch(text)
    found = [alone[1]] if alone and len(text) < 200 else []
    found = found or [inside.strip(" ().*")[-1:] for inside in BOXED.findall(text)]
    found = found or LETTER.findall(text)
    found = [letter.upper() for letter in found if letter.upper() in letters and letter]
    return Answer("choice", found[-1]) if found else None


def _number(text: str) -> Answer | None:
    whole = WHOLE_NUMBER.fullmatch(text)
    found = [whole[1]] if whole else []
    found = found or [
        NUMBER.findall(inside)[-1] for inside in BOXED.findall(text) if NUMBER.fullmatch(inside.strip(" $%"))
    ]
    found = found or LED_NUMBER.findall(text)
    if not found:
        return None
    try:
        return Answer("number", f"{float(found[-1].replace(',', '')):.10g}")
    except ValueError:
        return None


def _document(text: str) -> Answer | None:
    fenced = FENCE.fullmatch(text)
    raw = (fenced[1] if fenced else text).strip()
    if not raw.startswith(("{", "[")):
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return Answer("document", json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _words(text: str) -> Answer | None:
    plain = re.sub(r"[^\w\s]", "", text.lower()).split()
    return Answer("words", " ".join(plain)) if plain and len(plain) <= SHORTEST_WORDS else None
