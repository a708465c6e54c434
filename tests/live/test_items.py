"""Originals that were left out of a session's requests, fetched by reference from a running proxy.

It must not know who keeps them: they stand in the state file before the proxy opens it.
"""

from pathlib import Path

import pytest

from proxy.store import Changes, Limits
from proxy.store.embedded import EmbeddedStore
from tests.live.caller import ask
from tests.live.conftest import Ride

pytestmark = pytest.mark.anyio

JSON, TEXT = "application/json", "text/plain; charset=utf-8"


async def kept(state: Path, *saves: tuple[str, Changes]) -> None:
    """A state file in which these were saved, each in its scope."""
    store = EmbeddedStore(Limits(), state)
    for scope, changes in saves:
        await store.save(scope, changes)
    await store.close()


@pytest.mark.parametrize(
    ("ref", "original", "kind"),
    [
        ("object", b'{ "id": 1.0,\n "name": "\\u00e9" }', JSON),
        ("number", b"12", JSON),
        ("words", "Straße, 通り".encode(), TEXT),
        ("page", b"<script>alert(1)</script>", TEXT),
        ("half", b'{"id": 1', TEXT),
        ("deep", b"[" * 100_000, TEXT),
        ("bytes", b"\xff\x00", TEXT),
        ("empty", b"", TEXT),
        ("a b%2e:é", b"any reference", TEXT),
    ],
)
async def test_an_original_comes_back_as_it_was(
    ride: Ride, tmp_path: Path, ref: str, original: bytes, kind: str
) -> None:
    """The very bytes, called JSON where they are, and never anything that a browser would run."""
    state = tmp_path / "state.db"
    await kept(state, ("us", Changes("s1", now=1.0, items={ref: original})))
    url = await ride(state_file=str(state))
    target = "".join(f"%{byte:02x}" for byte in ref.encode())
    got = await ask(url, "GET", f"/outrider/sessions/s1/items/{target}")
    assert (got.status, got.body, got.header("content-type")) == (200, original, kind)
    assert got.header("x-content-type-options") == "nosniff"


async def test_sessions_with_slashes_and_their_items_are_told_apart(ride: Ride, tmp_path: Path) -> None:
    """An id may hold slashes, and even look like an item of another session; each page is found."""
    state = tmp_path / "state.db"
    await kept(
        state,
        ("us", Changes("team/run/1", 0, {"a": 1}, now=1.0, items={"r": b"of the run"})),
        ("us", Changes("s1", 0, {"a": 1}, now=2.0, items={"x": b"of s1"})),
        ("us", Changes("s1/items/y", 0, {"a": 2}, recording=b"no line", now=3.0, items={"x": b"of y"})),
    )
    url = await ride(state_file=str(state))
    found = {
        "team/run/1/items/r": b"of the run",
        "s1/items/x": b"of s1",
        "s1/items/y/items/x": b"of y",
        "s1/items/y.jsonl": b"no line\n",
    }
    for path, body in found.items():
        assert (await ask(url, "GET", f"/outrider/sessions/{path}")).body == body
    assert (await ask(url, "GET", "/outrider/sessions/s1/items/y")).json["memory"] == {"a": 2}
    assert (await ask(url, "GET", "/outrider/sessions/team/run/1")).json["memory"] == {"a": 1}


async def test_the_newest_session_of_a_name_or_the_callers(ride: Ride, tmp_path: Path) -> None:
    """Where several callers have a session of one id, `caller` says whose is meant."""
    state = tmp_path / "state.db"
    saves = [(scope, Changes("s1", now=at, items={"r": scope.encode()})) for scope, at in (("us", 2.0), ("them", 1.0))]
    await kept(state, *saves)
    url = await ride(state_file=str(state))
    asked = {"": b"us", "?caller=them": b"them", "?caller=us": b"us"}
    for query, body in asked.items():
        assert (await ask(url, "GET", f"/outrider/sessions/s1/items/r{query}")).body == body
    assert (await ask(url, "GET", "/outrider/sessions/s1/items/r?caller=nobody")).status == 404


@pytest.mark.parametrize("path", ["s1/items/none", "nobody/items/r", "nobody/items/r.jsonl", "s1/items/"])
async def test_what_is_not_kept_is_not_found(ride: Ride, tmp_path: Path, path: str) -> None:
    """An unknown session or reference is a 404 in the shape of all our errors."""
    state = tmp_path / "state.db"
    await kept(state, ("us", Changes("s1", now=1.0, items={"r": b"original"})))
    got = await ask(await ride(state_file=str(state)), "GET", f"/outrider/sessions/{path}")
    assert (got.status, got.header("x-outrider-error")) == (404, "not_found")
    assert got.json["error"]["type"] == "outrider_error"
