"""A team's template as a model writes it: roles, what each is to do, whose results it reads. Checked JSON.

It must not know models or members. After MAS² (arXiv 2509.24323): a template names no model.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from policies.inner.documents import documents

MOST_ROLES = 6
MOST_WORDS = 2_000
"""Characters of an instruction."""
NAME = re.compile(r"[\w-]{1,40}")


class Role(NamedTuple):
    """One node."""

    id: str
    instruction: str
    inputs: tuple[str, ...] = ()
    """Ids of the roles whose results it reads."""
    tools: bool = False
    """Whether the client's tools would serve it. Only the last role has them."""


Template = tuple[Role, ...]
"""Roles in an order in which each stands behind those it reads; the last one speaks to the client."""


class Unusable(ValueError):
    """The template cannot be used; the message says why, in words for the model that wrote it."""


def parsed(text: str, known: Sequence[str] = ()) -> Template:
    """The template in a model's words, wherever in them its JSON stands. `known` are results that are there already.

    Raises `Unusable`.
    """
    roles = _roles(text)
    if not 1 <= len(roles) <= MOST_ROLES:
        raise Unusable(f"it has {len(roles)} roles; it may have 1 to {MOST_ROLES}")
    found = [_role(place, role) for place, role in enumerate(roles, 1)]
    ids = [role.id for role in found]
    if twice := sorted({each for each in ids if ids.count(each) > 1 or each in known}):
        raise Unusable(f"the id {', '.join(twice)} stands twice")
    for role in found:
        if strange := [each for each in role.inputs if each not in (*ids, *known)]:
            raise Unusable(f"{role.id} reads {', '.join(strange)}, which is no role")
    return _ordered(found, frozenset(known))


def levels(template: Template) -> list[list[Role]]:
    """Roles but the last one, those that can work at once together."""
    depth: dict[str, int] = {}
    for role in template:
        depth[role.id] = 1 + max((depth[each] for each in role.inputs if each in depth), default=-1)
    return [
        [role for role in template[:-1] if depth[role.id] == level]
        for level in range(max(depth.values(), default=0) + 1)
    ]


def told(template: Template) -> str:
    """The graph in a line: `look, think(look), answer(look think)`."""
    return ", ".join(role.id + (f"({' '.join(role.inputs)})" if role.inputs else "") for role in template)


def _roles(text: str) -> list[Any]:
    for value in documents(text):
        roles = value.get("roles") if isinstance(value, dict) else value
        if isinstance(roles, list):
            return roles
    raise Unusable('it is no JSON object with a list of "roles"')


def _role(place: int, role: Any) -> Role:
    if not isinstance(role, Mapping):
        raise Unusable(f"role {place} is no object")
    name, instruction, inputs = role.get("id"), role.get("instruction"), role.get("inputs") or []
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Unusable(f"role {place} needs an id of letters and digits")
    if not isinstance(instruction, str) or not instruction.strip():
        raise Unusable(f"{name} needs an instruction")
    if not isinstance(inputs, list) or not all(isinstance(each, str) for each in inputs):
        raise Unusable(f"the inputs of {name} are a list of ids")
    return Role(name, instruction.strip()[:MOST_WORDS], tuple(dict.fromkeys(inputs)), role.get("tools") is True)


def _ordered(roles: Sequence[Role], known: frozenset[str]) -> Template:
    """The roles with each behind those it reads; of those that could be last, the one that was written last is."""
    waiting, order, done = list(roles), [], set(known)
    while waiting:
        ready = [role for role in waiting if done.issuperset(role.inputs)]
        if not ready:
            raise Unusable(f"{', '.join(role.id for role in waiting)} read each other in a circle")
        order.append(ready[0])
        done.add(ready[0].id)
        waiting.remove(ready[0])
    read = {each for role in roles for each in role.inputs}
    ends = [role for role in order if role.id not in read]
    return (*(role for role in order if role is not ends[-1]), ends[-1])
