"""Cards in the YAML of models: what is read, and what is said where it cannot be."""

import pytest

from proxy.roster import Card, Price
from proxy.upstreams.models import parse_models

WHOLE = """
models:
  - name: big
    card: "A general model."
    skills: [Code, math]
    window: 131072
    modalities: [text, image]
    tools: true
    price: {input: 0.5, output: 1.5, cached: 0.1}
  - name: plain
"""


def test_a_whole_card_and_none() -> None:
    """Every field; and a model without any has an empty card."""
    models = parse_models(WHOLE)
    assert models["big"].card == Card(
        "A general model.", ("code", "math"), 131_072, ("text", "image"), True, Price(0.5, 1.5, 0.1)
    )
    assert models["plain"].card == Card()


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("card: [a]", "`card` is text"),
        ("skills: code", "`skills` is a list of words"),
        ("window: 128k", "`window` is a number of tokens, like 131072, not '128k'"),
        ("window: true", "`window` is a number"),
        ("modalities: [smell]", "`modalities` knows no smell; there are text, image"),
        ("tools: maybe", "`tools` is true or false, not 'maybe'"),
        ("price: 3", "`price` is dollars for a million tokens"),
        ("price: {input: 1}", "both are needed"),
        ("price: {input: -1, output: 2}", "`input` is -1"),
        ("price: {input: 1, output: 2, images: 3}", "it knows no images"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(field: str, said: str) -> None:
    """The entry, the model and the field."""
    with pytest.raises(ValueError, match="entry 1, m: ") as fault:
        parse_models(f"models:\n  - name: m\n    {field}\n")
    assert said in str(fault.value)
