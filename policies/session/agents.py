"""Which agent is speaking: by its own word, its client, its system prompt; at last by how it looks.

It must not know sessions, links or memory. A portrait is a pure function of prompt and tools; the memo beside it
only saves time, and holds hashes, never prompts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from policies.session.explicit import Values, codex_turn, plausible
from proxy.conversation import Conversation, Turn
from proxy.exchange import Request

MEMO_SIZE = 1024
LONGEST_PROMPT = 65_536
"""Characters of a system prompt that count for a portrait."""
OPENING = 600
"""Characters in which a prompt says who the agent is."""

CHANGING = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|\b(?=[a-fA-F]*\d)[0-9a-fA-F]{8,}\b"
    r"|\b(?:Mon|Tue|Tues|Wed|Wednes|Thu|Thurs|Fri|Sat|Satur|Sun)(?:day)?\b"
    r"|\b(?:Jan|Febr?|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:uary|ch|il|ust|ember|tember|ober)?\b"
    r"|\b[aApP]\.?[mM]\b|\d+"
)
"""What a prompt may change from one request to the next without becoming another agent: ids, dates, times, numbers."""

CREW = re.compile(r"You are (.{1,80}?)\. .*?\nYour personal goal is:", re.DOTALL)
ROLE = re.compile(
    r"(?:^|[\n.!?#>*]\s*)You are (?:now )?(?:acting as )?(?:(?:an?|the) )?([^\n.,:;!?()\"*]{2,80})", re.IGNORECASE
)
CUT = re.compile(
    r" (?:who|that|which|whose|tasked|designed|built|made|created|trained|powered|developed|working|running|helping"
    r"|responsible|speciali[sz]\w+|expert in|with|for|from|in|at|on|of a|and (?:your|you))\b.*",
    re.DOTALL | re.IGNORECASE,
)
"""Where the noun phrase ends and the rest of the sentence begins."""
NO_NOUN = re.compile(
    r"(?:given|going|asked|tasked|to|not|being|about|able|provided|helping|required|allowed|working|using|currently|in|on"
    r"|at|part|also|responsible|here|talking|free|one|both|very|so|interacting|connected|running|expected|always)\b",
    re.IGNORECASE,
)
ANYBODY = re.compile(
    r"(?:(?:an?|ai|and|helpful|expert|intelligent|smart|friendly|useful|capable|advanced|honest|harmless|professional"
    r"|assistant|agent|model|language|large|bot|chatbot|llm|system|world-class|personal|virtual|highly|concise)\b\s*)+",
    re.IGNORECASE,
)
LONGEST_ROLE = 40


@dataclass(frozen=True, slots=True)
class Portrait:
    """How an agent looks: `print`, 16 hex digits over role, masked system prompt and tool names; its `role` or ""."""

    print: str
    role: str


_memo: dict[tuple[int, int, tuple[str, ...]], Portrait] = {}


def portrait_of(request: Request, headers: Values) -> Portrait:
    """The portrait of whoever sent the request; without a conversation it is that of client and wire form."""
    talk = request.conversation
    if talk is None or not talk.turns:
        seen = headers.get(b"user-agent", b"") + b"\0" + request.form.encode()
        return Portrait(blake2b(seen, digest_size=8).hexdigest(), "")
    key = (hash(talk.system), len(talk.system), talk.tools)
    known = _memo.get(key)
    if known is None:
        if len(_memo) >= MEMO_SIZE:
            _memo.clear()
        known = _memo[key] = _draw(talk)
    return known


def _draw(talk: Conversation) -> Portrait:
    system = talk.system[:LONGEST_PROMPT]
    role = role_of(system)
    seen = "\x1f".join((role, " ".join(CHANGING.sub("#", system).split()), *sorted(talk.tools)))
    return Portrait(blake2b(seen.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(), role)


def role_of(system: str) -> str:
    """The role a system prompt gives, at most 40 characters (80 for CrewAI's); empty where it gives none.

    A role that anybody could have ("helpful assistant") is none.
    """
    opening = system[:OPENING]
    crew = CREW.match(system[: 4 * OPENING].lstrip())
    if crew:
        return plausible(crew[1].strip())
    found = ROLE.search(opening)
    if not found:
        return ""
    role = " ".join(CUT.sub("", found[1]).split())
    if len(role) > LONGEST_ROLE or NO_NOUN.match(role) or ANYBODY.fullmatch(role):
        return ""
    return plausible(role)


def agent_of(request: Request, headers: Values, product: str, portrait: Portrait) -> str:
    """The agent's name: its program's word first, then its speaker's name, its role, its program, its looks."""
    turns = request.turns
    return (
        _by_client(request, headers, product)
        or _speaker(turns)
        or portrait.role
        or product
        or (f"agent-{portrait.print[:8]}" if turns else "")
    )


def _by_client(request: Request, headers: Values, product: str) -> str:
    if product == "codex":
        name = plausible(codex_turn(request, headers).get("agent_name"))
        child = plausible(headers.get(b"x-openai-subagent"))
        return child if name in ("", "/root") and child else name
    if product == "claude-code":
        kind = plausible(headers.get(b"x-claude-code-agent-type"))
        return kind or plausible(headers.get(b"x-claude-code-agent-id"))
    return ""


def _speaker(turns: Sequence[Turn]) -> str:
    """The name that the newest assistant turn bears, looked for among the newest few."""
    for turn in reversed(turns[-8:]):
        if turn.role == "assistant":
            return plausible(turn.name)
    return ""
