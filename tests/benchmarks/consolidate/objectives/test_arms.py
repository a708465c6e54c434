"""What the client of each arm sends."""

from benchmarks.consolidate.objectives.arms import Marks, arms, newest
from benchmarks.consolidate.objectives.task import SYSTEM, tasks
from proxy.settings import Settings


def test_the_newest_begin_with_no_result() -> None:
    """A result whose call was cut off would be refused."""
    (task,) = tasks(1, 1, 4, "each")
    history = [SYSTEM, *(message for turn in task.turns for message in (*turn.said, turn.reply))]
    for keep in range(1, len(history) + 2):
        sent = newest(history, keep)
        assert sent[0] == SYSTEM
        assert sent[1:] == history[len(history) - len(sent) + 1 :]
        assert len(sent) - 1 in (keep, keep - 1, len(history) - 1)
        assert len(sent) < 2 or sent[1]["role"] != "tool"


def test_every_arm_is_made_of_settings_that_there_are() -> None:
    """Arms can be added by a setting alone."""
    made = arms([Marks(1000, 400), Marks(2000, 800)], 12, {"log=text": {"log": "text"}})
    names = [arm.name for arm in made]
    assert names == [
        "full history",
        "consolidate 1000 / 400",
        "consolidate 2000 / 800",
        "log=text",
        "last 12 messages",
        "question alone",
    ]
    for arm in made:
        Settings.model_validate(dict(arm.settings))
    further = Settings.model_validate(dict(made[3].settings))
    assert (further.log, further.consolidate, further.consolidate_above) == ("text", "on", 1000)
