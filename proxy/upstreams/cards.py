"""A model's card as it stands in the YAML of `OUTRIDER_MODELS`, read into the noun.

It must not know YAML, files, upstreams or the pool: it is given what the YAML said.

    card: |                        # for people and for routing, in a few sentences
      A general model of 70 billion parameters, released in July 2024.
    skills: [code, math]           # what it is better at than its like
    window: 131072                 # tokens of prompt and reply
    modalities: [text, image]      # what a prompt may hold
    tools: true                    # whether it can call tools
    price: {input: 0.59, output: 0.79, cached: 0.1}   # US dollars for a million tokens
"""

from collections.abc import Mapping

from proxy.roster import Card, Price

FIELDS = ("card", "skills", "window", "modalities", "tools", "price")
MODALITIES = ("text", "image", "audio", "file")
PRICES = ("input", "output", "cached")


def read_card(entry: Mapping[object, object]) -> Card:
    """The card of an entry. Raises `ValueError` in words for the one who wrote it."""
    text = entry.get("card") or ""
    if not isinstance(text, str):
        raise ValueError(f"`card` is text, not {text!r}: write it in quotes, or below `card: |`")  # noqa: TRY004
    tools = entry.get("tools")
    if tools is not None and not isinstance(tools, bool):
        raise ValueError(f"`tools` is true or false, not {tools!r}")
    modalities = _words(entry, "modalities") or ("text",)
    strange = [word for word in modalities if word not in MODALITIES]
    if strange:
        raise ValueError(f"`modalities` knows no {', '.join(strange)}; there are {', '.join(MODALITIES)}")
    skills = tuple(word.lower() for word in _words(entry, "skills"))
    return Card(text.strip(), skills, _window(entry.get("window")), modalities, tools, _price(entry.get("price")))


def _words(entry: Mapping[object, object], field: str) -> tuple[str, ...]:
    told = entry.get(field) or []
    if not isinstance(told, list) or not all(isinstance(word, str) for word in told):
        raise ValueError(f"`{field}` is a list of words, like [text, image]")
    return tuple(told)


def _window(told: object) -> int:
    if told is None:
        return 0
    if isinstance(told, bool) or not isinstance(told, int) or told <= 0:
        raise ValueError(f"`window` is a number of tokens, like 131072, not {told!r}")
    return told


def _price(told: object) -> Price | None:
    if told is None:
        return None
    example = "`price` is dollars for a million tokens, like {input: 0.5, output: 1.5}"
    if not isinstance(told, Mapping):
        raise ValueError(f"{example}, not {told!r}")  # noqa: TRY004
    strange = [str(key) for key in told if key not in PRICES]
    if strange:
        raise ValueError(f"{example}; it knows no {', '.join(strange)}")
    given: dict[str, float] = {}
    for name in PRICES:
        value = told.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise ValueError(f"{example}; `{name}` is {value!r}")
        given[name] = float(value)
    if not {"input", "output"} <= given.keys():
        raise ValueError(f"{example}; both are needed")
    return Price(given["input"], given["output"], given.get("cached"))
