"""Pieces that all forms share.

It must not know any form.
"""

from proxy.exchange import Usage
from proxy.wire.parts import call, mended, spoken, tokens, written


def test_spoken() -> None:
    """Text of strings and of parts in every spelling, without empty parts; anything else is told."""
    parts = [
        {"type": "text", "text": "a"},
        {"type": "input_text", "text": ""},
        {"type": "refusal", "refusal": "b"},
        "c",
    ]
    assert spoken(parts) == ("a\nb\nc", False)
    assert spoken([{"type": "input_audio", "text": "a"}]) == ("", True)
    assert spoken(None) == ("", False)


def test_written() -> None:
    """Arguments that come as JSON values are written; strings are left as they are, numbers of any size too."""
    assert written(' {"a": 1}') == ' {"a": 1}'
    assert written({"a": 1, "ü": 2}) == '{"a":1,"ü":2}'
    assert written({"a": 10**30}) == '{"a":1' + "0" * 30 + "}"
    assert written(None) == ""
    assert call({"name": "f", "arguments": {"a": 1}}, "id").arguments == '{"a":1}'


def test_mended() -> None:
    """Halves of a character that met again are one; a half that stays alone becomes the replacement character."""
    assert mended("a\ud83d\udc0e") == "a🐎"
    assert mended("a\ud83d") == "a\ufffd"
    assert mended("plain ü") == "plain ü"


def test_tokens() -> None:
    """Counts that are no numbers count as none."""
    assert tokens({"prompt_tokens": "many", "completion_tokens": 2.0, "input_tokens": 3}) == Usage(3, 2)
    assert tokens({"prompt_tokens": float("inf"), "completion_tokens": -1}) == Usage()
    assert tokens([1]) is None
