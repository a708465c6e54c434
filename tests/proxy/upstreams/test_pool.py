"""Claims about the pool, told with two scripted upstreams: who is asked, who is asked next, and what is learned."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
import pytest

from proxy.exchange import Request
from proxy.roster import Model
from proxy.testing import Line, Piece, Script
from proxy.upstreams import UpstreamError
from proxy.upstreams.http import HttpUpstream, Timeouts
from proxy.upstreams.pool import Pool
from tests.proxy.upstreams.requests import HEADERS, body_of, chat, get, leave, post

pytestmark = pytest.mark.anyio
BOTH = {"both": Model("both", "one"), "both@two": Model("both", "two", "other")}
DEAD = "http://127.0.0.1:1"


@dataclass
class Clock:
    """Epoch seconds that a test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Stage:
    """Two upstreams and a pool over them."""

    one: Script
    two: Script
    pool: Pool
    clock: Clock = field(default_factory=Clock)

    @property
    def asked(self) -> tuple[int, int]:
        return len(self.one.heard), len(self.two.heard)


@asynccontextmanager
async def stage(*, first: str = "", defaults: tuple[str, ...] = ()) -> AsyncIterator[Stage]:
    clock = Clock()
    async with Script() as one, Script() as two:
        limits = Timeouts(first_byte_s=0.2, between_s=0.2)
        upstreams = {
            "one": HttpUpstream("one", first or one.url, timeouts=limits),
            "two": HttpUpstream("two", two.url, timeouts=limits),
        }
        pool = Pool(upstreams, BOTH, clock, defaults=defaults)
        yield Stage(one, two, pool, clock)
        await pool.close()


async def test_a_model_nobody_lists_goes_to_the_first() -> None:
    """Byte for byte, and to nobody else, whatever the answer."""
    async with stage() as on:
        on.one.say(Line(503, body=b"busy"))
        request = chat(model="gpt-5")
        reply = await on.pool.send(request)
        assert (reply.status, await body_of(reply), reply.upstream) == (503, b"busy", "one")
        assert on.one.heard[0].body == request.body
        assert on.asked == (1, 0)


async def test_credentials_stay_with_the_first() -> None:
    """A default upstream that cannot be reached does not send the client's key to another company."""
    async with stage(first=DEAD) as on:
        with pytest.raises(UpstreamError) as caught:
            await on.pool.send(chat(model="gpt-5"))
        assert caught.value.code == "connect"
        assert on.asked == (0, 0)


async def test_defaults_named_by_the_user_take_over() -> None:
    """Where the user says that two upstreams are alike, the second answers when the first cannot be reached."""
    async with stage(first=DEAD, defaults=("one", "two")) as on:
        assert (await on.pool.send(chat(model="gpt-5"))).upstream == "two"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_another_that_serves_the_model_takes_over(status: int) -> None:
    """A listed model goes on to its next entry, under the name it has there, once each."""
    async with stage() as on:
        on.one.say(Line(status))
        on.two.say(Line(body=b"fine"))
        reply = await on.pool.send(chat(model="both"))
        assert (reply.status, await body_of(reply), reply.upstream) == (200, b"fine", "two")
        assert orjson.loads(on.two.heard[0].body)["model"] == "other"
        assert on.asked == (1, 1)


@pytest.mark.parametrize("status", [400, 401, 404, 500, 529])
async def test_other_answers_are_the_clients(status: int) -> None:
    """An answer that another upstream would not better is handed on."""
    async with stage() as on:
        on.one.say(Line(status, body=b"mine"))
        reply = await on.pool.send(chat(model="both"))
        assert (reply.status, await body_of(reply)) == (status, b"mine")
        assert on.asked == (1, 0)


@pytest.mark.parametrize(
    "line", [Line(silent=True, ending="stay"), Line(silent=True, ending="fin"), Line(silent=True, ending="rst")]
)
async def test_silence_and_death_before_the_first_byte(line: Line) -> None:
    """A timeout or a broken connection goes on to the next entry too."""
    async with stage() as on:
        on.one.say(line)
        on.two.say(Line(body=b"fine"))
        assert await body_of(await on.pool.send(chat(model="both"))) == b"fine"


async def test_what_may_have_been_done_is_not_repeated() -> None:
    """A request that would leave something behind is not sent to another after a timeout."""
    async with stage() as on:
        on.one.say(Line(silent=True, ending="stay"))
        with pytest.raises(UpstreamError) as caught:
            await on.pool.send(chat(model="both", store=True))
        assert (caught.value.code, caught.value.upstream) == ("timeout", "one")
        assert on.asked == (1, 0)


