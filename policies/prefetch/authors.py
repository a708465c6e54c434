"""When a model is asked for behaviour programs: after some sessions, and again when those there are grow worse.

It must not know how a model is asked, nor what it writes. One session of all is given the turn, so that a crowd of them
does not ask at once; whoever folds the lesson gives it.
"""

from typing import NamedTuple, Self

FIRST = 10
"""Sessions that are seen before a model is asked at all."""
PACE_S = 3_600.0
"""Seconds between two askings, at least; twice as long each time that nothing came of it."""
LONGEST_S = 86_400.0
TURN_S = 60.0
"""Seconds for which a session has its turn: one that has ended does not use it."""
SETTLED = 100
"""Steps after which it is known how often the programs are right."""
SLACK, DRIFT = 0.1, 10.0
"""CUSUM (Page 1954): a share of right steps that is lower by so much goes unnoticed; what is beyond that adds up to the
second number before it is a drift, say 50 steps of which 30 % fewer are right."""
ONWARD = 0.01
"""How fast what is usual follows what comes."""


class Author(NamedTuple):
    """How things stand for one agent; JSON-able."""

    sessions: int = 0
    """Seen since a model was asked last."""
    latest: str = ""
    """The one that was counted last."""
    asked: float = 0.0
    """When; epoch seconds, 0 for never."""
    wait_s: float = PACE_S
    turn: str = ""
    """The session that may ask."""
    turn_at: float = 0.0
    steps: int = 0
    usual: float = 0.0
    """Share of belief that lay in programs that were right."""
    worse: float = 0.0
    """How far it has been below that."""

    @classmethod
    def read(cls, told: object) -> Self:
        """What `list(author)` became after JSON; of anything else, nothing."""
        if not isinstance(told, list) or len(told) != len(cls._fields):
            return cls()
        return cls(*told)

    def due(self, now: float) -> bool:
        """Whether a model is to be asked now."""
        if not self.asked:
            return self.sessions >= FIRST
        return now - self.asked >= self.wait_s and (self.worse > DRIFT or self.wait_s > PACE_S)

    def heard(self, session: str, now: float) -> Self:
        """A session goes on: if a model is to be asked, and nobody has the turn, it gets it."""
        if not self.due(now) or now - self.turn_at < TURN_S:
            return self
        return self._replace(turn=session, turn_at=now)

    def may_ask(self, session: str, now: float) -> bool:
        """Whether this session has the turn."""
        return self.turn == session and now - self.turn_at < TURN_S and self.due(now)

    def ended(self, session: str) -> Self:
        """A session has come to a reply to its user."""
        return self if session == self.latest else self._replace(sessions=self.sessions + 1, latest=session)

    def judged(self, right: float) -> Self:
        """A step of which the programs said something: the share of belief in those that were right."""
        steps = self.steps + 1
        if steps <= SETTLED:
            return self._replace(steps=steps, usual=self.usual + (right - self.usual) / steps)
        worse = max(0.0, self.worse + self.usual - right - SLACK)
        return self._replace(steps=steps, worse=worse, usual=self.usual + ONWARD * (right - self.usual))

    def has_asked(self, now: float) -> Self:
        """Its turn was used."""
        wait = PACE_S if not self.asked else self.wait_s
        return self._replace(asked=now, turn="", sessions=0, steps=0, usual=0.0, worse=0.0, wait_s=wait)

    def got(self, programs: int) -> Self:
        """So many programs joined."""
        return self._replace(wait_s=PACE_S if programs else min(LONGEST_S, 2 * self.wait_s))
