"""What a memo remembers, and that it forgets in time."""

from proxy.memo import Memo


def test_a_word_is_asked_about_once() -> None:
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    memo = Memo(length)
    assert [memo[word] for word in ("a", "bb", "a", "bb")] == [1, 2, 1, 2]
    assert asked == ["a", "bb"]


def test_what_clients_choose_cannot_grow_for_ever() -> None:
    memo = Memo(len, most=8)
    for number in range(100):
        assert memo["x" * number] == number
        assert len(memo) <= 8