async def test_the_upstreams_own_refusal_when_all_fail() -> None:
    """When nobody can, the client sees a real status and body, with its Retry-After, not an error of ours."""
    async with stage() as on:
        on.one.say(Line(429, [("retry-after", "7")], b"one"))
        on.two.say(Line(silent=True, ending="fin"))
        reply = await on.pool.send(chat(model="both"))
        assert (reply.status, await body_of(reply), reply.upstream) == (429, b"one", "one")
        assert (b"retry-after", b"7") in reply.headers


async def test_nothing_is_retried_after_the_first_byte() -> None:
    """A stream that dies is an error in the stream; nobody else is asked."""
    async with stage() as on:
        on.one.say(Line(body=b"a", framing="chunked", ending="fin"))
        reply = await on.pool.send(chat(model="both", stream=True))
        with pytest.raises(UpstreamError, match="upstream one"):
            await body_of(reply)
        assert on.asked == (1, 0)


async def test_a_pin_is_never_left() -> None:
    """State made by one upstream is asked for there, even when it refuses."""
    async with stage() as on:
        on.two.say(Line(503))
        reply = await on.pool.send(chat(model="both"), pinned="two")
        assert (reply.status, reply.upstream, on.asked) == (503, "two", (0, 1))


async def test_preference_and_prefix() -> None:
    """A header or a model's prefix chooses the upstream; neither reaches it."""
    async with stage() as on:
        header: Request = chat(model="gpt-5").but(headers=(*HEADERS, (b"x-outrider-upstream", b"two")))
        await body_of(await on.pool.send(header))
        await body_of(await on.pool.send(chat(model="two/gpt-5")))
        assert on.asked == (0, 2)
        assert on.two.heard[0].header("x-outrider-upstream") == ""
        assert orjson.loads(on.two.heard[1].body)["model"] == "gpt-5"


async def test_an_unwell_upstream_is_asked_last() -> None:
    """After three failures in a row the next entry is asked first, until the rest is over."""
    async with stage() as on:
        on.one.say(*[Line(503)] * 3)
        for _ in range(3):
            await body_of(await on.pool.send(chat(model="both")))
        assert on.asked == (3, 3)
        await body_of(await on.pool.send(chat(model="both")))
        assert on.asked == (3, 4)
        on.clock.now += 6
        await body_of(await on.pool.send(chat(model="both")))
        assert on.asked == (4, 4)


async def test_an_unwell_upstream_is_still_asked_when_it_is_the_only_one() -> None:
    """A breaker never refuses what an upstream might have answered."""
    async with stage() as on:
        on.one.say(*[Line(503)] * 5)
        for _ in range(5):
            await body_of(await on.pool.send(chat(model="gpt-5")))
        assert (await on.pool.send(chat(model="gpt-5"))).status == 200


async def test_health_is_learned_from_how_replies_end() -> None:
    """A good end, a death in mid-stream and a refusal are counted; a client who leaves is not held against anyone."""
    async with stage() as on:
        on.one.say(Line(body=b"a"), Line(body=b"a", framing="chunked", ending="fin"), Line(429), Line(401))
        await body_of(await on.pool.send(chat()))
        with pytest.raises(UpstreamError):
            await body_of(await on.pool.send(chat()))
        await body_of(await on.pool.send(chat()))
        await body_of(await on.pool.send(chat()))
        on.one.say(Line(body=[b"a", Piece(b"b", 30)], framing="chunked"))
        await leave((await on.pool.send(chat())).chunks)
        health = on.pool.roster().health["one"]
        assert (health.requests, health.failures, health.streak) == (4, 2, 0)


async def test_the_roster_knows_names_and_aliases() -> None:
    """Models stand under every name; the snapshot does not change under a reader."""
    async with stage() as on:
        before = on.pool.roster()
        assert before.models["both"].upstream == "one"
        await body_of(await on.pool.send(chat()))
        assert "one" not in before.health
        assert on.pool.roster().health["one"].requests == 1


async def test_bound_state_is_not_taken_elsewhere() -> None:
    """A response that goes on from another is refused rather than sent to an upstream that does not know it."""
    async with stage() as on:
        on.one.say(Line(503))
        request = post("/v1/responses", model="both", input="x", previous_response_id="r")
        assert (await on.pool.send(request)).status == 503
        assert on.asked == (1, 0)


async def test_the_listing_is_the_pools_own() -> None:
    """With several upstreams or listed models the pool answers GET /v1/models itself."""
    async with stage() as on:
        told = orjson.loads(await body_of(await on.pool.send(get("/v1/models"))))
        assert [entry["id"] for entry in told["data"]] == ["both"]
