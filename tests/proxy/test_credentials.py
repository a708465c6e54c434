"""Credentials: what is left out of a recording, and what only looks like it.

It must not know the form of a recording.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.credentials import spared_headers, spared_query

SECRETS = [
    *("authorization", "Authorization", "proxy-authorization", "cf-aig-authorization", "x-api-key", "api-key"),
    *("x-goog-api-key", "x-portkey-api-key", "helicone-auth", "cookie", "set-cookie", "x-amz-security-token"),
    *("ocp-apim-subscription-key", "x-auth-token", "x-client-secret"),
]
PLAIN = ["openai-organization", "x-ratelimit-remaining-tokens", "idempotency-key", "content-type"]


@given(st.lists(st.tuples(st.sampled_from(SECRETS + PLAIN), st.binary(max_size=8))))
def test_only_credentials_go(headers: list[tuple[str, bytes]]) -> None:
    """The other headers stay, in their order, as often as they stand."""
    kept = spared_headers(tuple((name.encode(), value) for name, value in headers))
    assert kept == [(name, value.decode("latin-1")) for name, value in headers if name in PLAIN]


@pytest.mark.parametrize(
    ("query", "spared"),
    [
        ("", ""),
        ("key=1", "key="),
        ("a=1&api-key=2&b=3", "a=1&api-key=&b=3"),
        ("%6bey=1&KEY=2", "%6bey=&KEY="),
        ("access_token=x&sig=y", "access_token=&sig="),
        ("monkey=1&key", "monkey=1&key"),
        ("include[]=x&&a=%20", "include[]=x&&a=%20"),
    ],
)
def test_a_secret_field_keeps_its_name(query: str, spared: str) -> None:
    """Its value goes; all else stays as it was written."""
    assert spared_query(query) == spared
