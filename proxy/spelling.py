"""How the values of variables are spelled: lists of words, pairs of names and values, modes, tools by server and name.

It must not know what a setting is for, nor that there are any.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from proxy.policy import WINDOWS

NOTHING = ("", "off", "none")
MODES = ("off", "shadow", "on")
NOISE_MODES = (*MODES, "annotate", "prepare", "repair", "refuse")
NUMBER = re.compile(r"\d+(\.\d+)?")
WEIGHTS = {"best": "1", "cheap": "0.3"}
DIVIDE_LIMITS = ("parts", "at_once", "patience_s", "tokens", "usd")
TEAM_LIMITS = ("patience_s", "seats", "rounds", "tokens", "usd")
SECONDS = re.compile(r"[1-9]|[12]\d|30")


def words(value: object) -> object:
    """`a, b` as a tuple; `off`, `none` and nothing at all as the empty tuple."""
    if not isinstance(value, str):
        return value
    if value.strip().lower() in NOTHING:
        return ()
    return tuple(word for word in (part.strip() for part in value.split(",")) if word)


def pairs(value: object) -> object:
    """`a=x, b=y` as a dict. Raises `ValueError` for a part without `=`, which is not repeated: it may be a secret."""
    if not isinstance(value, str):
        return value
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, value.split(","))):
        name, equals, rest = part.partition("=")
        if not (equals and name.strip() and rest.strip()):
            raise ValueError("write name=value, and a comma between two of them")
        found[name.strip()] = rest.strip()
    return found


def tools(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words that are `server/tool`. Raises `ValueError`."""
    if strange := [word for word in words if not all(word.partition("/"))]:
        raise ValueError(f"{', '.join(strange)}: write server/tool, by the names outrider doctor shows")
    return words


def seconds_of_tools(ttls: dict[str, str]) -> dict[str, str]:
    """Seconds by `server/tool`. Raises `ValueError`."""
    if not all(all(tool.partition("/")) and SECONDS.fullmatch(seconds) for tool, seconds in ttls.items()):
        raise ValueError("write server/tool=seconds, from 1 to 30")
    return ttls


def windows(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words that are windows. Raises `ValueError`."""
    if strange := [word for word in words if word not in WINDOWS]:
        raise ValueError(f"{', '.join(strange)}: write some of {', '.join(WINDOWS)}, or off")
    return words


def modes(value: Mapping[str, str], known: tuple[str, ...] = MODES) -> Mapping[str, str]:
    """Modes of agents. Raises `ValueError` for one that is not known."""
    strange = sorted({mode for mode in value.values() if mode not in known})
    if strange:
        raise ValueError(f"{', '.join(strange)}: a mode is {', '.join(reversed(known[1:]))} or {known[0]}")
    return value


def limits(value: object, known: tuple[str, ...]) -> object:
    """Limits by name. Raises `ValueError` for a name that is not known, or what is no number from 0 up."""
    found = pairs(value)
    if not isinstance(found, Mapping):
        return found
    if strange := sorted(set(found) - set(known)):
        raise ValueError(f"{', '.join(strange)}: there are {', '.join(known)}")
    if not all(NUMBER.fullmatch(str(number)) for number in found.values()):
        raise ValueError("write name=number, and a comma between two of them")
    return {name: float(number) for name, number in found.items()}


def weights(value: object) -> object:
    """What quality counts, by name: a number from 0 to 1, `best`, or `cheap`. Raises `ValueError` for anything else."""
    found = pairs(value)
    if not isinstance(found, Mapping):
        return found
    told = {name: WEIGHTS.get(str(weight), str(weight)) for name, weight in found.items()}
    if not all(NUMBER.fullmatch(weight) and float(weight) <= 1 for weight in told.values()):
        raise ValueError("write name=number from 0 to 1, name=best or name=cheap, and a comma between two of them")
    return {name: float(weight) for name, weight in told.items()}


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(words)]
SecretWords = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(words)]
Pairs = Annotated[dict[str, str], NoDecode, BeforeValidator(pairs)]
Modes = Annotated[dict[str, str], NoDecode, BeforeValidator(pairs), AfterValidator(modes)]
NoiseModes = Annotated[
    dict[str, str], NoDecode, BeforeValidator(pairs), AfterValidator(partial(modes, known=NOISE_MODES))
]
TeamLimits = Annotated[dict[str, float], NoDecode, BeforeValidator(partial(limits, known=TEAM_LIMITS))]
DivideLimits = Annotated[dict[str, float], NoDecode, BeforeValidator(partial(limits, known=DIVIDE_LIMITS))]
Weights = Annotated[dict[str, float], NoDecode, BeforeValidator(weights)]
SecretPairs = Annotated[dict[str, SecretStr], NoDecode, BeforeValidator(pairs)]
NO_SECRET = SecretStr("")
ToolWords = Annotated[tuple[str, ...], NoDecode, BeforeValidator(words), AfterValidator(tools)]
WindowWords = Annotated[tuple[str, ...], NoDecode, BeforeValidator(words), AfterValidator(windows)]
ToolSeconds = Annotated[dict[str, str], NoDecode, BeforeValidator(pairs), AfterValidator(seconds_of_tools)]
