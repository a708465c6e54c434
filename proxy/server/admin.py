"""What Outrider tells about itself over HTTP: health, metrics, sessions, agents, recordings. FastAPI's room.

It must not know policies or upstreams, and is never on the road.
"""

import hmac
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Body, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException as Refused

from proxy.recorded_bodies import whole
from proxy.roster import Health
from proxy.server.census import agents, find, row, sessions
from proxy.server.gate import credential
from proxy.store import Store

MOST_SESSIONS = 2_000
LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?", re.IGNORECASE)
KINDS = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    503: "unavailable",
}


def _nothing(_caller: str, _session: str) -> Mapping[str, Any]:
    return {}


def _deaf(_memory: Mapping[str, Any], _score: float) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the admin pages may ask about."""

    store: Store
    health: Callable[[], Mapping[str, Health]]
    metrics: Callable[[], tuple[bytes, str]] | None
    """The Prometheus page and its content type; None when switched off."""
    key: str
    """Admin key; empty: none is asked."""
    shut: bool
    """True where others can reach the port and no admin key is set: everything but health is switched off."""
    version: str
    programs: Callable[[str], Awaitable[Sequence[Any]]]
    """What is believed of the agents of a name: their behaviour programs."""
    accounts: Callable[[], Mapping[str, Mapping[str, Any]]] = dict
    """What policies have learned of agents, for people: by policy and agent."""
    score: Callable[[Mapping[str, Any], float], bool] = _deaf
    """Takes a score (0 to 1) for the last reply of a session, given its memory; whether there was one to score."""
    ahead: Callable[[str, str], Mapping[str, Any]] = _nothing
    """What calls ahead brought the session of a caller, by tool."""


def admin(facts: Facts) -> FastAPI:
    """The admin app."""
    app = FastAPI(
        title="Outrider", version=facts.version, openapi_url="/outrider/openapi.json", docs_url=None, redoc_url=None
    )
    guarded = [Depends(_warden(facts))]
    _health(app, facts)
    _figures(app, facts, guarded)
    _sessions(app, facts, guarded)
    _feedback(app, facts, guarded)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    return app


def _warden(facts: Facts) -> Callable[[Request], None]:
    def admit(request: Request) -> None:
        if facts.shut:
            raise HTTPException(403, "set OUTRIDER_ADMIN_KEY to use this on a host that others can reach")
        # A web page whose name was made to point here (DNS rebinding) asks under that name.
        if not facts.key and not LOOPBACK.fullmatch(request.headers.get("host", "")):
            raise HTTPException(403, "set OUTRIDER_ADMIN_KEY to use this under another name than localhost")
        given = credential(tuple((name.lower(), value) for name, value in request.headers.raw))
        if facts.key and not hmac.compare_digest(given.encode("latin-1", "replace"), facts.key.encode()):
            raise HTTPException(401, "this needs OUTRIDER_ADMIN_KEY as a bearer token")

    return admit


def _health(app: FastAPI, facts: Facts) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok", "version": facts.version}

    @app.get("/readyz")
    async def readyz() -> dict[str, Any]:
        """It can take requests. Without its store it still can, and says so: `degraded`."""
        try:
            await facts.store.ping()
        except Exception as fault:
            return {"status": "degraded", "store": f"unreachable: {type(fault).__name__}"}
        return {"status": "ok", "store": "ok"}


def _figures(app: FastAPI, facts: Facts, guarded: list[Any]) -> None:
    @app.get("/metrics", dependencies=guarded)
    async def metrics() -> Response:
        """Prometheus metrics."""
        if facts.metrics is None:
            raise HTTPException(404, "metrics are switched off (OUTRIDER_METRICS)")
        page, kind = facts.metrics()
        return Response(page, media_type=kind)

    @app.get("/outrider/agents", dependencies=guarded)
    async def agents_page() -> dict[str, Any]:
        """Agents, the busiest first, summed over the sessions that are still remembered."""
        return {"agents": agents(await sessions(facts.store, MOST_SESSIONS), facts.accounts())}

    # A name may hold slashes.
    @app.get("/outrider/agents/{name:path}/programs", dependencies=guarded)
    async def programs(name: str) -> dict[str, Any]:
        """What is believed of the agents of a name: rules, each with how far it is believed."""
        return {"agents": list(await facts.programs(name))}

    @app.get("/outrider/upstreams", dependencies=guarded)
    async def upstreams() -> dict[str, Any]:
        """How the upstreams are doing."""
        return {"upstreams": {name: health._asdict() for name, health in facts.health().items()}}


def _sessions(app: FastAPI, facts: Facts, guarded: list[Any]) -> None:
    @app.get("/outrider/sessions", dependencies=guarded)
    async def newest(limit: Annotated[int, Query(ge=1, le=1000)] = 100, before: float | None = None) -> dict[str, Any]:
        """Sessions, newest first; `before` (epoch seconds, a row's `last`) pages on."""
        return {"sessions": await sessions(facts.store, limit, before)}

    # Before the next one, which would take it for a session's id: an id may hold slashes.
    @app.get("/outrider/sessions/{name:path}/items/{ref}", dependencies=guarded)
    async def item(name: str, ref: str, caller: str = "") -> Response:
        """An original that was left out of a session's later requests, by the reference that stands there for it."""
        scope = await find(facts.store, name, caller, MOST_SESSIONS)
        kept = {} if scope is None else await facts.store.items(scope, name, [ref])
        if ref in kept:
            return _original(kept[ref])
        path = f"{name}/items/{ref}"
        if await find(facts.store, path.removesuffix(".jsonl"), caller, MOST_SESSIONS) is not None:
            return await session(path, caller)
        raise HTTPException(404, f"no item {ref!r} of a session {name!r} is remembered")

    @app.get("/outrider/sessions/{name:path}", dependencies=guarded)
    async def session(name: str, caller: str = "") -> Response:
        """One session; with `.jsonl` after its id, its recording, a self-contained line for each exchange."""
        lines = name.endswith(".jsonl")
        name = name.removesuffix(".jsonl")
        scope = await find(facts.store, name, caller, MOST_SESSIONS)
        if scope is None:
            raise HTTPException(404, f"no session {name!r} is remembered")
        if lines:
            recording = await facts.store.recording(scope, name)
            return StreamingResponse(_export(recording), media_type="application/x-ndjson")
        memory = await facts.store.memory(scope, name) or {}
        last = float(memory.get("session", {}).get("last", 0.0))
        ahead = facts.ahead(scope, name)
        told = {**row(scope, name, last, memory), **({"ahead": ahead} if ahead else {})}
        return JSONResponse({**told, "memory": dict(memory)})


def _feedback(app: FastAPI, facts: Facts, guarded: list[Any]) -> None:
    @app.post("/outrider/feedback", dependencies=guarded)
    async def feedback(
        session: Annotated[str, Body()],
        score: Annotated[float, Body(ge=0, le=1)],
        caller: Annotated[str, Body()] = "",
    ) -> dict[str, Any]:
        """How good the last reply of a session was, 0 to 1: routing learns from it."""
        scope = await find(facts.store, session, caller, MOST_SESSIONS)
        if scope is None:
            raise HTTPException(404, f"no session {session!r} is remembered")
        if not facts.score(await facts.store.memory(scope, session) or {}, score):
            raise HTTPException(
                409,
                f"no reply of session {session!r} is of `auto` or a team, so there is nothing to score",
            )
        return {"session": session, "score": score}


def _original(original: bytes) -> Response:
    """The bytes as they were kept; never as a page that a browser would run."""
    try:
        orjson.loads(original)
    except orjson.JSONDecodeError:
        kind = "text/plain; charset=utf-8"
    else:
        kind = "application/json"
    return Response(original, media_type=kind, headers={"x-content-type-options": "nosniff"})


def _export(recording: Sequence[bytes]) -> Iterator[bytes]:
    """Lines that can be read one by one. Not `async`, so that they are put together in a thread beside the road."""
    for line in whole(recording):
        yield line + b"\n"


async def _refused(_request: Request, fault: Exception) -> Response:
    """Errors in OpenAI's shape, here too."""
    status = fault.status_code if isinstance(fault, Refused) else 500
    detail = str(fault.detail) if isinstance(fault, Refused) else "internal error"
    return _error(status, detail, KINDS.get(status, "error"))


async def _invalid(_request: Request, fault: Exception) -> Response:
    said = fault.errors() if isinstance(fault, RequestValidationError) else []
    words = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in said)
    return _error(400, words or "invalid request", "invalid_request")


def _error(status: int, message: str, code: str) -> Response:
    error = {"message": f"Outrider: {message}", "type": "outrider_error", "param": None, "code": code}
    headers = {"x-outrider-error": code} | ({"www-authenticate": "Bearer"} if status == 401 else {})
    return JSONResponse({"error": error}, status, headers)
