"""Errors of our own and of others.

It must not know any form.
"""

import json

from proxy.wire.errors import failure, stream_failure, told


def test_shape() -> None:
    """OpenAI's shape, with a code that is a string or null and words that say whose error it is."""
    error = {"message": "Outrider: gone", "type": "outrider_error", "param": None, "code": "closed"}
    assert json.loads(failure("gone", code="closed", status=502)) == {"error": error}
    assert json.loads(failure("gone", code=""))["error"]["code"] is None
    assert stream_failure("gone", code="closed") == b"data: " + failure("gone", code="closed") + b"\n\n"


def test_told() -> None:
    """Nothing is told where there is no error."""
    assert told({"error": None, "message": "hello"}) == ""
    assert told([1]) == ""
    assert told({"error": {"type": "overloaded_error"}}) == "overloaded_error"
