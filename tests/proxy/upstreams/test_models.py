"""Claims about the file of models."""

from pathlib import Path

import pytest

from proxy.roster import Model
from proxy.upstreams.models import parse_models, read_models

UPSTREAMS = ("openai", "local")


def test_a_file_is_read(tmp_path: Path) -> None:
    """Names, aliases, upstreams and served names come out as they were written."""
    path = tmp_path / "models.yaml"
    path.write_text("models:\n  - {name: fast, aliases: [gpt-4o-mini], upstream: local, served_as: qwen3-8b}\n")
    assert read_models(str(path), UPSTREAMS) == {"fast": Model("fast", "local", "qwen3-8b", ("gpt-4o-mini",))}


def test_no_path_is_no_models() -> None:
    """Without a file there are no models."""
    assert read_models("") == {}


def test_a_name_may_stand_several_times() -> None:
    """Further entries of a name keep their place, for failover in that order."""
    models = parse_models("- {name: m, upstream: local}\n- {name: m, upstream: openai}", UPSTREAMS)
    assert [model.upstream for model in models.values()] == ["local", "openai"]
    assert all(model.name == "m" for model in models.values())


def test_the_first_upstream_is_the_default() -> None:
    """An entry without an upstream belongs to the first one."""
    assert parse_models("- name: m", UPSTREAMS)["m"].upstream == "openai"


@pytest.mark.parametrize("text", ["", "models:", "models: []"])
def test_an_empty_file_is_no_models(text: str) -> None:
    """A file with nothing in it is not a mistake."""
    assert parse_models(text) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models: {a: 1}", "a list is expected"),
        ("- just words", "`name: …` is expected"),
        ("- {upstream: local}", "`name` is missing"),
        ("- {name: m, upstream: elsewhere}", "there is no upstream 'elsewhere'"),
        ("- {name: m, url: x}", "url is not known"),
        ("- {name: m, aliases: a}", "a list of names"),
        ("- {name: 4.1}", "in quotes"),
        ("- {name: m, upstream: local}\n- {name: m, upstream: local}\n- {name: m, upstream: local}", "stands twice"),
        ("a: [", "not YAML"),
    ],
)
def test_mistakes_are_told_in_words(text: str, words: str) -> None:
    """Each mistake is named with its entry and what to write instead."""
    with pytest.raises(ValueError, match=words):
        parse_models(text, UPSTREAMS)


def test_a_name_that_the_proxy_answers_to_itself_is_refused() -> None:
    """As a name, as an alias, and with members behind it; elsewhere the same word is nobody's."""
    for text in ("- name: goa", "- {name: m, aliases: [m2, auto/cheap]}", "- name: 'goa:m,n'"):
        with pytest.raises(ValueError, match=r"entry 1: '(goa|auto).*' is a name that Outrider answers to itself"):
            parse_models(text, UPSTREAMS, ("auto", "auto/cheap", "goa"))
    assert parse_models("- {name: m, served_as: auto}\n- name: goa-like:8b", UPSTREAMS, ("auto", "goa"))
    assert parse_models("- name: auto", UPSTREAMS)
