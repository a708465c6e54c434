"""What the next request shows of a reply."""

import json
from typing import Any

import pytest

from policies.routing.signs import corrects, place, poor
from proxy.exchange import Request
from proxy.reader import Reader
from proxy.wire.forms import Forms

ASKED = {"role": "user", "content": "Write a function that adds."}
REPLY = {"role": "assistant", "content": "def add(a, b): return a - b"}


def request(*messages: dict[str, Any], **more: Any) -> Request:
    """A chat request, or one of Responses where `input` is given."""
    path = "/v1/responses" if "input" in more else "/v1/chat/completions"
    told = more if "input" in more else {"messages": messages, **more}
    body = json.dumps({"model": "auto", **told}).encode()
    return Reader(Forms(0), most=1 << 20)(Request("POST", path, (), body))


def before(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What is remembered of a request whose reply ended at second 100."""
    return {**place(request(*messages, **more)), "at": 100.0}


def test_the_same_again_is_a_retry() -> None:
    """Soon after the reply; not at once with it, not much later, and not on with its results."""
    first = before(ASKED)
    assert poor(first, request(ASKED), 130.0) is True
    assert poor(first, request(ASKED), 99.0) is None
    assert poor(first, request(ASKED), 5000.0) is None
    result = {"role": "tool", "tool_call_id": "c", "content": "3"}
    assert poor(first, request(ASKED, REPLY, result), 130.0) is None


def test_a_correction_and_a_turn_that_goes_on() -> None:
    """What the user says next."""
    wrong = {"role": "user", "content": "That's wrong, it must add."}
    on = {"role": "user", "content": "Now one that multiplies."}
    assert poor(before(ASKED), request(ASKED, REPLY, wrong), 130.0) is True
    assert poor(before(ASKED), request(ASKED, REPLY, on), 130.0) is False
    assert poor({}, request(ASKED), 130.0) is None


def test_the_same_words_for_another_reply_are_no_retry() -> None:
    """`Go on`, twice: with the provider's state the id before tells them apart."""
    first = before(input="Go on.", previous_response_id="r1")
    assert poor(first, request(input="Go on.", previous_response_id="r2"), 130.0) is False
    assert poor(first, request(input="Go on.", previous_response_id="r1"), 130.0) is True


@pytest.mark.parametrize(
    "text",
    [
        "No, that's not what I asked for.",
        "that is incorrect",
        "Wrong. It has 14 days.",
        "You forgot the second half",
        "It still doesn't work: same traceback",
        "Please try again",
        "I said Tuesday, not Thursday",
        "Hmm, this isn't right",
        "Das stimmt nicht.",
        "不对, 应该是三",
        "That isn\u2019t what I meant",
    ],
)
def test_words_that_put_right(text: str) -> None:
    """In the first words, in some languages."""
    assert corrects(text)


@pytest.mark.parametrize(
    "text",
    [
        "No, that's all, thank you.",
        "No",
        "That is great, now the next one",
        "What is wrong with this code?",
        "It works. Still, does it scale?",
        "I asked my doctor about it",
        "That's not a problem",
        "Is that right?",
    ],
)
def test_words_that_do_not(text: str) -> None:
    """A no to a question, praise, a question about what is wrong elsewhere."""
    assert not corrects(text)
