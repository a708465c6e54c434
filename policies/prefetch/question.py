"""What a model is asked when it shall write behaviour programs: the language, what was counted, masked sessions.

It must not know when it is asked, nor what is made of its answer.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from policies.prefetch.history import CALLS, RESULT, USER, Step, Trace, steps
from policies.prefetch.language import MOST_ARGUMENTS, MOST_CONDITIONS, MOST_RULES, PICKS
from policies.prefetch.model import Model
from policies.prefetch.provenance import Tool
from policies.prefetch.state import State
from proxy.exchange import Request

ASKED = 6
"""Programs that are asked for."""
MOST_TOKENS = 6_000
"""Of the answer."""
SHOWN = 4
"""Sessions that are shown."""
MOST_CHARS = 24_000
"""Of all sessions together."""
MOST_TOOLS, MOST_SOURCES, MOST_WORDS = 60, 4, 10
MOST_LINE = 240
ONCE = frozenset((b"idempotency-key", b"content-encoding", b"content-length", b"x-outrider-policies"))
"""Headers that belong to the client's own request."""
ITEMS = {"chat": "messages", "responses": "input", "messages": "messages"}
BOUNDS = {"chat": "max_tokens", "responses": "max_output_tokens", "messages": "max_tokens"}

TASK = f"""Below are sessions of an agent that calls tools. Write programs that foretell its next step.

A program is a list of rules; the first that holds counts. Answer with JSON alone, no other words:
{{"programs": [{{"rules": [RULE, …]}}, …]}}
with up to {ASKED} programs that differ from each other, each of at most {MOST_RULES} rules.

RULE is {{"when": [CONDITION, …], "call": TOOL, "with": {{ARGUMENT: VALUE, …}}}}, or
{{"when": [CONDITION, …], "reply": true}} where the agent answers its user without calling a tool.
"when" holds at most {MOST_CONDITIONS} conditions, which must all hold; "with" at most {MOST_ARGUMENTS} arguments.
CONDITION is one of
  {{"turn": "user"}} or {{"turn": "result"}}: what came last, a message of the user or a tool's result
  {{"after": [TOOL, …]}}: the last tools called, the latest last
  {{"has": SOURCE}}: there is a value of this source
  {{"fresh": SOURCE, "for": "TOOL.ARGUMENT"}}: there is one that was not yet used so
  {{"said": [WORD, …]}}: the user's last message holds one of these, in lower case
  {{"called": TOOL, "times": N}}: it was called N times or more
  {{"not": CONDITION}}
VALUE is {{"from": SOURCE, "pick": PICK}} or {{"value": a fixed value}}. PICK is one of {", ".join(PICKS)}: the first
value, the first one not used yet, the latest, the one that the user named, every one not used yet.
SOURCE is "TOOL:PATH", a field of a tool's result ("get_user:orders[]", "search:flights[].id", "find_user:" for a
result that is one bare value); "TOOL.ARGUMENT()", an argument of an earlier call; or "user:SHAPE", something the user
wrote, as the sources below spell it.
Rules are tried in order, and one whose values are not there is passed over. Prefer few rules that hold often.

Example: {{"programs": [{{"rules": [
  {{"when": [{{"turn": "user"}}, {{"not": {{"has": "find_user:"}}}}], "call": "find_user",
   "with": {{"email": {{"from": "user:@", "pick": "latest"}}}}}},
  {{"when": [{{"fresh": "get_user:orders[]", "for": "get_order.order_id"}}], "call": "get_order",
   "with": {{"order_id": {{"from": "get_user:orders[]", "pick": "each"}}}}}},
  {{"when": [{{"after": ["get_order"]}}], "reply": true}}]}}]}}"""
AGAIN = "That cannot be used: {fault}. Answer with the corrected JSON alone."


def question(model: Model, traces: Sequence[Trace]) -> str:
    """The whole question."""
    parts = [TASK, "TOOLS, with the sources that held their arguments (times held, times there):", *_tools(model)]
    words = list(_words(model))
    if words:
        parts += ["WORDS of users, and what mostly followed:", *words]
    left = MOST_CHARS
    for number, trace in enumerate(traces[-SHOWN:], 1):
        text = "\n".join(_lines(trace))[:left]
        left -= len(text)
        parts += [f"SESSION {number} (values are masked):", text]
    return "\n".join(parts)


def asked(request: Request, model: str, *said: str) -> Request:
    """A request to that model in the form of the agent's own, with these things said in turn."""
    roles = ("user", "assistant")
    items = [{"role": roles[place % 2], "content": text} for place, text in enumerate(said)]
    body: dict[str, Any] = {"model": model, ITEMS[request.form]: items, BOUNDS[request.form]: MOST_TOKENS}
    if request.form == "responses":
        body["store"] = False
    if request.form == "chat" and reasons(model):
        body["max_completion_tokens"] = body.pop("max_tokens")
    headers = tuple(pair for pair in request.headers if pair[0] not in ONCE)
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return request.but(body=text, headers=headers, model=model, stream=False, origin=b"")


def reasons(model: str) -> bool:
    """Whether a model only knows the newer name of the bound: OpenAI's that reason."""
    return model.rpartition("/")[2].startswith(("gpt-5", "gpt-6", "o1", "o3", "o4"))


def _tools(model: Model) -> Iterator[str]:
    ranked = sorted(model.tools.items(), key=lambda each: -sum(each[1].shapes.values()))
    for name, tool in ranked[:MOST_TOOLS]:
        yield f"  {name}, called {sum(tool.shapes.values())} times: {'; '.join(_arguments(tool)) or 'no arguments'}"


def _arguments(tool: Tool) -> Iterator[str]:
    for name, argument in tool.arguments.items():
        best = sorted(argument.hits.items(), key=lambda each: -(each[1][0] ** 2) / (1 + each[1][1]))[:MOST_SOURCES]
        told = [f"{source} {hit}/{there}" for source, (hit, there) in best if hit > 1]
        fixed = [f"always {value}" for value, share in argument.constants() if share > 0.5]
        yield f"{name} from {', '.join(told + fixed) or 'nowhere known'}"


def _words(model: Model) -> Iterator[str]:
    telling: dict[str, list[str]] = {}
    for word, counts in model.names.words.items():
        label = max(counts, key=lambda each: counts[each])
        if counts[label] > 2 and 2 * counts[label] > sum(counts.values()) and word.isalpha():
            telling.setdefault(label, []).append(word)
    for label, words in telling.items():
        yield f"  {label or 'a reply'}: {', '.join(words[:MOST_WORDS])}"


def _lines(trace: Trace) -> Iterator[str]:
    """A session as lines; with each argument of a call the sources that held it."""
    gone_through = steps(trace)
    for event in trace.events:
        if event[0] in (USER, RESULT):
            yield f"  {event[0]}: {_cut(event[-1])}"
            continue
        step = next(gone_through)
        yield "  agent replies" if event[0] != CALLS else f"  agent calls {_calls(step)}"


def _calls(step: Step) -> str:
    return "; ".join(f"{name}({_given(arguments, step.state)})" for _, name, arguments, _ in step.event[1])


def _given(arguments: dict[str, str], state: State) -> str:
    told = []
    for name, value in arguments.items():
        held = [source for source, values in state.sources.items() if value in values][-2:]
        told.append(f"{name} = {_cut(value)}" + (f" from {' and '.join(held)}" if held else ""))
    return ", ".join(told)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LINE else f"{text[:MOST_LINE]} …"
