"""A choice in words: why this model, and the refusal where there is none.

It must not know how is chosen. Nothing of what the user said is repeated.
"""

import json
from typing import Any

from policies.routing.choice import Candidate, Field
from proxy.exchange import Completion, Request

NAMED = 2
"""Models left out for their condition that a reason names."""


def described(chosen: Candidate, field: Field) -> str:
    """The choice, what it was chosen before, and who was left out for a while."""
    other = next((each for each in field.candidates if each is not chosen), None)
    said = f"{chosen.model.name} of {len(field.candidates)}: {figures(chosen)}"
    if other is not None:
        said += f"; next {other.model.name}: {figures(other)}"
    left = [f"; without {name}: {why}" for name, why in field.out[:NAMED]]
    return said + "".join(left)


def figures(candidate: Candidate) -> str:
    """What speaks for a model and against it."""
    cost = "price unknown" if candidate.cost is None else f"about ${candidate.cost:.2g}"
    known = "scored questions" if candidate.foretold else "its card"
    rests = f"{candidate.scores} scores" if candidate.scores else known
    looked = round(sum(candidate.checks))
    rests += f" and {looked} checks" if looked else ""
    wait = f", {candidate.wait_s:.1f} s" if candidate.wait_s else ""
    failing = f", {candidate.failing:.0%} failing" if candidate.failing >= 0.01 else ""
    return f"quality {candidate.quality:.2f} by {rests}, {cost}{wait}{failing}"


def refusal(request: Request, message: str) -> Completion:
    """A 400 in the shape of the request's API."""
    said = f"Outrider: {message}"
    error: dict[str, Any] = {"message": said, "type": "outrider_error", "param": "model", "code": "no_model_fits"}
    document: dict[str, Any] = {"error": error}
    if request.form == "messages":
        document = {"type": "error", "error": {"type": "invalid_request_error", "message": said}}
    headers = ((b"content-type", b"application/json"), (b"x-outrider-error", b"no_model_fits"))
    return Completion(400, headers, json.dumps(document, ensure_ascii=False).encode())
