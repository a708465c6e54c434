"""What a request shows of the reply before it: that it is asked again, or put right; or that it was taken.

It must not know models, scores that were given, or wire forms.
"""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from proxy.conversation import Conversation
from proxy.exchange import Request

POOR, TAKEN = 0.3, 0.03
"""What a sign counts, of a score that somebody gave: one of ten replies is put right as a matter of course, and that
leaves a model of middling quality where it was."""
MOST = 5
"""Replies of one session that may count as poor: who is never content says little of models."""
SOON_S = 600.0
"""A request that comes again later than that is no retry."""
LOOKED_AT = 200
BEFORE = r"^\W*(?:(?:no|nope|sorry|hm+|wait|actually|but|ok|okay)\b\W*)?"
PUT_RIGHT = (
    r"(?:that|this|it)(?:'s| is) (?:wrong|incorrect|not (?:right|correct|true|what|how))\b",
    r"(?:that|this|it) isn't (?:right|correct|true|what)\b",
    r"(?:wrong|incorrect)\b",
    r"not what i\b",
    r"i (?:said|meant|asked (?:for|you))\b",
    r"you (?:forgot|missed|misunderstood|misread|ignored|made a mistake)\b",
    r"you (?:didn't|did not) (?:do|answer|follow|include)\b",
    r"(?:(?:it|that|this) )?still (?:doesn't|does not|fails|failing|wrong|broken|not (?:work|right|fixed))",
    r"(?:please )?(?:try|do it|answer) again\b",
    r"(?:das ist |das ist leider )?falsch\b",
    r"das stimmt (?:so )?nicht\b",
    "\u4e0d\u5bf9|\u9519\u4e86|\u4f60\u9519",
)
CORRECTION = re.compile(f"{BEFORE}(?:{'|'.join(PUT_RIGHT)})", re.IGNORECASE)
"""A turn that begins so puts the reply before it right. A bare `no` answers a question."""


def place(request: Request) -> dict[str, Any]:
    """Where a session stands, as it is remembered: a digest of what was asked, and how many turns there were."""
    conversation = request.conversation
    assert conversation is not None
    told = f"{_asked(conversation)}\n{conversation.fields.get('previous_response_id', '')}"
    return {"ask": blake2b(told.encode(), digest_size=8).hexdigest(), "turns": len(conversation.turns)}


def poor(before: Mapping[str, Any], request: Request, now: float) -> bool | None:
    """Whether a request shows that the reply before was not good enough; None where it shows nothing: a tool's results,
    a session that began elsewhere, or a request sent before that reply had ended."""
    here, at = place(request), before.get("at", now)
    if "ask" not in before or now < at:
        return None
    if here["ask"] == before["ask"]:
        again = here["turns"] <= before["turns"] and now - at < SOON_S
        return True if again else None
    conversation = request.conversation
    assert conversation is not None
    return corrects(_asked(conversation))


def corrects(text: str) -> bool:
    """Whether a user's turn puts the reply before it right."""
    return CORRECTION.match(text[:LOOKED_AT].replace("\u2019", "'")) is not None


def _asked(conversation: Conversation) -> str:
    """What the user said last; results of tools are nobody's words."""
    return next((turn.text for turn in reversed(conversation.turns) if turn.role == "user" and turn.text), "")
