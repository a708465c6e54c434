"""A request under another model's name: one member of the body is another, every other byte the same.

It must not know why a model is named.
"""

import json

from proxy.exchange import Request
from proxy.wire.edit import set_field


def named(request: Request, model: str) -> Request:
    """The request as it is to a model of this name. Raises `Malformed` when the body is no JSON object."""
    if request.model == model:
        return request
    return request.but(body=set_field(request.body, "model", json.dumps(model).encode()), model=model)
