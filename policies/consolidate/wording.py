"""Wording: how a state reads. Users' sentences in quotes, calls one a line, literals under the names of their fields.

It must not know how likely a literal is to be needed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from policies.consolidate.sightings import Called, Seen

OPENING = "Earlier messages, condensed; #n is the number of the original."
ALSO = "Also seen:"
_SENTENCES = re.compile(r"(?<=[.!?。！？])\s+|\n+").split
_KEEPS_SENSE = re.compile(r"[\w#@]")


class Sentence(NamedTuple):
    """A sentence of a user's message: `home` is the message, `place` its place there."""

    home: str
    place: int
    text: str


class Kept(NamedTuple):
    """What a state shall tell."""

    sentences: Sequence[Sentence] = ()
    calls: Sequence[str] = ()
    literals: Sequence[str] = ()
    whole: bool = False
    """Nothing worth telling is left out."""


def sentences(home: str, text: str) -> list[Sentence]:
    """The sentences of a user's message."""
    parts = (part.strip() for part in _SENTENCES(text))
    return [Sentence(home, place, part) for place, part in enumerate(parts) if _KEEPS_SENSE.search(part)]


def head(home: str, called: Called, longest: int = 60) -> str:
    """The beginning of a call's line: `#12 get_user(mia_li_3668)`. Long arguments are cut."""
    given = ", ".join(text if len(text) <= longest else text[:longest] + "…" for _, text in called.arguments)
    return f"#{home.partition('.')[0]} {called.name}({given})"


def told(kept: Kept, called: Mapping[str, Called], values: Mapping[str, Seen]) -> str:
    """The text of a state. A literal whose call has no line stands under its field at the end."""
    lines: dict[str, str] = {home: head(home, called[home]) for home in kept.calls}
    for home, said in groupby(sorted(kept.sentences, key=lambda sentence: (number(sentence.home), sentence.place)),
                              key=lambda sentence: sentence.home):  # fmt: skip
        lines[home] = f'#{home} user: "{_joined(tuple(said))}"'
    shown = "\n".join(lines.values())
    loose: list[str] = []
    results: dict[str, list[str]] = {}
    for text in kept.literals:
        home = values[text].home
        if home in called and home in lines:
            results.setdefault(home, []).append(text)
        elif text not in shown:
            loose.append(text)
    for home, texts in results.items():
        texts += bearers(called[home], texts, values)
        lines[home] += " → " + "; ".join(records(texts, values))
    ordered = [lines[home] for home in sorted(lines, key=number)]
    also = [f"{ALSO} " + "; ".join(fields(loose, values))] if loose else []
    return "\n".join([OPENING, *also, *ordered])


def bearers(called: Called, texts: Sequence[str], values: Mapping[str, Seen]) -> list[str]:
    """Of the call's arguments, those that tell which of several records of its result was looked for."""
    shown = {values[text].record for text in texts}
    if len(shown) < 2:
        return []
    home = values[texts[0]].home
    found = ((text, values[text]) for _, text in called.arguments if text in values and text not in texts)
    return [text for text, seen in found if seen.home == home and seen.record and seen.record in shown]


def records(texts: Iterable[str], values: Mapping[str, Seen]) -> Iterator[str]:
    """Literals of one result, record by record; records with the same fields share their names."""
    ordered = sorted(texts, key=lambda text: (values[text].record, values[text].order))
    rows = [list(row) for _, row in groupby(ordered, key=lambda text: values[text].record)]
    for names, alike in groupby(rows, key=lambda row: tuple(dict.fromkeys(label(values[text]) for text in row))):
        told = ", ".join(" ".join(row) for row in alike)
        yield told if names == ("",) else f"{'/'.join(names)} {told}"


def fields(texts: Iterable[str], values: Mapping[str, Seen]) -> Iterator[str]:
    """Literals by field, older before newer."""
    groups: dict[str, list[str]] = {}
    for text in sorted(texts, key=lambda text: (number(values[text].home), values[text].order)):
        groups.setdefault(label(values[text]), []).append(text)
    for name, alike in groups.items():
        yield f"{name} {_listed(alike)}" if name else _listed(alike)


def label(seen: Seen) -> str:
    """What a literal is called: the argument's name where it was given to a tool, else its field."""
    name = seen.parameter or ("" if seen.field.endswith(":") else seen.field)
    return name.rpartition(".")[2] if "id" in name else name


def number(home: str) -> tuple[int, int]:
    """The message of a line, and its place among the lines of that message."""
    message, _, index = home.partition(".")
    return int(message), int(index or 0)


def _listed(texts: Sequence[str]) -> str:
    return (", " if any(" " in text for text in texts) else " ").join(texts)


def _joined(said: Sequence[Sentence]) -> str:
    """Sentences of one message; what is left out between them is marked."""
    out = said[0].text
    for before, sentence in pairwise(said):
        out += (" " if sentence.place == before.place + 1 else " … ") + sentence.text
    return out
