"""The long text of a request: where it stands among the conversation's items, what is asked of it, and how it is
replaced.

It must not know how long is too long, nor what becomes of the text.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from policies.inner.bodies import ITEMS, TEXTS, Json

FRAME = 1_500
"""Characters of a paragraph before or after the text that may be the question."""
ASKED = 12
"""Characters of words beside the text that may be a question by themselves."""
MOST_ASKED = 4_000
BREAK = "\n\n"
Path = tuple[str | int, ...]


class Passage(NamedTuple):
    """A long text, and what stands around it."""

    path: Path
    """From the body to the string that holds it."""
    before: str
    text: str
    after: str
    """The string is all three, one after the other; what is asked stands around the text, or beside the string."""
    beside: str
    """What users said elsewhere in the conversation, the last words of it."""

    @property
    def asked(self) -> str:
        """What is to be done with the text, as far as it is said."""
        return BREAK.join(part for part in map(str.strip, (self.beside, self.before, self.after)) if part)


def longest(body: Json, form: str) -> Passage | None:
    """The longest text that users or tools have given; None where there is none."""
    found = list(_texts(body, form))
    if not found:
        return None
    path, text, _ = max(found, key=lambda each: len(each[1]))
    beside = BREAK.join(other.strip() for where, other, role in found if where != path and role == "user")[-MOST_ASKED:]
    if len(beside) >= ASKED:
        return Passage(path, "", text, "", beside)
    before, inner, after = framed(text)
    return Passage(path, before, inner, after, beside)


def framed(text: str) -> tuple[str, str, str]:
    """A text without its first and its last paragraph, where these are short: there, the question stands."""
    first, last = text.find(BREAK), text.rfind(BREAK)
    begin = first + len(BREAK) if 0 <= first <= FRAME else 0
    end = last if len(text) - last - len(BREAK) <= FRAME and last >= begin else len(text)
    return text[:begin], text[begin:end], text[end:]


def replaced(body: Json, path: Path, text: str) -> Json:
    """The body with another string at that place; nothing of it is changed, only copied on the way there."""
    copy: Any = dict(body)
    at = copy
    for step in path[:-1]:
        inner = at[step]
        at[step] = list(inner) if isinstance(inner, list) else dict(inner)
        at = at[step]
    at[path[-1]] = text
    found: Json = copy
    return found


def _texts(body: Json, form: str) -> Iterator[tuple[Path, str, str]]:
    """Place, text and role of all that users and tools said."""
    field = ITEMS[form]
    items = body.get(field)
    if isinstance(items, str):
        yield (field,), items, "user"
    for place, item in enumerate(items if isinstance(items, list) else ()):
        role = item.get("role", "tool") if isinstance(item, dict) else ""
        if role in ("user", "tool", "function"):
            for path, text in _inner(item, (field, place)):
                yield path, text, role


def _inner(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    for key in TEXTS:
        held = value.get(key) if isinstance(value, dict) else None
        if isinstance(held, str):
            yield (*path, key), held
        for place, part in enumerate(held if isinstance(held, list) else ()):
            yield from _inner(part, (*path, key, place))
