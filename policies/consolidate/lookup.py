"""The tool `recall`: how it is offered, and what it says when the model asks for earlier messages.

It must not know how messages are ranked, nor how a call reaches it.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from policies.consolidate.asides import own
from policies.consolidate.ledger import Checkpoint
from policies.consolidate.passages import Passage, passages
from policies.consolidate.search import Hit, found
from proxy.conversation import Conversation, Turn
from proxy.exchange import Exchange, Request
from proxy.policy import OwnTool

NAMES = ("recall", "recall_earlier")
"""The second where a client's own tool has the first."""
DESCRIPTION = (
    "Looks up earlier messages of this conversation word for word. When the conversation grows long, older messages "
    "are replaced by a summary in which #n is the number of an original. Use this tool when a detail that you need "
    "(an id, a date, an amount, what was said) is not in view. It returns the passages that fit best, each with its "
    "number."
)
PARAMETERS = {
    "type": "object",
    "properties": {
        "query": {
            "type": "string",
            "description": "What to look for: names of fields, names, ids, dates and other words that stand near it; "
            "or #n for the message of that number.",
        }
    },
    "required": ["query"],
}
LOOKS_UP = "The tool `{}` looks up originals."
MOST = 5
"""Messages in a result."""
MOST_TOKENS = 1200
"""Of a result, about."""
SHARE = 400
"""Tokens of one message, about; one that was asked for by its number may take all."""
IN_VIEW = "Every earlier message is in view; nothing was left out."
STANDS = "Message #{} is in view."
NOTHING = "No earlier message holds these words. Try others: names, ids, dates, names of fields."
_OLD_KIND = re.compile(rb'"functions"\s*:').search
_NUMBER = re.compile(r"#(\d{1,6})\b").findall


def may_offer(request: Request) -> bool:
    """Whether a tool can be added to a request: not where functions of the old kind are used, an answer has to have a
    form, several answers are asked for, or nobody waits for the answer."""
    fields = request.fields
    if _OLD_KIND(request.body) or fields.get("background") or fields.get("n") not in (None, 1):
        return False
    text, config = fields.get("text"), fields.get("output_config")
    shapes = (
        fields.get("response_format"),
        fields.get("output_format"),
        text.get("format") if isinstance(text, dict) else None,
        config.get("format") if isinstance(config, dict) else None,
    )
    return not any(isinstance(shape, dict) and shape.get("type") != "text" for shape in shapes)


def name_for(conversation: Conversation) -> str:
    """The tool's name beside the client's own; empty where it can have none."""
    return next((name for name in NAMES if name not in conversation.tools), "")


def tool(name: str, turns: Sequence[Turn], hidden: Sequence[int], count: Callable[[str], int]) -> OwnTool:
    """The tool for a request of these turns, of which the `hidden` ones (by number) are not sent as they are."""
    return OwnTool(name, DESCRIPTION, PARAMETERS, partial(answer, turns=turns, hidden=hidden, count=count))


def answer(arguments: str, *, turns: Sequence[Turn], hidden: Sequence[int], count: Callable[[str], int]) -> str:
    """The result of a call: passages, each on a line of its own that begins with the number of its message."""
    if not hidden:
        return IN_VIEW
    query, there = asked(arguments), list(passages(turns, hidden))
    hits = found(there, query, MOST)
    numbers = {int(number) for number in _NUMBER(query)}
    named = [mine for number in sorted(numbers) if (mine := [each for each in there if each.number == number])]
    seen = [STANDS.format(number) for number in sorted(numbers - set(hidden)) if number < len(turns)]
    lines = _told([*named, *_others(hits, numbers)], MOST_TOKENS if named else SHARE, count)
    return "\n".join((*seen, *lines)) or NOTHING


def naming(made: Checkpoint, name: str, count: Callable[[str], int]) -> Checkpoint:
    """The checkpoint with the tool named in its first line, where there is one."""
    if not name:
        return made
    first, line_end, rest = made.text.partition("\n")
    text = f"{first} {LOOKS_UP.format(name)}{line_end}{rest}"
    return made._replace(text=text, text_tokens=count(text))


def recalls(exchange: Exchange, count: Callable[[str], int]) -> dict[str, float]:
    """Look-ups of an exchange: calls, messages that were found, tokens of the results."""
    results = [text for aside in own(exchange) for text in aside.results]
    sums = {
        "recalls": len(results),
        "recall_hits": sum(map(hits_in, results)),
        "recall_tokens": sum(map(count, results)),
    }
    return {name: float(number) for name, number in sums.items() if number}


def hits_in(result: str) -> int:
    """Messages that a result shows."""
    return len({line.partition(" ")[0] for line in result.splitlines() if re.match(r"#\d", line)})


def asked(arguments: str) -> str:
    """What a call looks for; arguments that are no JSON are taken for words."""
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    return str(value)


def _others(hits: Sequence[Hit], numbers: set[int]) -> Iterator[Sequence[Passage]]:
    return (hit.passages for hit in hits if hit.number not in numbers)


def _told(messages: Sequence[Sequence[Passage]], share: int, count: Callable[[str], int]) -> Iterator[str]:
    """The passages of each message as far as there is room, its best one first; at least one line of the first."""
    room = MOST_TOKENS
    for place, message in enumerate(messages):
        mine = share
        for number, passage in enumerate(message):
            line = _line(passage.told(first=not number))
            size = count(line)
            if (number and size > mine) or (size > room and (place or number)):
                break
            mine, room = mine - size, room - size
            yield line


def _line(told: str) -> str:
    """A passage on one line, so that the next one begins where a line does."""
    return " ".join(told.split("\n"))
