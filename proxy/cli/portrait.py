"""What a model says of itself, for a card to begin with.

It must not know cards' files. What a model says is its own word: it is a draft, for a person to read.
"""

import os
from typing import NamedTuple

import httpx

from policies.inner.documents import documents
from proxy.settings import Settings

PATIENCE_S = 60.0
MOST = 800
"""Characters of a description."""
KNOWN = ("code", "math", "chinese", "medicine", "law", "finance", "documents")
ASK = (
    "Describe yourself for a program that chooses between models. Reply with nothing but JSON: "
    '{"card": "two or three sentences: what you were made for, your size in parameters, when you were released", '
    f'"skills": ["those of {", ".join(KNOWN)} that you are better at than models of your size"]}}. '
    "Leave out what you do not know."
)


class Portrait(NamedTuple):
    """A description and skills."""

    card: str
    skills: tuple[str, ...] = ()


def asked(settings: Settings, name: str) -> Portrait:
    """What the model says. Raises `ValueError`, in words for a person, where it says nothing."""
    place = settings.places[0]
    key = place.key or os.environ.get("OPENAI_API_KEY", "")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    body = {"model": name, "messages": [{"role": "user", "content": ASK}]}
    try:
        got = httpx.post(f"{place.url.rstrip('/')}/chat/completions", json=body, headers=headers, timeout=PATIENCE_S)
    except httpx.HTTPError as fault:
        raise ValueError(f"{place.name} at {place.url} does not answer ({type(fault).__name__})") from fault
    try:
        said = got.json()["choices"][0]["message"]["content"]
    except (ValueError, KeyError, TypeError, IndexError):
        said = None
    if not isinstance(said, str) or not said.strip():
        raise ValueError(f"{place.name} answered {got.status_code} and no description: {got.text[:200]}")
    return read(said)


def read(said: str) -> Portrait:
    """The description in a reply: its JSON, wherever that stands, else its words."""
    objects = (each for each in documents(said) if isinstance(each, dict) and isinstance(each.get("card"), str))
    told = next(objects, None)
    if told is None:
        return Portrait(" ".join(said.split())[:MOST])
    skills = told.get("skills")
    listed = [str(each).lower() for each in skills] if isinstance(skills, list) else []
    return Portrait(" ".join(told["card"].split())[:MOST], tuple(each for each in KNOWN if each in listed))
