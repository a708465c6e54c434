"""The models of `OUTRIDER_MODELS`: a YAML file read into the roster's nouns.

It must not know upstreams or the pool. This is the only room of YAML.

    models:
      - name: fast                # what clients ask for
        aliases: [gpt-4o-mini]
        upstream: local           # name of an upstream
        served_as: qwen3-8b       # what the upstream calls it; left out: the name
      - name: fast                # the same name again: asked when the first cannot answer
        upstream: openai
        served_as: gpt-4o-mini

An entry may hold the model's card too: see `proxy.upstreams.cards`.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

from proxy.roster import Model
from proxy.upstreams.cards import FIELDS, read_card

KNOWN = ("name", "upstream", "served_as", "aliases", *FIELDS)


def read_models(path: str, upstreams: Collection[str] = (), taken: Collection[str] = ()) -> dict[str, Model]:
    """The models of a file, in its order; empty for an empty path. See `parse_models`. Raises also `OSError`."""
    if not path:
        return {}
    return parse_models(Path(path).expanduser().read_text(encoding="utf-8"), upstreams, taken)


def parse_models(text: str, upstreams: Collection[str] = (), taken: Collection[str] = ()) -> dict[str, Model]:
    """The models of a YAML text. The key is the model's name, or `name@upstream` for each further entry of a name.

    `upstreams` are the names there are; the first of them is taken where an entry names none. `taken` are names of
    models that the proxy answers to itself. Raises `ValueError` in words for the one who wrote the file.
    """
    try:
        told = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise ValueError(f"not YAML: {fault}") from None
    entries = told.get("models") if isinstance(told, dict) else told
    if entries is None:
        return {}
    if not isinstance(entries, list):
        raise ValueError("a list is expected: `models:`, and below it one `- name: …` for each")  # noqa: TRY004
    models: dict[str, Model] = {}
    for place, entry in enumerate(entries, 1):
        model = _model(place, entry, upstreams)
        if own := [name for name in (model.name, *model.aliases) if name.partition(":")[0] in taken]:
            raise ValueError(
                f"entry {place}: {own[0]!r} is a name that Outrider answers to itself; give the model another, with "
                "this one as `served_as` if its upstream calls it so"
            )
        key = f"{model.name}@{model.upstream}" if model.name in models else model.name
        if key in models:
            raise ValueError(f"entry {place}: {model.name!r} stands twice with upstream {model.upstream!r}")
        models[key] = model
    return models


def _model(place: int, entry: object, upstreams: Collection[str]) -> Model:
    if not isinstance(entry, Mapping):
        raise ValueError(f"entry {place}: `name: …` is expected, not {entry!r}")  # noqa: TRY004
    strange = [str(key) for key in entry if key not in KNOWN]
    if strange:
        raise ValueError(f"entry {place}: {', '.join(strange)} is not known; there are {', '.join(KNOWN)}")
    name = _text(place, entry, "name")
    if not name:
        raise ValueError(f"entry {place}: `name` is missing")
    upstream = _text(place, entry, "upstream") or next(iter(upstreams), "")
    if upstreams and upstream not in upstreams:
        raise ValueError(f"entry {place}: there is no upstream {upstream!r}; there are {', '.join(upstreams)}")
    aliases = entry.get("aliases") or []
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise ValueError(f"entry {place}: `aliases` is a list of names, like [gpt-4o, gpt-4o-mini]")
    try:
        card = read_card(entry)
    except ValueError as fault:
        raise ValueError(f"entry {place}, {name}: {fault}") from None
    return Model(name, upstream, _text(place, entry, "served_as"), tuple(aliases), card)


def _text(place: int, entry: Mapping[object, object], field: str) -> str:
    value = entry.get(field, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        # YAML reads 4.1 as a number, and `no` as a truth value.
        raise ValueError(f'entry {place}: write `{field}` in quotes: "{value}"')  # noqa: TRY004
    return value
