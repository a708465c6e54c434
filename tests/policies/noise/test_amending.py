"""What an aggregator is asked once more, and which reply is the better one."""

import json

import pytest

from policies.noise.amending import MOST_STATEMENTS, asked_again, better, correction, judged, missing
from tests.policies.noise.asking import items, request, user
from tests.policies.noise.team import AGGREGATE, LEGAL, PARTS, PRODUCT, WORKERS, without

FALSE = AGGREGATE.replace("85 employees", "58 employees")


def test_what_is_missing_is_named_in_the_workers_words() -> None:
    """All of it, and nothing of the others."""
    said = correction(WORKERS, judged(WORKERS, without(2)))
    assert all(f"- it leaves out: {line}" in said for line in PRODUCT.splitlines())
    assert not any(line in said for line in LEGAL.splitlines())


def test_what_is_false_is_named_with_what_is_true() -> None:
    """And the sentence in which it stands."""
    said = correction(WORKERS, judged(WORKERS, FALSE))
    assert "- it says '58' where the output says '85': The company employs 85 people in three offices." in said
    assert said.count("\n- ") == 1


def test_a_lost_majority() -> None:
    """What most say, against the rest."""
    workers = ["The court of Munich hears the case of Norvell on 14 May 2023 in room 7, as its clerk confirmed."] * 2
    workers = [workers[0], f"{workers[1]} No more is known of it.", workers[0].replace("14 May", "15 May")]
    first = judged(workers, workers[2])
    assert "majority_lost" in [each.kind for each in first.report.alarms]
    assert "- most outputs say '14 May 2023' and not '15 May 2023'" in correction(workers, first)


def test_statements_are_so_many() -> None:
    """The first of a long output."""
    names = ("alpha", "bravo", "delta", "gamma", "sigma", "kappa", "omega", "theta", "lambda", "epsilon")
    long = " ".join(f"Site number {name} needs a {name} engine." for name in names)
    assert len(missing([long, PARTS[0]], 0, PARTS[0])) == MOST_STATEMENTS


@pytest.mark.parametrize("form", ["chat", "responses", "messages"])
def test_the_request_is_the_clients_with_two_turns_more(form: str) -> None:
    """The reply, and what is wrong with it; a key that makes requests one is left out."""
    asked = request([user("Join.")], form, temperature=0.5)
    asked = asked.but(headers=((b"idempotency-key", b"1"), (b"x", b"y")))
    again = asked_again(asked, WORKERS, judged(WORKERS, FALSE))
    first, draft, last = items(again)
    assert first == user("Join.")
    assert draft == {"role": "assistant", "content": FALSE}
    assert last["content"] == correction(WORKERS, judged(WORKERS, FALSE))
    assert json.loads(again.body)["temperature"] == 0.5
    assert again.headers == ((b"x", b"y"),)


def test_the_better_one_has_fewer_alarms() -> None:
    """Or as many and more of the workers; the same is no better."""
    good, false, short = (judged(WORKERS, text) for text in (AGGREGATE, FALSE, without(2)))
    assert better(false, good)
    assert not better(good, false)
    assert better(short, good)
    assert not better(good, good)


def test_silence_is_not_better() -> None:
    """Fewer alarms because less can be checked: a few words, nothing, another language, another form."""
    false = judged(WORKERS, FALSE)
    for text in ("Done.", "", "Ответ готов, и больше ничего не нужно.", json.dumps({"answer": AGGREGATE})):
        assert not better(false, judged(WORKERS, text))
