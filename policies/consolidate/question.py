"""The question to a consolidator model: the session's own request with an instruction after it, or a short one.

It must not know when it is asked, nor what its answer is good for. On the session's own model it repeats what was sent,
so that the provider reads all but the instruction from its cache.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from policies.consolidate.layout import item_of
from policies.inner.bodies import ITEMS
from policies.inner.spent import words_of
from policies.inner.splicing import json_of
from proxy.conversation import Turn
from proxy.exchange import Completion, Request

WORDS_PER_TOKEN = 0.45
"""Half of what a state says are identifiers and numbers, of three tokens and more each."""
REASONING = 4_096
"""Tokens of room where the model thinks before it writes; thinking counts as output."""
LONGEST = 4_000
"""Characters of one message that a model of another name is shown."""
ONCE = frozenset((b"idempotency-key", b"content-encoding", b"content-length"))
"""Headers that belong to the client's own request; by the first a provider would give its answer again."""
UNASKED = ("stream_options", "stop", "stop_sequences", "prediction", "logprobs", "top_logprobs", "logit_bias")
"""Fields that would shape or cut the answer, and are no part of the prompt."""

TASK = (
    "Stop here and write your working memory of this conversation. It will take the place of all messages above but "
    "the first task and the last few, so whatever it leaves out is gone. Write plain text, without greeting or "
    "comment, and call no tool. At most {words} words, in this order: what the user wants, and the user's rules and "
    "corrections in the user's own words; what was done and found out, and what failed and must not be tried again; "
    "what is still open; then every identifier, number, date, amount, name and path that may be needed again, each "
    "exactly as it was written, with a word on what it is. Carry over what an earlier condensed text says, where it "
    "still holds. Claim nothing that the messages do not show."
)


def instruction(tokens: int) -> str:
    """What the model is asked to do, in about so many tokens."""
    return TASK.format(words=max(50, round(tokens * WORDS_PER_TOKEN, -1)))


def repeats(request: Request) -> bool:
    """Whether the session's own request can carry the question: the answer may be words, and no tool is forced."""
    fields = request.fields
    text = fields.get("text")
    shaped = [fields.get("response_format"), fields.get("output_format"), fields.get("output_config")]
    shaped.append(text.get("format") if isinstance(text, Mapping) else None)
    if any(isinstance(shape, Mapping) and shape.get("type", "text") != "text" for shape in shaped):
        return False
    choice = fields.get("tool_choice")
    forced = isinstance(choice, Mapping) and choice.get("type") not in ("auto", "none")
    return request.form != "messages" or not forced


def behind(request: Request, completion: Completion, tokens: int, bound: int) -> Request:
    """The question behind all that was sent. A reply that calls tools, or is signed, is left out of it: nothing but a
    call's result may follow a call. `tokens` is what the answer should take, at `bound` it is cut off."""
    body: dict[str, Any] = json.loads(request.body)
    said = completion.turns
    words = words_of(said)
    spoken = words and not any(turn.calls or turn.opaque for turn in said)
    items = [{"role": "assistant", "content": words}] if spoken else []
    body[ITEMS[request.form]] += [*items, json.loads(item_of(instruction(tokens)))]
    for name in UNASKED:
        body.pop(name, None)
    if request.form != "messages" and body.get("tools"):
        body["tool_choice"] = "none"  # Claude's cache does not outlive a change of it; there a call is no answer
    if "n" in body:
        body["n"] = 1
    if "store" in body or request.form == "responses":
        body["store"] = False
    reasons = completion.usage is not None and completion.usage.reasoning > 0
    return _asked(request, _bounded(body, request, bound + _thinking(body, reasons=reasons)))


def apart(request: Request, model: str, told: str, tokens: int, bound: int) -> Request:
    """The question to a model of another name (or one that must be asked by itself), with what is to be condensed."""
    words = f"{told}\n\n{instruction(tokens)}"
    body = {"model": model, ITEMS[request.form]: [{"role": "user", "content": words}]}
    return _asked(request, _bounded(body, request, bound + REASONING))


def transcript(before: str, turns: Iterable[tuple[int, Turn]]) -> str:
    """Messages as lines, each with its number, behind the text that stood for the ones before them."""
    lines = [before] if before else []
    for place, turn in turns:
        lines += (f"#{place} {turn.role}: {_cut(turn.text)}" for _ in (turn.text,) if turn.text)
        lines += (f"#{place} calls {call.name}({_cut(call.arguments)})" for call in turn.calls)
        lines += (f"#{place} result: {_cut(result.text)}" for result in turn.results)
    return "\n".join(lines)


def _asked(request: Request, body: Mapping[str, Any]) -> Request:
    headers = tuple(pair for pair in request.headers if pair[0] not in ONCE)
    model = str(body.get("model", request.model))
    return request.but(body=json_of(body), headers=headers, model=model, stream=False, origin=b"")


def _bounded(body: dict[str, Any], request: Request, tokens: int) -> dict[str, Any]:
    """The body with its answer bounded, by the name that this form, or this client, has for it."""
    body.pop("stream", None)
    if request.form == "responses":
        name = "max_output_tokens"
    elif request.form == "chat" and ("max_completion_tokens" in body or ("max_tokens" not in body and _new(body))):
        name = "max_completion_tokens"
    else:
        name = "max_tokens"
    body[name] = tokens
    return body


def _new(body: Mapping[str, Any]) -> bool:
    """Whether a model only knows the newer name of the bound: OpenAI's that reason."""
    return str(body.get("model", "")).rpartition("/")[2].startswith(("gpt-5", "gpt-6", "o1", "o3", "o4"))


def _thinking(body: Mapping[str, Any], *, reasons: bool) -> int:
    """Tokens of thinking that the bound has to leave room for."""
    thinking = body.get("thinking")
    if isinstance(thinking, Mapping):
        budget = thinking.get("budget_tokens")
        if isinstance(budget, int):
            return budget
        return 0 if thinking.get("type") == "disabled" else REASONING
    return REASONING if reasons or body.get("reasoning") or body.get("reasoning_effort") else 0


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
