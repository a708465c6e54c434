"""Templates as models write them: found in whatever words, checked, and said what is wrong with them."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.ensemble.template import Role, Unusable, levels, parsed, told

LOOK = {"id": "look", "instruction": "Find what is known.", "tools": True}
THINK = {"id": "think", "instruction": "Think about it.", "inputs": ["look"]}
SAY = {"id": "say", "instruction": "Answer.", "inputs": ["think", "look"]}


def written(*roles: Any) -> str:
    return json.dumps({"roles": roles})


@pytest.mark.parametrize(
    "text",
    [
        written(LOOK, THINK, SAY),
        written(SAY, THINK, LOOK),
        f"Here is the team:\n```json\n{written(LOOK, THINK, SAY)}\n```\nGood luck!",
        f"A set {{of words}} and then {json.dumps([LOOK, THINK, SAY])}",
    ],
)
def test_the_roles_in_order(text: str) -> None:
    """Whatever stands around the JSON, and in whatever order the roles are written."""
    found = parsed(text)
    assert [role.id for role in found] == ["look", "think", "say"]
    assert found[0] == Role("look", "Find what is known.", (), True)
    assert told(found) == "look, think(look), say(think look)"
    assert [[role.id for role in level] for level in levels(found)] == [["look"], ["think"], []]


def test_what_can_work_at_once() -> None:
    """Roles that read nothing of each other stand in one level; of two that nobody reads the later one speaks."""
    found = parsed(written(LOOK, {"id": "count", "instruction": "Count."}, {**SAY, "inputs": ["look", "count"]}))
    assert [role.id for role in levels(found)[0]] == ["look", "count"]
    beside = parsed(written(LOOK, {**SAY, "inputs": ["look"]}, {"id": "also", "instruction": "Check."}))
    assert beside[-1].id == "also"
    assert parsed(written({**THINK, "inputs": ["old"]}), ["old"])[0].inputs == ("old",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("I would rather not.", 'no JSON object with a list of "roles"'),
        ('{"roles": 3}', "no JSON"),
        (written(), "0 roles; it may have 1 to 6"),
        (written(*({"id": f"r{n}", "instruction": "x"} for n in range(7))), "7 roles"),
        (written(LOOK, LOOK), "the id look stands twice"),
        (written(THINK), "think reads look, which is no role"),
        (written({**LOOK, "inputs": ["think"]}, THINK), "look, think read each other in a circle"),
        (written({**LOOK, "inputs": ["look"]}), "in a circle"),
        (written({"instruction": "x"}), "role 1 needs an id"),
        (written({"id": "x y", "instruction": "x"}), "role 1 needs an id"),
        (written({"id": "x"}), "x needs an instruction"),
        (written({**LOOK, "inputs": "think"}), "the inputs of look are a list"),
        (written("look"), "role 1 is no object"),
    ],
)
def test_what_cannot_be_used(text: str, why: str) -> None:
    """In words for the model that wrote it."""
    with pytest.raises(Unusable, match=why):
        parsed(text)


@given(
    st.text()
    | st.recursive(st.none() | st.text() | st.integers(), lambda of: st.lists(of) | st.dictionaries(st.text(), of)).map(
        json.dumps
    )
)
def test_whatever_is_written_is_a_template_or_unusable(text: str) -> None:
    """Nothing else is raised."""
    with suppress(Unusable):
        assert 1 <= len(parsed(text)) <= 6
