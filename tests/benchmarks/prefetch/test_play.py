"""Sessions played."""

from pathlib import Path

from benchmarks.prefetch.play import Ledger, foreseen, served, train
from benchmarks.prefetch.traces import read
from policies.prefetch.gate import Gate
from policies.prefetch.model import Forecast, Model
from policies.prefetch.prospects import Prospect
from policies.prefetch.uses import Case
from policies.prefetch.watch import Step
from tests.benchmarks.prefetch.recorded import shop_file
from tests.policies.prefetch.shop import READS, call


def test_calls_and_reads_are_those_of_the_recording(tmp_path: Path) -> None:
    """Counted from the file, not from what was foretold."""
    sessions = read(shop_file(tmp_path / "shop.jsonl", 10))
    model = Model()
    train(model, sessions[:9], READS)
    calls = foreseen(model, sessions[9:], READS)
    assert [each.tool for each in calls] == ["find_user", "get_user", "get_order", "cancel_order"]
    shelf = served(model, sessions[9], READS, Gate())
    assert (shelf.reads, shelf.mismatches) == (3, 0)
    assert shelf.launched == len(shelf.foretold)
    assert shelf.served == sum(used for _, used in shelf.foretold)


def prospect(number: int) -> Prospect:
    """A launch."""
    return Prospect(call("get_order", order_id=number), 0.5, Case("get_order", 1, 1, 1, 2, after_user=False, model=""))


def test_the_ledger_finds_what_must_not_be_served() -> None:
    """A result that was never fetched, one that was used already, one from before a write."""
    ledger, one = Ledger(), prospect(1)
    ledger.launched(Step(Forecast({}, (), {}), [], [one, prospect(2)]))
    ledger.called(one.call, hit=True, read_only=True)
    assert ledger.mismatches == 0
    ledger.called(one.call, hit=True, read_only=True)
    ledger.called(call("cancel_order"), hit=False, read_only=False)
    ledger.called(prospect(2).call, hit=True, read_only=True)
    assert ledger.mismatches == 2
