"""Looking at the outside as the proxy would meet it: settings, port, store, models, upstreams.

It must not know how findings are shown, and never repeats a secret.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from os import environ
from pathlib import Path

import httpx

from proxy.cli.examine_tools import examine_tools
from proxy.cli.finding import Finding, State
from proxy.cli.sessions import Unreadable, read_sessions
from proxy.invitation import virtual
from proxy.places import CREDENTIALS, Place
from proxy.roster import Model
from proxy.scored import read_scored
from proxy.settings import Settings
from proxy.startup import advice, problems, unknown, variables
from proxy.store import Limits
from proxy.store.redis import RedisStore
from proxy.upstreams.models import read_models

PATIENCE_S = 10.0
ADVICE = {
    401: "it refuses the key; check that the key belongs to this upstream and has not been withdrawn",
    403: "the key is not allowed to do this; check its project, region or permissions",
    404: "it has no list of models at this address; check that the URL ends as its documentation says (often /v1)",
    429: "it answers, but the key is over its limits or out of credit",
}


def examine(settings: Settings, env_file: str | None) -> list[Finding]:
    """Looks at everything; network waits are bounded by 10 s each."""
    return [*_settings(settings, env_file), _port(settings), *_models(settings), *asyncio.run(_outside(settings))]


def _settings(settings: Settings, env_file: str | None) -> Iterator[Finding]:
    faults = problems(settings)
    notes = [*unknown(variables(env_file)), *advice(settings)]
    yield from (Finding("settings", "fault", fault) for fault in faults)
    yield from (Finding("settings", "note", note) for note in notes)
    if not (faults or notes):
        yield Finding("settings", "ok", "every value can be used")


def _port(settings: Settings) -> Finding:
    where = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            said = f"cannot listen on {where} ({error.strerror}); is an Outrider running there? Else set OUTRIDER_PORT"
            return Finding("port", "note", said)
    return Finding("port", "ok", f"{where} is free")


async def _outside(settings: Settings) -> list[Finding]:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        looks = (_upstream(client, place) for place in settings.places)
        found = [await _store(settings), *await asyncio.gather(*looks), *await _consolidator(client, settings)]
    return [*found, *await examine_tools(settings)]


async def _store(settings: Settings) -> Finding:
    url = settings.redis_url.get_secret_value()
    if not url:
        kept = f"and in {settings.state_file}" if settings.state_file else "and forgotten at its end"
        return Finding("store", "ok", f"sessions are kept in the process, {kept}")
    try:
        took_ms = await _ping(url)
    except Exception as error:  # whatever the library raises: the user is told in words
        reason = CREDENTIALS.sub("://…@", str(error)) or type(error).__name__
        return Finding("store", "fault", f"Redis cannot be reached: {reason}; check OUTRIDER_REDIS_URL and the server")
    if took_ms > settings.store_budget_ms / 2:
        said = f"Redis answers in {took_ms:.1f} ms, near the budget of {settings.store_budget_ms:g} ms; move it closer"
        return Finding("store", "note", said)
    return Finding("store", "ok", f"Redis answers in {took_ms:.2f} ms")


async def _ping(url: str) -> float:
    """Milliseconds of a round trip on a connection that stands. Raises what the library raises."""
    store = RedisStore.connect(url, Limits())
    try:
        await store.ping()
        began = time.perf_counter()
        await store.ping()
        return (time.perf_counter() - began) * 1e3
    finally:
        await store.close()


def _models(settings: Settings) -> Iterator[Finding]:
    if not settings.models:
        return
    try:
        models = read_models(settings.models, [place.name for place in settings.places], virtual(settings))
    except (ValueError, OSError) as error:
        yield Finding("models", "fault", str(error))
        return
    yield Finding("models", "ok", f"{len(models)} in {settings.models}")
    if settings.route_scores:
        yield _scored(settings.route_scores, [*models.values()])


def _scored(path: str, models: Sequence[Model]) -> Finding:
    """The file of scored questions: whether it can be read, and whether it speaks of the models there are."""
    try:
        scored = read_scored(path)
    except (ValueError, OSError) as error:
        return Finding("scored questions", "fault", f"{path}: {error}")
    known = [model.name for model in models if {model.name, model.served_as, *model.aliases} & {*scored.models}]
    said = f"{len(scored.questions)} in {path}, of {len(known)} of {len(models)} models"
    if not known:
        return Finding("scored questions", "fault", f"{said}; it calls them {', '.join(scored.models[:5])}")
    return Finding("scored questions", "ok", said)


async def _upstream(client: httpx.AsyncClient, place: Place) -> Finding:
    what = f"upstream {place.name}"
    if place.recordings:
        return _recorded(what, place)
    headers = _credentials(place)
    began = time.perf_counter()
    try:
        reply = await client.get(f"{place.url.rstrip('/')}/models", headers=headers)
    except httpx.HTTPError as error:
        return Finding(what, "fault", f"{place.shown}: {explain(error)}")
    took = f"{(time.perf_counter() - began) * 1e3:.0f} ms"
    if reply.is_success:
        return Finding(what, "ok", f"{place.shown} lists its models in {took}")
    if reply.status_code == 401 and not headers:
        return Finding(
            what, "ok", f"{place.shown} answers in {took} and asks for a key: the clients' will pass through"
        )
    said = ADVICE.get(reply.status_code, "it answers with a fault of its own; try again, or see its status page")
    state: State = "fault" if reply.status_code in (401, 403) else "note"
    return Finding(what, state, f"{place.shown} answers {reply.status_code} in {took}: {said}")


async def _consolidator(client: httpx.AsyncClient, settings: Settings) -> list[Finding]:
    """Whether the model that shall write condensed states is one that anybody serves, as far as can be known."""
    model = settings.consolidate_model
    if not model or settings.consolidate_state != "model":
        return []
    if model in _named(settings):
        return [Finding("consolidator", "ok", f"{model} stands in {settings.models}")]
    wanted, listed = {model, model.partition("/")[2]}, 0
    for place in settings.places:
        served = await _served(client, place)
        listed += bool(served)
        if served & wanted:
            return [Finding("consolidator", "ok", f"upstream {place.name} serves {model}")]
    if listed < len(settings.places):
        said = f"whether anybody serves {model} is not known: an upstream does not list its models without a key"
        return [Finding("consolidator", "note", said)]
    said = f"no upstream serves {model}, so nothing it shall write will ever be used; check OUTRIDER_CONSOLIDATE_MODEL"
    return [Finding("consolidator", "fault", said)]


def _named(settings: Settings) -> set[str]:
    try:
        models = read_models(settings.models, [place.name for place in settings.places])
    except (ValueError, OSError):
        return set()
    return {name for model in models.values() for name in (model.name, *model.aliases)}


async def _served(client: httpx.AsyncClient, place: Place) -> set[str]:
    """Names of the models that an upstream lists; empty when it does not."""
    if place.recordings:
        return set()
    try:
        reply = await client.get(f"{place.url.rstrip('/')}/models", headers=_credentials(place))
        return {str(each["id"]) for each in reply.raise_for_status().json()["data"]}
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return set()


def _credentials(place: Place) -> dict[str, str]:
    key = place.key or environ.get("OPENAI_API_KEY", "")
    return {"authorization": f"Bearer {key}"} if key else {}


def _recorded(what: str, place: Place) -> Finding:
    try:
        sessions = read_sessions(map(Path, place.recordings))
    except (Unreadable, OSError) as error:
        return Finding(what, "fault", str(error))
    return Finding(what, "ok", f"{len(sessions)} recorded sessions")


def explain(error: httpx.HTTPError) -> str:
    """What a failed connection means for the person who wrote the URL."""
    chain: list[BaseException] = [error]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(cause)
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {PATIENCE_S:g} s; a firewall or proxy may swallow the connection"
    if any(isinstance(link, socket.gaierror) for link in chain):
        return "the host's name cannot be resolved; check the spelling, or this machine's DNS"
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return (
            f"the TLS handshake failed ({error}); http instead of https, or a certificate this machine does not trust?"
        )
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return "nothing listens there; check host and port, and that the server runs"
    return f"the connection failed ({error})"
