"""Dialogues with the policy: exchanges in, entries of the journal and reports out."""

import json
from typing import Any

import pytest

from policies.inner.reports import KEPT
from policies.noise import Noise, Wishes
from policies.noise.policy import read, speaker
from proxy.conversation import Turn
from proxy.exchange import Asked, Completion, Exchange, Request, Session
from proxy.policy import Decision, Failure, Journal, Work
from proxy.reader import Reader
from proxy.wire.forms import Forms

READ = Reader(Forms(0), most=1 << 20)
FINDINGS = {
    "ann": "The bridge over the Elbe was opened in 1893 and carries 32,000 vehicles every day.",
    "ben": "Inspectors found corrosion on nine of the forty cables, and proposed a repair for 14 million euros.",
    "eva": "Residents of the northern bank complained about noise at night, above all from freight trucks.",
}


def exchange(agent: str, text: str, made: str, *, now: float = 100.0, run: str = "", **more: Any) -> Exchange:
    """One that has ended after a second."""
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
    request = READ(Request("POST", "/v1/chat/completions", (), body))
    completion = Completion(200, **{"turns": (Turn("assistant", made),), "total_s": 1.0, **more})
    session = Session(f"s-{agent}", agent, run)
    return Exchange(f"e-{agent}", request, session, now=now, asked=request, completion=completion)


def watching(**wishes: Any) -> Noise:
    """The policy, looking."""
    return Noise(Wishes(**{"mode": "shadow", **wishes}))


def journal(*, run: str = "", at: float = 90.0) -> list[Any]:
    """What three workers have left there, as the store gives it."""
    found: list[Any] = []
    for agent, text in FINDINGS.items():
        decision = watching().learn(exchange(agent, "Look into it.", text, now=at, run=run))
        assert decision is not None
        found += decision.journal
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def examined(one: Exchange, entries: Any, memory: Any = None) -> Decision | None:
    """What comes of an exchange's errand, if it has one."""
    decision = watching().learn(one)
    if decision is None or decision.errand is None:
        return None
    try:
        assert isinstance(next(decision.errand), Journal)
        work = decision.errand.send(entries)
        assert isinstance(work, Work)
        decision.errand.send(work.function(*work.arguments))
    except StopIteration as stop:
        return stop.value(memory) if stop.value else None
    raise AssertionError("the errand goes on")


def fan_in(made: str, **more: Any) -> Exchange:
    """The aggregator's exchange."""
    reports = "\n\n".join(f"Report {name}: {text}" for name, text in FINDINGS.items())
    return exchange("editor", f"Write one paragraph.\n\n{reports}", made, **more)


ALL = " ".join(FINDINGS.values())


def test_nothing_of_the_words_is_written_down() -> None:
    """Hashes, and who said it."""
    text = json.dumps(journal())
    assert len(journal()) == 3
    assert not any(word in text for word in ("bridge", "Elbe", "cables", "Residents"))
    assert [each["agent"] for each in journal()] == ["ann", "ben", "eva"]


def test_a_faithful_aggregation() -> None:
    """Its workers in the order in which they stand there; nothing is lost."""
    decision = examined(fan_in(ALL), journal())
    assert decision is not None
    report = decision.memory["reports"][0]
    assert [(each["agent"], each["session"], each["share"]) for each in report["workers"]] == [
        (name, f"s-{name}", 1.0) for name in FINDINGS
    ]
    assert report["attribution"] == ""
    assert decision.figures == {"aggregations": 1.0, "workers": 3.0}
    tokens = len(fan_in(ALL).request.body) // 4
    assert decision.tell == {
        "agent": "editor",
        "reads": {"ann": 1, "ben": 1, "eva": 1},
        "lost": "",
        "model": "m",
        "tokens": tokens,
        "score": 1.0,
    }


def test_the_model_of_a_report_is_the_one_that_spoke() -> None:
    """The one that was asked; the last one that a plan asked; the one whose reply a plan has passed on. A plan's own
    words are held against the one that stood by."""
    plain = fan_in(ALL)
    member = plain.request.but(model="member")
    assert speaker(plain) == "m"
    decision = examined(plain.but(spoke="member"), journal())
    assert decision is not None
    assert decision.memory["reports"][0]["model"] == decision.tell["model"] == "member"
    others = Asked(member.but(model="other"), Completion(200, turns=(Turn("assistant", "No."),)))
    assert plain.completion is not None
    said = Asked(member, plain.completion)
    assert speaker(plain.but(spoke="plan", calls=(others, said))) == "member"
    assert speaker(plain.but(spoke="plan", calls=(others,))) == "m"


def test_a_changed_number_is_the_aggregators() -> None:
    """With the place in the reply and in the worker's text, as the request holds it."""
    decision = examined(fan_in(ALL.replace("1893", "1983")), journal())
    assert decision is not None
    report = decision.memory["reports"][0]
    assert report["attribution"] == "aggregator"
    changed = next(each for each in report["findings"] if each["kind"] == "changed")
    assert [(place["worker"], place["text"]) for place in changed["evidence"]] == [(None, "1983"), (0, "1893")]
    assert decision.figures["changed"] == decision.figures["lost_by_aggregator"] == 1.0
    json.dumps(decision.memory)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        journal()[:1],
        journal(at=100.0),
        journal(run="another"),
        Failure("the store is gone"),
    ],
)
def test_what_is_no_aggregation(entries: Any) -> None:
    """Nobody, one worker, what was said later, another run, a store that is gone: no report and no fault."""
    assert examined(fan_in(ALL, run="mine"), entries) is None


def test_runs_that_are_not_named_are_one() -> None:
    """A worker that says its run may be quoted by one that does not."""
    assert examined(fan_in(ALL), journal(run="mine")) is not None


def test_a_session_does_not_aggregate_itself() -> None:
    """Its own earlier replies stand in its history, and are no workers."""
    own = [each | {"output": [each["output"][0], "s-editor", *each["output"][2:]]} for each in journal()]
    assert examined(fan_in(ALL), own) is None


def test_who_is_not_looked_at() -> None:
    """By mode, by agent; failures, replies cut short, and calls of tools without a word."""
    assert Noise().learn(fan_in(ALL)) is None
    assert watching(agents={"editor": "off"}).learn(fan_in(ALL)) is None
    assert Noise(Wishes(agents={"editor": "shadow"})).learn(fan_in(ALL)) is not None
    assert read(fan_in("")) is None
    assert read(fan_in(ALL, whole=False)) is None
    assert read(fan_in(ALL).but(completion=Completion(500))) is None
    assert read(fan_in(ALL).but(completion=None)) is None


def test_short_ones_leave_nothing() -> None:
    """`Yes.` would be found everywhere, and `Go on.` quotes nobody."""
    assert watching().learn(exchange("ann", "Go on.", "Yes.")) is None


def test_the_latest_reports_are_kept() -> None:
    """So many."""
    memory: Any = None
    for _ in range(KEPT + 2):
        decision = examined(fan_in(ALL), journal(), memory)
        assert decision is not None
        memory = decision.memory
    assert len(memory["reports"]) == KEPT
