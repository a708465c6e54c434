"""The identity prefix of a base URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.server.address import split


@pytest.mark.parametrize(
    ("path", "rest", "tags"),
    [
        ("/v1/chat/completions", "/v1/chat/completions", {}),
        ("/s/abc/a/planner/v1/models", "/v1/models", {"session": "abc", "agent": "planner"}),
        ("/a/planner/v1/messages", "/v1/messages", {"agent": "planner"}),
        ("/r/run%207/s/x/v1/files/f%2Fg", "/v1/files/f%2Fg", {"run": "run 7", "session": "x"}),
        ("/s/v1/v1/models", "/v1/models", {"session": "v1"}),
    ],
)
def test_parts_are_optional_and_in_any_order(path: str, rest: str, tags: dict[str, str]) -> None:
    """What remains is the API path, still percent-encoded; the ids are decoded."""
    assert split(path) == (rest, tags)


@pytest.mark.parametrize("path", ["/", "", "/v2/x", "/chat/completions", "/s/abc", "/x/abc/v1/models", "/s//v1/models"])
def test_other_paths_are_none(path: str) -> None:
    """Nothing is guessed."""
    assert split(path) is None


@given(st.text(alphabet="/svar1%.x", max_size=60))
def test_any_path_is_split_or_refused(path: str) -> None:
    """Never raises; what it gives begins with the API's prefix and ends what came."""
    found = split(path)
    assert found is None or (found[0].startswith("/v1/") and path.endswith(found[0]))
