"""Claims about counting tokens as a provider with a prompt cache does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.conversation import Turn, extend
from proxy.upstreams.tally import Tally


def turns(*texts: str) -> list[Turn]:
    made: list[Turn] = []
    for place, text in enumerate(texts):
        turn = Turn("user" if place % 2 == 0 else "assistant", text)
        _, strict = extend(b"", made[-1].strict if made else b"", turn)
        made.append(Turn(turn.role, turn.text, strict=strict))
    return made


REPLY = Turn("assistant", "four")


def test_the_first_time_nothing_is_cached() -> None:
    """A prompt never seen has no cached tokens."""
    usage = Tally(len).usage(turns("a" * 5000), REPLY)
    assert (usage.prompt, usage.cached, usage.completion) == (5000, 0, 4)


def test_what_was_sent_before_is_cached_in_steps() -> None:
    """The longest prefix seen is cached, rounded down to 128 tokens."""
    tally = Tally(len)
    tally.usage(turns("a" * 2000), REPLY)
    usage = tally.usage(turns("a" * 2000, "b" * 50, "c" * 7), REPLY)
    assert (usage.prompt, usage.cached) == (2057, 1920)


def test_short_prefixes_are_not_cached() -> None:
    """Below 1024 tokens there is no cache."""
    tally = Tally(len)
    tally.usage(turns("a" * 1023), REPLY)
    assert tally.usage(turns("a" * 1023, "b"), REPLY).cached == 0


def test_a_change_in_the_middle_breaks_the_cache_from_there() -> None:
    """Only turns before the first difference are cached."""
    tally = Tally(len)
    tally.usage(turns("a" * 1100, "b" * 1100, "c"), REPLY)
    assert tally.usage(turns("a" * 1100, "B" * 1100, "c"), REPLY).cached == 1024


@settings(deadline=None)
@given(st.lists(st.text("ab", min_size=1, max_size=5), min_size=1, max_size=8))
def test_each_turn_is_counted_once(texts: list[str]) -> None:
    """A growing conversation asks for the count of each text one time."""
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return len(text)

    tally = Tally(count)
    for end in range(1, len(texts) + 1):
        usage = tally.usage(turns(*texts[:end]), Turn("assistant"))
        assert usage.prompt == sum(map(len, texts[:end]))
    assert counted == texts
