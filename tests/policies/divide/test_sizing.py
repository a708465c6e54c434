"""The size of parts, from how a model did on inputs of different lengths."""

from policies.divide.sizing import DEFAULT, Point, sized


def curve(*told: tuple[int, float]) -> list[Point]:
    """Points known to two hundredths."""
    return [Point(tokens, score, score - 0.02, score + 0.02) for tokens, score in told]


def test_nothing_known() -> None:
    """The default; what is little longer than a part goes whole."""
    assert sized(100_000).size == DEFAULT
    assert sized(DEFAULT + 1000).size == 0
    assert sized(100_000, wanted=4_000).size == 100_000 // 24 + 1
    assert sized(50_000, wanted=4_000) == (4_000, "as set")
    assert sized(100_000, curve((1_000, 0.9))).size == DEFAULT


def test_a_model_that_fails_on_long_inputs() -> None:
    """Parts as long as it does well on: the model's own noise."""
    found = sized(128_000, curve((4_000, 0.98), (16_000, 0.97), (32_000, 0.8), (64_000, 0.4)))
    assert found == (16_000, "it is worse beyond 16000 tokens")


def test_flat_and_high() -> None:
    """Whole, as far as it was seen to do well."""
    flat = curve((4_000, 0.97), (16_000, 0.98), (64_000, 0.97))
    assert sized(60_000, flat) == (0, "no length seen at which it is worse")
    assert sized(200_000, flat).size == 64_000


def test_flat_and_low_is_the_task() -> None:
    """Not divided, and it is said why."""
    found = sized(128_000, curve((4_000, 0.2), (16_000, 0.22), (64_000, 0.18)))
    assert found.size == 0
    assert "would not mend" in found.reason


def test_what_does_not_fit() -> None:
    """Is divided though nothing else speaks for it, into what does; a size that is wished for stays."""
    flat = curve((4_000, 0.97), (16_000, 0.98), (64_000, 0.97))
    low = curve((4_000, 0.2), (16_000, 0.2))
    assert sized(60_000, flat, window=128_000).size == 0
    for known in (flat, low, []):
        found = sized(60_000, known, window=8_192)
        assert found.size == 4_096
        assert found.reason.startswith("more than the model can take, 8192")
    assert sized(60_000, low, window=64_000).size == DEFAULT
    assert sized(60_000, flat, 10_000, window=8_192) == (10_000, "as set")


def test_what_is_hardly_known_does_not_count() -> None:
    """A point that may be anything is none."""
    wild = [Point(64_000, 0.1, 0.0, 1.0), *curve((4_000, 0.97), (16_000, 0.98))]
    assert sized(18_000, wild).size == 0
