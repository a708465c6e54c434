"""What an exchange shows of its model."""

from typing import Any

import pytest

from policies.routing.sighting import seen, sightings
from proxy.exchange import Asked, Completion, Exchange, Note, Request, Session
from proxy.roster import Model, Roster

ROSTER = Roster({"big": Model("big", "a", aliases=("huge",)), "huge": Model("big", "a", aliases=("huge",))})


def after(status: int, *, model: str = "big", stream: bool = False, **said: Any) -> Exchange:
    """An exchange that has ended."""
    completion = Completion(status, **{"headers": (), "upstream": "a", "first_byte_s": 0.5, "total_s": 2.0, **said})
    request = Request("POST", "/v1/chat/completions", model=model, stream=stream, caller="ann")
    return Exchange("e", request, Session("s"), now=100.0, roster=ROSTER, completion=completion)


def test_a_good_reply() -> None:
    """When it was known, for whom, and how long there was nothing to see."""
    sighting = seen(after(200))
    assert sighting is not None
    assert (sighting.model, sighting.at, sighting.became, sighting.caller) == ("big", 102.0, "well", "ann")
    assert (sighting.kind, sighting.waited_s) == ("whole", 2.0)
    stream = seen(after(200, model="huge", stream=True))
    assert stream is not None
    assert (stream.model, stream.kind, stream.waited_s) == ("big", "stream", 0.5)


@pytest.mark.parametrize(
    ("exchange", "became"),
    [
        (after(500), "failed"),
        (after(502, upstream=""), "failed"),
        (after(200, whole=False, error="cut"), "failed"),
        (after(429, headers=((b"retry-after", b"9"),)), "limited"),
        (after(404, body=b'{"error": {"code": "model_not_found"}}'), "gone"),
        (after(404, body=b'{"error": {"code": "no such response"}}'), ""),
        (after(400), ""),
        (after(401), ""),
        (after(200, upstream=""), ""),
        (after(200, whole=False, error="client left"), ""),
        (after(200, model="unlisted"), ""),
        (after(200).but(completion=None), ""),
    ],
)
def test_what_speaks_against_a_model(exchange: Exchange, became: str) -> None:
    """Its upstream's failures do; a client's mistakes, its leaving, and answers made in the house do not."""
    sighting = seen(exchange)
    assert (sighting.became if sighting else "") == became


def test_how_long_to_wait_is_kept() -> None:
    """As the 429 says it, from when it came."""
    sighting = seen(after(429, headers=((b"retry-after", b"9"),)))
    assert sighting is not None
    assert sighting.limit.until == 111.0


def test_a_model_whose_place_was_taken_is_seen_too() -> None:
    """With what its reply said of limits; the wait of the one that answered is not its own."""
    facts: list[dict[str, Any]] = [
        {"failed": "huge", "status": 429, "limits": {"retry-after": "7"}},
        {"failed": "big", "status": 0},
        {"failed": "big", "status": 404},
        {"failed": "unlisted", "status": 500},
        {"n": 1},
    ]
    notes = tuple(Note("road", "answer", "another is asked", facts=each) for each in facts)
    found = sightings(after(200).but(notes=notes))
    assert [(each.model, each.became) for each in found] == [
        ("big", "limited"),
        ("big", "failed"),
        ("big", "gone"),
        ("big", "well"),
    ]
    assert (found[0].limit.until, found[-1].waited_s) == (107.0, 0.0)
    assert sightings(after(200))[0].waited_s == 2.0
    assert sightings(after(400)) == []


def test_calls_of_a_plan() -> None:
    """Each member's, as it went; the reply is the last call's, whatever model stood by."""
    listed = Roster({name: Model(name, "a") for name in ("one", "two", "top", "stand")})
    request = Request("POST", "/v1/chat/completions", model="one", caller="ann")
    good = Completion(200, upstream="a", first_byte_s=0.5, total_s=1.5)
    calls = (Asked(request, good), Asked(request.but(model="two"), Completion(500, upstream="a", total_s=0.2)))
    team = after(200, model="stand").but(roster=listed, calls=calls, spoke="top")
    assert [(each.model, each.became, each.waited_s) for each in sightings(team)] == [
        ("one", "well", 1.5),
        ("two", "failed", 0.2),
        ("top", "well", 0.0),
    ]
    assert [each.model for each in sightings(team.but(spoke="plan"))] == ["one", "two"]


def test_a_mistake_of_the_client_is_nobodys_failure() -> None:
    """Whichever model was asked first."""
    facts = {"failed": "big", "status": 400}
    told = after(200).but(notes=(Note("road", "answer", "", facts=facts), Note("road", "answer", "", facts=facts)))
    assert [each.became for each in sightings(told)] == ["well"]
