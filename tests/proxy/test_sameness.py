"""Whether two requests are the same."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange import Request
from proxy.sameness import digest

BODY = {"model": "m", "messages": [{"role": "user", "content": "é"}], "temperature": 1}
HEADERS = ((b"authorization", b"Bearer k"), (b"x-new", b"1"))
ONE = Request("POST", "/v1/chat/completions", HEADERS, json.dumps(BODY).encode(), form="chat", caller="me")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(), each, max_size=4),
)


def test_the_same_in_other_spellings() -> None:
    """Order of members, white space, escapes; headers that only trace."""
    other = json.dumps(dict(reversed(BODY.items())), ensure_ascii=False, indent=2).encode()
    tracing = ((b"traceparent", b"00-1"), (b"x-stainless-retry-count", b"0"), (b"content-length", b"9"))
    assert digest(ONE) == digest(ONE.but(body=other, headers=(*tracing, *reversed(HEADERS))))


@pytest.mark.parametrize(
    "changes",
    [
        {"body": json.dumps({**BODY, "temperature": 1.0}).encode()},
        {"body": json.dumps({**BODY, "top_p": None}).encode()},
        {"body": json.dumps({**BODY, "messages": BODY["messages"] * 2}).encode()},  # type: ignore[operator]
        {"headers": HEADERS[:1]},
        {"headers": ((b"authorization", b"Bearer x"), HEADERS[1])},
        {"headers": (HEADERS[0], (b"x-new", b"2"))},
        {"caller": "you"},
        {"path": "/v1/messages"},
        {"query": "a=1"},
        {"method": "PUT"},
    ],
)
def test_another_in_any_way(changes: dict[str, Any]) -> None:
    """Every field of the body, every header that may change an answer, whoever asks."""
    assert digest(ONE) != digest(ONE.but(**changes))


@given(JSON, JSON)
def test_equal_values_and_no_others(one: Any, other: Any) -> None:
    """As JSON has it: 1 is not 1.0."""
    first, second = (digest(ONE.but(body=json.dumps(each).encode())) for each in (one, other))
    assert (first == second) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_cannot_be_read_is_like_nothing(body: bytes) -> None:
    """Not even like itself."""
    assert digest(ONE.but(body=body)) is None
