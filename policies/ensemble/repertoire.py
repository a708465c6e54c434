"""Templates that did well, by kind of question and caller: the next such question needs no design.

It must not know a plan. A template that repeats words of its question is not kept, so that none tells of another's.
"""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from policies.ensemble.template import Template, Unusable, parsed

SIGNS = {
    "choice": re.compile(r"^\s*\(?[A-J][.)]\s", re.MULTILINE),
    "code": re.compile(r"```|\b(?:def|class|function|SELECT|import)\b"),
    "numbers": re.compile(r"\d\s*[-+*/=%]\s*\d|\bhow (?:many|much)\b|\bcalculate\b|\bsolve\b", re.IGNORECASE),
    "write": re.compile(r"\b(?:write|draft|compose|rewrite)\b", re.IGNORECASE),
    "condense": re.compile(r"\b(?:summari[sz]e|summary|shorten|key points)\b", re.IGNORECASE),
    "compare": re.compile(r"\b(?:compare|versus|vs\.?|differ(?:s|ence)?|better)\b", re.IGNORECASE),
    "extract": re.compile(r"\b(?:extract|list all|find all|which of)\b", re.IGNORECASE),
    "plan": re.compile(r"\b(?:plan|steps|schedule|roadmap)\b", re.IGNORECASE),
    "why": re.compile(r"\bwhy\b|\bexplain\b", re.IGNORECASE),
}
"""How a question shows of what kind it is; it may be of several."""
RUN = 4
"""Words in a row that a template may not share with its question."""
LOOKED_AT = 8_000
LONG = 2_000
"""Characters from which a question is a long one."""
MOST_KEYS, MOST_TEMPLATES = 200, 3
TRUSTED = 0.6
"""Share of good runs from which a template is taken without a new design; one good run is enough for it."""
WORD = re.compile(r"\w+")
Rows = Sequence[Sequence[Any]]
"""Templates as JSON, how often each was used, and how often it did well."""


def key(question: str, caller: str) -> str:
    """The kind of a question, of this caller."""
    text = question[:LOOKED_AT]
    signs = [name for name, sign in SIGNS.items() if sign.search(text)]
    return "|".join([caller, *(["long"] if len(question) > LONG else []), *signs])


def told(template: Template, question: str, *, good: bool) -> list[Any] | None:
    """A run with a template, to be remembered: JSON, whether it did well. None for one that tells of its question."""
    words = " ".join(role.instruction for role in template)
    if _runs(words) & _runs(question) or _numbers(words) & _numbers(question):
        return None
    roles = [{"id": role.id, "instruction": role.instruction, "inputs": list(role.inputs)} for role in template]
    return [json.dumps({"roles": roles}), good]


def best(rows: Rows) -> Template | None:
    """The template that did best of these, if it did well; None: design one."""
    ranked = sorted(rows, key=lambda row: -_share(row))
    if not ranked or _share(ranked[0]) < TRUSTED:
        return None
    try:
        return parsed(ranked[0][0])
    except (Unusable, TypeError):
        return None


def fold(lesson: Mapping[str, Any], told: Sequence[tuple[str, str, bool]]) -> dict[str, Any]:
    """The templates by key, with runs added; the keys heard of longest ago and the poorest templates make room."""
    known = {each: [list(row) for row in rows] for each, rows in lesson.items()}
    for where, template, good in told:
        rows = known.pop(where, [])
        row = next((each for each in rows if each[0] == template), None)
        if row is None:
            row = [template, 0.0, 0.0]
            rows.append(row)
        row[1:] = [row[1] + 1, row[2] + good]
        known[where] = sorted(rows, key=lambda each: -_share(each))[:MOST_TEMPLATES]
    return dict(islice(known.items(), max(0, len(known) - MOST_KEYS), None))


def _share(row: Sequence[Any]) -> float:
    return float((row[2] + 1) / (row[1] + 1.5))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = WORD.findall(text.casefold())
    return {tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1)}


def _numbers(text: str) -> set[str]:
    return {word for word in WORD.findall(text) if any(map(str.isdigit, word))}
