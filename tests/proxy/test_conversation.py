"""Conversations: digests that tell sessions apart and forgive what clients change."""

import json

from hypothesis import given
from hypothesis import strategies as st

from proxy.conversation import Conversation, Told, ToolCall, ToolResult, Turn, canonical, extend

TEXT = st.text(max_size=30)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.dictionaries(TEXT, inner))


def digests(*turns: Turn) -> tuple[bytes, bytes]:
    chain = strict = b""
    for turn in turns:
        chain, strict = extend(chain, strict, turn)
    return chain, strict


@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_arguments_have_one_spelling(arguments: dict[str, object]) -> None:
    """Spacing and order do not matter; meaning does."""
    loose = json.dumps(arguments, indent=2)
    turned = json.dumps(dict(reversed(arguments.items())), ensure_ascii=False)
    assert canonical(loose) == canonical(turned)
    assert json.loads(canonical(loose)) == arguments


def test_no_arguments_are_empty_ones() -> None:
    """Some clients send `{}` back where the model wrote nothing; what does not parse stays as it is."""
    assert canonical("") == canonical("{}") == "{}"
    assert canonical('{"a": ') == '{"a": '
    assert canonical("[" * 100_000) == "[" * 100_000


def test_ids_and_system_text_count_only_when_strict() -> None:
    """The chain forgives new ids and a clock in the system prompt; the strict digest does not."""
    call = ToolCall("call_1", "find", '{"a": 1}')
    one = (
        Turn("system", "It is 9:00"),
        Turn("assistant", calls=(call,)),
        Turn("tool", results=(ToolResult("1", "x"),)),
    )
    other_call = ToolCall("call_2", "find", '{"a":1}')
    other = (
        Turn("system", "It is 9:05"),
        Turn("assistant", calls=(other_call,)),
        Turn("tool", results=(ToolResult("2", "x"),)),
    )
    assert digests(*one)[0] == digests(*other)[0]
    assert digests(*one)[1] != digests(*other)[1]


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(min_size=1, max_size=5)), max_size=4))
def test_each_word_role_and_border_counts(said: list[tuple[str, str]]) -> None:
    """Two conversations share a digest only when the same roles said the same words in the same turns."""
    turns = [Turn(role, text) for role, text in said]
    changed = [*turns[:-1], Turn("user" if not turns else turns[-1].role, "something else")]
    joined = [Turn("user", "".join(text for _, text in said))]
    mine = digests(*turns)
    assert mine == digests(*turns)
    assert mine != digests(*changed)
    assert len(said) < 2 or mine != digests(*joined)


def test_last_of_a_role() -> None:
    """The newest turn of a role, or None."""
    conversation = Conversation((Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c")))
    newest = conversation.last("user")
    assert newest is not None
    assert newest.text == "c"
    assert conversation.last("tool") is None


def test_turns_may_be_read_late() -> None:
    """What is read when it is first asked for is read once, and is the same value."""
    asked: list[str] = []

    def read() -> Told:
        asked.append("now")
        return (Turn("user", "a"),), "Be kind."

    late = Conversation.later(read, ("weather",), {"model": "m"})
    assert (late.tools, late.fields, asked) == (("weather",), {"model": "m"}, [])
    assert late.last("user") == Turn("user", "a")
    assert late.system == "Be kind."
    assert late == Conversation((Turn("user", "a"),), "Be kind.", ("weather",), {"model": "m"})
    assert late != Conversation()
    assert asked == ["now"]
