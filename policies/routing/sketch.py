"""A text as numbers, without any model: its words and character runs hashed into 256 signed places, and its shape.

It must not know what the numbers are used for. Nothing of the text can be read back from them.
"""

import re
from collections import Counter
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from policies.routing.prior import IDEOGRAPH

Rows = NDArray[np.float32]
"""One row of numbers for each text."""

PLACES = 256
LONGEST = 6_000
"""Characters that are read: of a longer text the first and the last half of that."""
HEAD, TAIL, RUN = 400, 200, 4
"""Runs of four characters are taken from the beginning and the end, where instructions stand."""
WORD = re.compile(r"\w+|[^\w\s]")
CHOICE = re.compile(r"^[^\S\n]*\(?[A-J][.)]", re.MULTILINE)
NUMBER = re.compile(r"\d+\.?\d*")
CODE = ("```", "def ", "return ", "import ")
SHAPE = 20
WIDTH = PLACES + SHAPE


def sketch(text: str) -> Rows:
    """The text as `WIDTH` numbers: hashed words (a unit vector), then its shape."""
    read = text if len(text) <= LONGEST else text[: LONGEST // 2] + "\n" + text[-LONGEST // 2 :]
    return np.concatenate([_hashed(read), _shape(read, len(text))])


def sketches(texts: list[str]) -> Rows:
    """One row for each text."""
    return np.stack([sketch(text) for text in texts]) if texts else np.zeros((0, WIDTH), np.float32)


def _hashed(text: str) -> Rows:
    low = text.lower()
    words = WORD.findall(low)
    ends = low[:HEAD] + " " + low[-TAIL:]
    whole = Counter(words) + Counter(map(" ".join, pairwise(words)))
    runs = Counter(ends[place : place + RUN] for place in range(len(ends) - RUN + 1))
    if not whole:
        return np.zeros(PLACES, np.float32)
    grams = [*whole, *(f"\0{run}" for run in runs)]
    weights = 1 + np.log(np.array([*whole.values(), *runs.values()], np.float64))
    weights[len(whole) :] *= 0.5
    hashes = np.array([crc32(gram.encode("utf-8", "surrogatepass")) for gram in grams], np.int64)
    signs = np.where((hashes >> 20) & 1, 1.0, -1.0)
    found = np.bincount(hashes % PLACES, weights * signs, PLACES)
    return (found / (np.linalg.norm(found) or 1.0)).astype(np.float32)


def _shape(text: str, length: int) -> Rows:
    """How the text is built: length, lines, scripts, signs, whether it asks, offers choices, holds code."""
    size, words = max(len(text), 1), text.split()
    count = max(len(words), 1)
    kinds = (
        len(IDEOGRAPH.findall(text)),
        sum(map(str.isdigit, text)),
        sum(map(str.isupper, text)),
        sum(not sign.isalnum() and not sign.isspace() for sign in text),
    )
    return np.array(
        [
            np.log1p(length),
            np.log1p(len(words)),
            np.log1p(text.count("\n")),
            *(kind / size for kind in kinds),
            np.log1p(len(CHOICE.findall(text))),
            "$" in text,
            "\\" in text,
            any(sign in text for sign in CODE),
            "?" in text,
            "_" in text,
            size / count,
            np.log1p(len(NUMBER.findall(text))),
            np.log1p(max(map(len, text.split("\n")))),
            text.rstrip().endswith("?"),
            "not" in words,
            "following" in words,
            len(set(words)) / count,
        ],
        np.float32,
    )
