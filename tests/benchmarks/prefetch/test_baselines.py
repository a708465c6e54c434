"""The baseline for names."""

from pathlib import Path

from benchmarks.prefetch.baselines import Markov, right
from benchmarks.prefetch.traces import read
from tests.benchmarks.prefetch.recorded import shop_file


def test_a_chain_is_foretold(tmp_path: Path) -> None:
    """What always follows is known; a longer context decides where a shorter one does not."""
    sessions = read(shop_file(tmp_path / "shop.jsonl", 12))
    markov = Markov(sessions[:9])
    assert markov.foretold(["find_user"])[0] == "get_user"
    assert markov.foretold(["find_user", "get_user"])[0] == "get_order"
    assert markov.foretold(["never", "seen"])[0] in {"find_user", "get_user", "get_order", "cancel_order"}
    hits, total = right(sessions[9:], markov)
    assert total == 15
    assert hits >= 10
