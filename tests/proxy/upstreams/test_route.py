"""Claims about where a request may go, and whether it may be sent twice."""

from typing import Any

import pytest

from proxy.exchange import Request
from proxy.roster import Model
from proxy.upstreams import UpstreamError
from proxy.upstreams.route import Place, by_name, may_repeat, places
from tests.proxy.upstreams.requests import HEADERS, chat, get, post

UPSTREAMS = ("openai", "local", "claude")
MODELS = by_name(
    {
        "fast": Model("fast", "local", "qwen3-8b", ("gpt-4o-mini",)),
        "fast@openai": Model("fast", "openai", "gpt-4o-mini"),
        "own": Model("own", "local"),
    }
)


def routed(request: Request, *, pinned: str = "") -> list[tuple[str, str]]:
    found = places(request, MODELS, UPSTREAMS, ("openai",), pinned=pinned)
    return [(place.upstream, place.served_as) for place in found]


def preferring(name: str, **fields: Any) -> Request:
    request = chat(**fields)
    return request.but(headers=(*HEADERS, (b"x-outrider-upstream", name.encode())))


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (chat(model="gpt-5"), [("openai", "")]),
        (chat(model="own"), [("local", "own")]),
        (chat(model="fast"), [("local", "qwen3-8b"), ("openai", "gpt-4o-mini")]),
        (chat(model="gpt-4o-mini"), [("local", "qwen3-8b")]),
        (chat(model="claude/opus"), [("claude", "opus")]),
        (chat(model="meta/llama"), [("openai", "")]),
        (chat(model="claude/"), [("openai", "")]),
        (preferring("claude", model="gpt-5"), [("claude", "")]),
        (preferring("openai", model="fast"), [("openai", "gpt-4o-mini")]),
        (preferring("claude", model="claude/opus"), [("claude", "opus")]),
        (get("/v1/files"), [("openai", "")]),
    ],
)
def test_places(request_: Request, expected: list[tuple[str, str]]) -> None:
    """A listed model goes to its entries, a prefixed one to its upstream, any other to the default."""
    assert routed(request_) == expected


def test_a_pin_beats_everything() -> None:
    """State that one upstream made is asked for there alone, under the name it knows."""
    assert routed(preferring("claude", model="fast"), pinned="openai") == [("openai", "gpt-4o-mini")]
    assert routed(chat(model="gpt-5"), pinned="local") == [("local", "")]


def test_an_upstream_there_is_not() -> None:
    """Asking for an unknown upstream is a 404 that names those there are."""
    with pytest.raises(UpstreamError, match="openai, local, claude") as caught:
        routed(preferring("elsewhere"))
    assert (caught.value.code, caught.value.status, caught.value.sent) == ("unknown_upstream", 404, False)


def test_only_the_model_is_rewritten() -> None:
    """Every byte but the model's name stays; without another name the request is the same value."""
    body = b'{ "model" : "claude/opus",\n "messages": [{"role":"user","content":"\\u00e9"}], "x": 1.0 }'
    request = chat().but(body=body, model="claude/opus")
    asked = Place("claude", "opus").asked(request)
    assert asked.body == body.replace(b"claude/opus", b"opus")
    assert asked.model == "opus"
    assert Place("claude").asked(request) is request


@pytest.mark.parametrize(
    ("request_", "refused", "maybe_done"),
    [
        (get("/v1/models"), True, True),
        (chat(), True, True),
        (chat(store=True), True, False),
        (chat(store=False), True, True),
        (post("/v1/responses", model="m", input="x"), True, True),
        (post("/v1/responses", model="m", input="x", store=True), True, False),
        (post("/v1/responses", model="m", input="x", background=True), True, False),
        (post("/v1/responses", model="m", input="x", previous_response_id="r"), False, False),
        (post("/v1/responses", model="m", input="x", conversation="c"), False, False),
        (post("/v1/responses", model="m", input=[{"type": "item_reference", "id": "i"}]), False, False),
        (chat().but(headers=((b"idempotency-key", b"i"),)), True, False),
        (post("/v1/files", purpose="batch"), False, False),
        (Request("DELETE", "/v1/files/f"), False, False),
    ],
)
def test_what_may_be_repeated(request_: Request, refused: bool, maybe_done: bool) -> None:
    """Reading and plain generations may; bound state never; what leaves something behind only if surely not done."""
    assert may_repeat(request_, refused=True) is refused
    assert may_repeat(request_, refused=False) is maybe_done
