"""Claims about the list of models over several upstreams."""

from collections.abc import Sequence

import orjson
import pytest

from proxy.roster import Model
from proxy.testing import Line, Script
from proxy.upstreams import Upstream, UpstreamError
from proxy.upstreams.http import HttpUpstream
from proxy.upstreams.listing import list_models
from tests.proxy.upstreams.requests import body_of, get

pytestmark = pytest.mark.anyio
LISTED = {"fast": Model("fast", "one", "x", ("alias",))}


def listing(*names: str) -> Line:
    return Script.json({"object": "list", "data": [{"id": name, "object": "model", "odd": 1} for name in names]})


async def listed(one: Line, two: Line, virtual: Sequence[str] = ()) -> tuple[list[dict[str, object]], list[str]]:
    """The merged list, and the credentials that each upstream saw."""
    async with Script() as first, Script() as second:
        first.say(one)
        second.say(two)
        places = {"one": HttpUpstream("one", first.url), "two": HttpUpstream("two", second.url)}
        upstreams: dict[str, Upstream] = dict(places)
        reply = await list_models(get("/v1/models"), upstreams, LISTED, virtual)
        data = orjson.loads(await body_of(reply))["data"]
        for upstream in places.values():
            await upstream.close()
        return data, [script.heard[0].header("authorization") for script in (first, second)]


async def test_all_that_can_be_asked_for() -> None:
    """Virtual and listed models first, the first upstream's under their ids, the others' under `name/id`."""
    data, _ = await listed(listing("a", "b"), listing("a"), ("mix",))
    assert [entry["id"] for entry in data] == ["mix", "fast", "alias", "a", "b", "two/a"]
    assert data[3] == {"id": "a", "object": "model", "odd": 1}


async def test_only_the_first_sees_the_clients_key() -> None:
    """Asking others for their models does not show them the client's credentials."""
    _, seen = await listed(listing("a"), listing("b"))
    assert seen == ["Bearer client", ""]


@pytest.mark.parametrize("line", [Line(401, body=b"no"), Line(silent=True, ending="fin"), Line(body=b'{"data": 1}')])
async def test_one_that_fails_is_left_out(line: Line) -> None:
    """The list is what the others have."""
    data, _ = await listed(listing("a"), line)
    assert [entry["id"] for entry in data] == ["fast", "alias", "a"]


async def test_a_name_stands_once() -> None:
    """What is listed and also served stands once, as listed."""
    data, _ = await listed(listing("fast", "a"), listing())
    assert [entry["id"] for entry in data] == ["fast", "alias", "a"]
    assert data[0]["owned_by"] == "one"


async def test_nothing_at_all_is_the_first_ones_answer() -> None:
    """When no model is known, the first upstream's refusal is handed on; without any there is an error."""
    async with Script() as script:
        script.say(Line(401, body=b"who are you"))
        upstream = HttpUpstream("one", script.url)
        reply = await list_models(get("/v1/models"), {"one": upstream}, {})
        assert (reply.status, await body_of(reply)) == (401, b"who are you")
        script.say(Line(silent=True, ending="fin"), Line(silent=True, ending="fin"))
        with pytest.raises(UpstreamError, match="no upstream"):
            await list_models(get("/v1/models"), {"one": upstream}, {})
        await upstream.close()
