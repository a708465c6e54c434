"""Which tool comes next."""

from math import log

import pytest

from policies.prefetch.names import RESPOND, WORD, Names, bag, contexts
from policies.prefetch.observation import Observation
from policies.prefetch.ranking import softmax
from policies.prefetch.state import State
from tests.policies.prefetch.shop import after, schooled, visit


def likeliest(count: int) -> str:
    """What is likeliest after so many lines of a visit."""
    model, state = schooled(), after(visit(40)[:count])
    labels = model.foretell(state).labels
    return max(labels, key=lambda label: labels[label])


def test_the_shop_is_foretold() -> None:
    """Tools, and replies to the user."""
    assert [likeliest(count) for count in (1, 3, 5)] == ["find_user", "get_user", "get_order"]
    assert likeliest(len(visit(40)) - 1) == RESPOND


def test_contexts_reach_back_four_steps() -> None:
    """Shorter and longer, so that the longest known one can speak."""
    found = contexts(after(visit(1)), {})
    assert sum(each.startswith("e") for each in found) == 4
    assert any("cancel_order" in each and "get_order" in each for each in found)


def test_words_count_where_someone_has_just_spoken() -> None:
    """What was said and what it answers; not in the midst of a message."""
    state = State()
    state.replied("Shall I cancel it?")
    state.heard_user("Yes, please")
    assert "yes" in bag(state)
    assert "a:cancel" in bag(state)
    state.inside = 1
    assert bag(state) == []


def test_words_are_counted_as_naive_bayes_counts_them() -> None:
    """The short cut for labels that a word never stood before changes nothing."""
    names, said = Names(), ["cancel", "order", "it"]
    for word, label in (("cancel", "cancel_order"), ("order", "get_order"), ("cancel", "get_order"), ("order", "")):
        names.learn(Observation(label, [], [word, "it"], {}, inside=False, follows=[]))
    every = sum(names.messages.values())
    scores = []
    for label in names.labels:
        score = log((names.messages.get(label, 0) + 0.3) / (every + 1))
        for word in said:
            counts = names.words[word]
            share = (sum(counts.values()) + 0.5) / (every + 1)
            rate = (counts.get(label, 0) + 2 * share) / (names.messages.get(label, 0) + 2)
            score += WORD * log(rate / share)
        scores.append(score)
    assert names._by_words(said)[1] == pytest.approx(softmax(scores))
