"""Words and values under other names."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.prefetch.fields import leaves
from policies.prefetch.masking import Mask
from policies.prefetch.words import shape

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(SCALARS, lambda each: st.lists(each, max_size=5) | st.dictionaries(st.text(), each, max_size=5))


def test_the_same_is_the_same_and_looks_alike() -> None:
    """In a text and in a result; another session has another name for it."""
    mask = Mask("one")
    plain = "I am Mia Kovacs, order #W8855135, zip 78260, mia.k@example.com"
    said = mask.text(plain)
    assert not {"Mia", "Kovacs", "W8855135", "78260", "example"} & set(said.replace("@", " ").replace(".", " ").split())
    assert [shape(each.strip(",")) for each in said.split()] == [shape(each.strip(",")) for each in plain.split()]
    assert mask.value({"order_id": "#W8855135"})["order_id"] in said
    assert mask.value("MIA").lower() == mask.value("mia")
    assert Mask("two").value("#W8855135") != mask.value("#W8855135")


def test_what_tells_nobody_anything_stays() -> None:
    """Small numbers, dates, months, common words, and what is asked for."""
    assert Mask("s").text("on 2024-05-15 or May 7, I'd want 2") == "on 2024-05-15 or May 7, I'd want 2"
    assert Mask("s", {"cancel", "order"}).text("Cancel order") == "Cancel order"
    assert Mask("s").value({"name": True, "b": None}) == {"name": True, "b": None}


def test_names_of_fields_stay_and_keys_that_are_values_do_not() -> None:
    """As the fields of results are told apart."""
    first, second, third = Mask("s").value({"orders": [], "address1": "", "paypal_8194385": 1})
    assert (first, second) == ("orders", "address1")
    assert third != "paypal_8194385"
    assert [leaf.path for leaf in leaves(json.dumps(Mask("s").value({"a": {"card_123456": {"of": 1}}})))] == [
        leaf.path for leaf in leaves('{"a": {"card_123456": {"of": 1}}}')
    ]


@given(JSON)
def test_every_value_can_be_masked(value: Any) -> None:
    """It stays JSON."""
    json.loads(json.dumps(Mask("s").value(value)))
