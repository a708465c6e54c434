"""The recording: an exchange as one JSON line, and back. The format stands in `docs/recordings.md`.

It must not know who keeps the lines, nor any wire form: bodies are text or bytes, whatever they say.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from proxy.credentials import spared_headers, spared_query
from proxy.exchange import Completion, Exchange, Headers, Note, Request, Session, Usage, header
from proxy.record import Like, Mark, Mode, Record
from proxy.redact import Redactor

VERSION = 1

WITHHELD = "[withheld]"
ENCODED = b"[redacted:encoding]"
"""Stands for a compressed body, which a redactor cannot search."""


def write(
    exchange: Exchange, *, mode: Mode, redact: Redactor | None = None, parent: str = "", like: Like | None = None
) -> bytes:
    """The exchange as one line of JSON, without a newline.

    `full` keeps everything a replay needs, byte for byte; `meta` keeps ids, sizes, hashes, usage and timing, and no
    text that a client or a model wrote. Credentials are in neither. `parent` is the exchange that asked for this one.
    With `like`, of the request body only what stands between its first and last bytes is written (mode `full` only,
    and never redacted: a pattern may match across the seams).
    """
    session, completion = exchange.session, exchange.completion
    line = {
        "v": VERSION,
        "mode": mode,
        "id": exchange.id,
        "at": exchange.now,
        "purpose": exchange.purpose,
        "parent": parent,
        "depth": exchange.depth,
        "seed": exchange.seed,
        "session": {
            "id": session.id,
            "agent": session.agent,
            "run": session.run,
            "parent": session.parent,
            "source": session.source,
            "confidence": session.confidence,
        },
        "request": _request(exchange.request, mode, redact, like),
        "completion": None if completion is None else _completion(completion, mode, redact),
        "notes": [_note(note, redact) for note in exchange.notes],
    }
    if exchange.figures:
        line["figures"] = dict(exchange.figures)
    try:
        return orjson.dumps(line)
    except TypeError:
        # Text with half a surrogate pair, or a number beyond 64 bits: nothing that arrives as JSON over HTTP, but
        # nothing that may cost the line either.
        return json.dumps(line).encode()


def read(line: bytes) -> Record:
    """A line as `write` made it; see `Record.like` for one that is not whole by itself.

    Raises `ValueError` for anything else, and for a version newer than this one.
    """
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError:
        told = json.loads(line)
    if not isinstance(told, dict) or not isinstance(told.get("v"), int):
        raise ValueError("not a recorded exchange: an object with a version `v` is expected")  # noqa: TRY004
    if told["v"] > VERSION:
        raise ValueError(f"recorded by a newer version: format {told['v']}, this reads up to {VERSION}")
    try:
        return _record(told)
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not a recorded exchange: {type(fault).__name__} {fault}") from fault


def _request(request: Request, mode: Mode, redact: Redactor | None, like: Like | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "form": request.form,
        "model": request.model,
        "stream": request.stream,
        "tags": dict(request.tags),
    }
    if mode == "full":
        query = spared_query(request.query)
        told["query"] = query if redact is None else redact.text(query)
        told["headers"] = _headers(request.headers, redact)
    body = request.body
    if like is not None:
        told["like"] = {"id": like.id, "first": like.first, "last": like.last}
        body = body[like.first : len(body) - like.last]
    told.update(_body(body, request.headers, mode, redact))
    return told


def _completion(completion: Completion, mode: Mode, redact: Redactor | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "status": completion.status,
        "whole": completion.whole,
        "id": completion.id,
        "model": completion.model,
        "finish": completion.finish,
        "usage": None if completion.usage is None else _usage(completion.usage),
        "cost": completion.cost,
        "error": completion.error,
        "upstream": completion.upstream,
        "first_byte_s": completion.first_byte_s,
        "total_s": completion.total_s,
        "overhead_s": completion.overhead_s,
        "beats": completion.beats,
    }
    if mode == "full":
        told["headers"] = _headers(completion.headers, redact)
        told["error"] = completion.error if redact is None else redact.text(completion.error)
    elif completion.error:
        told["error"] = WITHHELD
    told.update(_body(completion.body, completion.headers, mode, redact))
    return told


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt": usage.prompt,
        "completion": usage.completion,
        "cached": usage.cached,
        "cache_write": usage.cache_write,
        "reasoning": usage.reasoning,
        "estimated": usage.estimated,
    }


def _note(note: Note, redact: Redactor | None) -> dict[str, Any]:
    reason = note.reason if redact is None else redact.text(note.reason)
    told = {"by": note.by, "moment": note.moment, "reason": reason, "kind": note.kind, "ms": note.ms}
    return {**told, "facts": dict(note.facts)} if note.facts else told


def _body(body: bytes, headers: Headers, mode: Mode, redact: Redactor | None) -> dict[str, Any]:
    if mode == "meta":
        mark = Mark.of(body)
        return {"size": mark.size, "hash": mark.hash}
    if redact is not None and body:
        encoded = header(headers, b"content-encoding") not in ("", "identity")
        body = ENCODED if encoded else redact.body(body)
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": b64encode(body).decode()}


def _headers(headers: Headers, redact: Redactor | None) -> list[tuple[str, str]]:
    kept = spared_headers(headers)
    return kept if redact is None else [(name, redact.text(value)) for name, value in kept]


def _record(told: Mapping[str, Any]) -> Record:
    request, completion, like = told["request"], told["completion"], told["request"].get("like")
    return Record(
        version=told["v"],
        mode=told["mode"],
        id=told["id"],
        at=told["at"],
        session=Session(**told["session"]),
        request=Request(
            method=request["method"],
            path=request["path"],
            headers=_read_headers(request.get("headers", ())),
            body=_read_body(request),
            query=request.get("query", ""),
            form=request["form"],
            model=request["model"],
            stream=request["stream"],
            tags=request["tags"],
        ),
        completion=None if completion is None else _read_completion(completion),
        notes=tuple(Note(**note) for note in told["notes"]),
        purpose=told["purpose"],
        parent=told["parent"],
        depth=told["depth"],
        seed=told["seed"],
        request_mark=_read_mark(request) if like is None else Mark(),
        reply_mark=Mark() if completion is None else _read_mark(completion),
        like=None if like is None else Like(str(like["id"]), int(like["first"]), int(like["last"])),
        figures=dict(told.get("figures", {})),
    )


def _read_completion(told: Mapping[str, Any]) -> Completion:
    return Completion(
        status=told["status"],
        headers=_read_headers(told.get("headers", ())),
        body=_read_body(told),
        whole=told["whole"],
        id=told["id"],
        model=told["model"],
        finish=told["finish"],
        usage=None if told["usage"] is None else Usage(**told["usage"]),
        cost=told["cost"],
        error=told["error"],
        upstream=told["upstream"],
        first_byte_s=told["first_byte_s"],
        total_s=told["total_s"],
        overhead_s=told["overhead_s"],
        beats=tuple((after, size) for after, size in told["beats"]),
    )


def _read_headers(pairs: Sequence[Sequence[str]]) -> Headers:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs)


def _read_body(told: Mapping[str, Any]) -> bytes:
    if "body_base64" in told:
        return b64decode(told["body_base64"])
    body: str = told.get("body", "")
    return body.encode()


def _read_mark(told: Mapping[str, Any]) -> Mark:
    return Mark(told["size"], told["hash"]) if "hash" in told else Mark.of(_read_body(told))
