"""A client's request as a fast model is asked it: the same messages and tools, not streamed, a short answer.

It must not know whether it is asked, nor what is made of the answer.
"""

import json
from typing import Any

from policies.prefetch.question import BOUNDS, ONCE, reasons
from proxy.exchange import Request

MOST_TOKENS = 300
"""Of the answer: some calls with their arguments."""
UNASKED = (
    "stream", "stream_options", "logprobs", "top_logprobs", "prediction", "reasoning", "reasoning_effort", "thinking",
    "verbosity", "service_tier", "background", "max_tokens", "max_completion_tokens", "max_output_tokens", "n",
    "include", "truncation", "prompt_cache_key", "prompt_cache_retention", "context_management", "output_config",
    "speed",
)  # fmt: skip
"""Fields that say how the slow model is to answer, not what it is asked."""


def hurried(request: Request, model: str) -> Request:
    """The request to the fast model."""
    body: dict[str, Any] = {name: value for name, value in json.loads(request.body).items() if name not in UNASKED}
    bound = "max_completion_tokens" if request.form == "chat" and reasons(model) else BOUNDS[request.form]
    body |= {"model": model, bound: MOST_TOKENS}
    if request.form == "responses" or "store" in body:
        body["store"] = False
    headers = tuple(pair for pair in request.headers if pair[0] not in ONCE)
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return request.but(body=text, headers=headers, model=model, stream=False, origin=b"")


def may_hurry(request: Request) -> bool:
    """Whether its body can be read and its model is free to call tools."""
    fields = request.conversation.fields if request.conversation else {}
    choice = fields.get("tool_choice")
    kind = choice.get("type") if isinstance(choice, dict) else choice
    return kind != "none" and request.header(b"content-encoding") in ("", "identity")
