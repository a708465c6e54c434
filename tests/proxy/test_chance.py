"""Chance: bytes that are never given twice."""

from proxy.chance import DRAWN, Chance


def test_no_bytes_are_given_twice() -> None:
    """Over several draws from the system, each piece has its length and no two are alike."""
    chance = Chance()
    taken = [chance.take(20) for _ in range(3 * DRAWN // 20)]
    assert {len(piece) for piece in taken} == {20}
    assert len(set(taken)) == len(taken)


def test_a_piece_is_never_cut_short() -> None:
    """What is left of a draw and does not suffice is thrown away."""
    chance = Chance()
    chance.take(DRAWN - 1)
    assert len(chance.take(8)) == 8
