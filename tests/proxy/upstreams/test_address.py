"""Claims about how an upstream's URL and a request's path make one address."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.upstreams.address import Address


@pytest.mark.parametrize(
    ("url", "path", "query", "target"),
    [
        ("https://api.anthropic.com", "/v1/messages", "", b"/v1/messages"),
        ("https://api.anthropic.com/", "/v1/messages", "", b"/v1/messages"),
        ("https://api.openai.com/v1", "/v1/chat/completions", "", b"/v1/chat/completions"),
        ("https://api.openai.com/v1/", "/v1/chat/completions", "", b"/v1/chat/completions"),
        ("https://host/v1beta/openai", "/v1/chat/completions", "", b"/v1beta/openai/chat/completions"),
        ("https://host/api", "/v1beta/models", "", b"/api/v1beta/models"),
        ("https://host/api", "/health", "", b"/api/health"),
        ("https://host/v1", "/v1", "", b"/v1"),
        ("https://host", "", "", b"/"),
        ("https://host/v1", "/v1/files", "order[]=a&x=%5B", b"/v1/files?order[]=a&x=%5B"),
        ("https://host/v1?api-version=1", "/v1/files", "", b"/v1/files?api-version=1"),
        ("https://host/v1?api-version=1", "/v1/files", "b=2", b"/v1/files?api-version=1&b=2"),
        ("https://host", "/v1/files/a b", "", b"/v1/files/a%20b"),
        ("https://host", "/v1/files/caf\u00e9", "", b"/v1/files/caf%C3%A9"),
        ("https://host", "/v1/a", "x=1\r\ny: 2", b"/v1/a?x=1%0D%0Ay:%202"),
    ],
)
def test_paths_are_joined(url: str, path: str, query: str, target: bytes) -> None:
    """A base without a path takes the whole request path, one with a path takes it without its `/v1`."""
    assert Address.of(url).target(path, query) == target


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_target_never_breaks_the_request_line(path: str, query: str) -> None:
    """Whatever path and query say, the target has no space, no line break and nothing but ASCII."""
    try:
        target = Address.of("https://host/v1").target("/" + path, query)
    except UnicodeEncodeError:
        return  # half a surrogate pair is no text
    assert all(33 <= byte < 127 for byte in target)


@settings(deadline=None)
@given(st.text(alphabet="abc/[]%25=&?:@!$'()*+,;~-._|\"<>", min_size=1))
def test_what_can_be_sent_is_sent_verbatim(query: str) -> None:
    """A query that fits into a request line is not changed at all."""
    assert Address.of("https://host").target("/p", query) == f"/p?{query}".encode()


@pytest.mark.parametrize("url", ["", "host", "ftp://host", "https://", "recorded:file"])
def test_what_is_no_url_is_refused_in_words(url: str) -> None:
    """The error shows what an upstream's URL looks like."""
    with pytest.raises(ValueError, match=r"https://api\.openai\.com/v1"):
        Address.of(url)


def test_ports_and_hosts() -> None:
    """The port is the scheme's own where none is written; the host header is what stands in the URL."""
    assert Address.of("https://host/v1").origin.port == 443
    assert Address.of("http://host").origin.port == 80
    address = Address.of("http://user:secret@[::1]:8000/v1")
    assert (address.origin.host, address.origin.port, address.origin.tls) == ("::1", 8000, False)
    assert address.host == b"[::1]:8000"
