"""Whether two requests are the same: a digest of all that an answer may depend on, in one spelling.

It must not know what is done with requests that are the same, nor any wire form beyond "the body is JSON".
"""

import json
from hashlib import blake2b

from proxy.exchange import Request

ASIDE = frozenset(
    (
        b"content-length",
        b"date",
        b"traceparent",
        b"tracestate",
        b"baggage",
        b"sentry-trace",
        b"x-request-id",
        b"x-correlation-id",
        b"x-client-request-id",
    )
)
OURS = (b"x-stainless-", b"x-datadog-", b"x-b3-")
"""Headers, and beginnings of headers, that tell who counts or traces a request, not what is asked."""


def digest(request: Request) -> bytes | None:
    """The digest of who asks whom for what: method, path, query, credentials and all other headers, the body as JSON
    with its members in order. None where the body is no JSON: then nothing is the same."""
    try:
        body = json.dumps(json.loads(request.body), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    except (ValueError, RecursionError):
        return None
    headers = sorted(pair for pair in request.headers if pair[0] not in ASIDE and not pair[0].startswith(OURS))
    whole = blake2b(digest_size=32)
    for part in (request.method, request.path, request.query, request.caller, request.form, body):
        told = part.encode("utf-8", "surrogatepass")
        whole.update(b"%d:" % len(told) + told)
    for name, value in headers:
        whole.update(b"%d:%d:" % (len(name), len(value)) + name + value)
    return whole.digest()
