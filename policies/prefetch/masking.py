"""Words and values under other names: the same one always the same, in the same shape, so that rules about them hold.

It must not know sessions, nor who reads what is masked. What is masked is not kept: the names are made from hashes.
"""

import re
from collections.abc import Collection
from hashlib import blake2b
from itertools import islice
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from policies.prefetch.words import COMMON

_RUN = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"(?:19|20)\d\d")
MONTHS = frozenset(
    re.findall(
        r"\w+",
        """
        january february march april may june july august september october november december
        jan feb mar apr jun jul aug sep sept oct nov dec
        """,
    )
)
ENDINGS = frozenset(("d", "ll", "m", "re", "s", "t", "ve"))
"""What stands behind an apostrophe."""
SHORT = 2
"""Digits of a number that tells nobody anything."""
LEAST_DIGITS = 3
"""Of a key that is an identifier; see `policies.prefetch.fields`."""
MOST_ITEMS, MOST_MEMBERS = 12, 40
"""Of a list and of an object; the rest is left out."""
MOST_CHARS = 200
"""A longer text is prose, and left out."""


class Mask:
    """Masks the words of one session; `kept` are words that stay, in lower case."""

    def __init__(self, salt: str, kept: Collection[str] = ()) -> None:
        self._salt = blake2b(salt.encode("utf-8", "surrogatepass")).digest()
        self._kept = kept

    def text(self, text: str) -> str:
        """A text of which every run of letters and digits that may say who or what is another one."""
        return _RUN.sub(lambda found: self._run(found[0]), text)

    def value(self, value: Any) -> Any:
        """A JSON value masked: texts, numbers, and keys that hold digits; the names of fields stay. Very long ones
        are cut."""
        if isinstance(value, str):
            return self.text(value) if len(value) <= MOST_CHARS else ""
        if isinstance(value, dict):
            members = islice(value.items(), MOST_MEMBERS)
            return {self._key(key): self.value(each) for key, each in members}
        if isinstance(value, list):
            return [self.value(each) for each in value[:MOST_ITEMS]]
        if isinstance(value, bool) or value is None:
            return value
        return self._number(value)

    def _key(self, key: str) -> str:
        """A key that is an identifier rather than the name of a field is masked: `paypal_8194385`, not `address1`."""
        return self.text(key) if key.isdigit() or sum(each.isdigit() for each in key) >= LEAST_DIGITS else key

    def _number(self, value: float) -> float:
        told = repr(value)
        masked = _RUN.sub(lambda found: self._run(found[0]), told) if told.strip("-").replace(".", "").isdigit() else ""
        return type(value)(masked) if masked else 0

    def _run(self, run: str) -> str:
        plain = run.casefold()
        if plain in self._kept or plain in COMMON or plain in MONTHS or plain in ENDINGS or _YEAR.fullmatch(run):
            return run
        if run.isdigit() and len(run) <= SHORT:
            return run
        digest = blake2b(plain.encode("utf-8", "surrogatepass"), key=self._salt, digest_size=32).digest()
        return "".join(_like(each, digest[place % len(digest)], place) for place, each in enumerate(run))


def _like(sign: str, number: int, place: int) -> str:
    """Another sign of the same kind; a number does not begin with a zero that was none."""
    if sign.isdecimal():
        return sign if sign == "0" and not place else str(1 + number % 9 if not place else number % 10)
    return (ascii_uppercase if sign.isupper() else ascii_lowercase)[number % 26]
