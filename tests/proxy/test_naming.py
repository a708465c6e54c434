"""A request under another model's name."""

from proxy.exchange import Request
from proxy.naming import named


def test_only_the_name_is_another() -> None:
    """Every other byte, spaces and a nested `model` too, stays."""
    body = b'{ "messages": [{"model": "x"}],  "model" : "auto" , "odd": 1.0}'
    found = named(Request("POST", "/v1/chat/completions", body=body, model="auto"), 'qu"oted')
    assert found.model == 'qu"oted'
    assert found.body == body.replace(b'"auto"', rb'"qu\"oted"')


def test_its_own_name_changes_nothing() -> None:
    """The same value."""
    request = Request("POST", "/", body=b"{}", model="m")
    assert named(request, "m") is request
