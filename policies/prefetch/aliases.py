"""What users call things: words that stand for a value under another name, such as a city for its airport.

It must not know which argument is wanted.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policies.prefetch.state import Heard

MOST_PHRASES = 400
MOST_LETTERS = 5
LEAST_SHARE = 0.4
LEAST_TIMES = 2


class Aliases:
    """Values by the words that were said before they were used; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        self.phrases: dict[str, dict[str, int]] = {phrase: dict(each) for phrase, each in (told or {}).items()}
        """Phrase -> value -> times the value was used after it."""

    def json(self) -> dict[str, Any]:
        """For the store."""
        return self.phrases

    def learn(self, phrases: Iterable[str], value: str) -> None:
        """The value was used, and this is what the user had said."""
        for phrase in phrases:
            values = self.phrases.pop(phrase, {})
            values[value] = values.get(value, 0) + 1
            self.phrases[phrase] = values
        while len(self.phrases) > MOST_PHRASES:
            del self.phrases[next(iter(self.phrases))]

    def meant(self, heard: Mapping[str, Heard]) -> Iterator[tuple[str, Heard]]:
        """Values that what was heard stands for, with where it was said."""
        for phrase, where in heard.items():
            values = self.phrases.get(phrase)
            if not values:
                continue
            value = max(values, key=lambda each: values[each])
            # A word stands for a thing where it is said mostly with it.
            if values[value] >= LEAST_TIMES and values[value] > LEAST_SHARE * sum(values.values()):
                yield value, where


def may_name(value: str) -> bool:
    """Whether a value (JSON text) is of the kind that users call otherwise: a short word of capitals, such as `JFK`."""
    word = value.strip('"')
    return value[:1] == '"' and word.isascii() and word.isalpha() and word.isupper() and 2 <= len(word) <= MOST_LETTERS
