"""Which tool comes next, or a reply to the user: three opinions, mixed by how well each has foretold.

It must not know arguments.
"""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

from policies.prefetch.mixing import Opinion, mixed, reweighed
from policies.prefetch.observation import Observation
from policies.prefetch.ranking import softmax
from policies.prefetch.regression import Feature, Regression
from policies.prefetch.state import USER, State

RESPOND = ""
"""The label of a step that calls no tool."""
ORDERS = (1, 2, 3, 4)
MOST_WORDS = 600
"""Words whose labels are counted; those said longest ago go."""
WORD = 0.3
"""What a word counts beside the others: they depend on each other."""
FIRST = {"regression": 0.8}
"""Weights of opinions before anything is learned, where they are not the usual."""


def contexts(state: State, ready: Mapping[str, int]) -> list[str]:
    """What the next call may depend on: what just happened, shorter and longer, and what is at hand."""
    inside = "i" if state.inside else ""
    turn = "u" if state.events[-1:] == [USER] else "r"
    calls = state.tools
    found = [f"e{order} {'>'.join((inside, *state.events[-order:]))}" for order in ORDERS]
    found += [f"t{order} {'>'.join((inside, turn, *calls[-order:]))}" for order in ORDERS]
    found += [
        f"m0 {inside}{turn}{state.model}",
        f"m1 {'>'.join((state.model, inside, turn, *calls[-1:]))}",
        f"m2 {'>'.join((state.model, inside, *state.events[-2:]))}",
    ]
    at_hand = [f"{name}{level}" for name, level in sorted(ready.items()) if level]
    fresh = [each for each in at_hand if each[-1] != "1"]
    found += [f"h {inside}{turn}{calls[-1:]}{','.join(at_hand)}", f"f {inside}{turn}{','.join(fresh)}"]
    if len(state.shown) == 1:
        found.append(f"s {'>'.join((inside, turn, *calls[-1:], *state.shown))}")
    return found


def bag(state: State) -> list[str]:
    """Words that the next call may depend on: of the last message and what it answered, or of the last result."""
    if state.inside:
        return []
    return state.said if state.events[-1:] == [USER] else [f"r:{each}" for each in state.shown]


class Names:
    """What is learned of names; `told` is what `json` gave."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self.labels: list[str] = list(told.get("labels", [RESPOND]))
        self.regression = Regression(told.get("regression"))
        self.words: dict[str, dict[str, int]] = {word: dict(each) for word, each in told.get("words", {}).items()}
        """Word -> label -> messages."""
        self.messages: dict[str, int] = dict(told.get("messages", {}))
        self.levels: dict[str, list[int]] = {name: list(each) for name, each in told.get("levels", {}).items()}
        """Label with how its arguments were at hand -> times it came, times it was so."""
        self.weights: dict[str, float] = dict(told.get("weights", {}))

    def json(self) -> dict[str, Any]:
        """For the store."""
        return {
            "labels": self.labels,
            "regression": self.regression.json(),
            "words": self.words,
            "messages": self.messages,
            "levels": self.levels,
            "weights": self.weights,
        }

    def foretold(self, state: State, ready: Mapping[str, int], votes: Mapping[str, float]) -> dict[str, float]:
        """The probability of each label. `votes` are the behaviour programs' shares."""
        inside = bool(state.inside)
        opinions = self._opinions(features(state, ready, votes), bag(state), ready, inside=inside)
        return dict(zip(self.labels, mixed(opinions, self.weights, FIRST), strict=True))

    def learn(self, seen: Observation) -> None:
        """Learns from one step."""
        if seen.label not in self.labels:
            self.labels.append(seen.label)
        found = [(str(name), float(value)) for name, value in seen.features]
        opinions = self._opinions(found, seen.words, seen.ready, inside=seen.inside)
        self.weights = reweighed(opinions, self.weights, self.labels.index(seen.label), FIRST)
        self.regression.learn(found, len(self.labels), self.labels.index(seen.label))
        self._count(seen.words, seen.label)
        for name in self.labels:
            pair = self.levels.setdefault(level_key(name, seen.ready, inside=seen.inside), [0, 0])
            pair[0] += name == seen.label
            pair[1] += 1

    def _count(self, said: Sequence[str], label: str) -> None:
        if not said:
            return
        self.messages[label] = self.messages.get(label, 0) + 1
        for word in dict.fromkeys(said):
            counts = self.words.pop(word, {})
            counts[label] = counts.get(label, 0) + 1
            self.words[word] = counts
        while len(self.words) > MOST_WORDS:
            del self.words[next(iter(self.words))]

    def _opinions(
        self, found: Sequence[Feature], said: Sequence[str], ready: Mapping[str, int], *, inside: bool
    ) -> list[Opinion]:
        kind = "inside" if inside else "words" if said else "bare"
        opinions: list[Opinion] = [
            (f"regression {kind}", self.regression.shares(found, len(self.labels))),
            ("levels", self._by_level(ready, inside=inside)),
        ]
        return [*opinions, self._by_words(said)] if said else opinions

    def _by_words(self, said: Sequence[str]) -> Opinion:
        """Naive Bayes over the words of the message, each counted for less, since words depend on each other."""
        every = sum(self.messages.values())
        found = [counts for word in dict.fromkeys(said) if sum((counts := self.words.get(word, {})).values()) > 1]
        place = {label: number for number, label in enumerate(self.labels)}
        scores = []
        for label in self.labels:
            times = self.messages.get(label, 0)
            scores.append(log((times + 0.3) / (every + 1)) + len(found) * WORD * log(2 / (times + 2)))
        for counts in found:
            share = 2 * (sum(counts.values()) + 0.5) / (every + 1)
            for label, times in counts.items():
                scores[place[label]] += WORD * log(1 + times / share)
        return f"words {min(every.bit_length(), 8)}", softmax(scores)

    def _by_level(self, ready: Mapping[str, int], *, inside: bool) -> list[float]:
        rates = []
        for label in self.labels:
            hit, n = self.levels.get(level_key(label, ready, inside=inside), (0, 0))
            rates.append((hit + 0.1) / (n + 1))
        total = sum(rates)
        return [rate / total for rate in rates]


def level_key(label: str, ready: Mapping[str, int], *, inside: bool) -> str:
    """A label with what is at hand for its arguments."""
    return f"{'i' if inside else ''}{ready.get(label, 0)} {label}"


def features(state: State, ready: Mapping[str, int], votes: Mapping[str, float]) -> list[Feature]:
    """What the regression looks at; a message's words count for the less, the more there are."""
    said = bag(state)
    each = 2.0 / (2 + len(said)) ** 0.5
    found = [("", 1.0), *((name, 1.0) for name in contexts(state, ready))]
    found += [(f"w {word}", each) for word in dict.fromkeys(said)]
    return found + [(f"v {label}", 2 * share) for label, share in votes.items()]
