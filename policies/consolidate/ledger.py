"""The ledger of a session: what was sent in place of what, so that it is sent again byte for byte.

It must not know why something is condensed, nor how its text is made.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple, Self

from policies.consolidate.asides import Inserted, kept
from policies.consolidate.seams import head
from proxy.conversation import EMPTY, Turn

MOST_BRANCHES = 3
"""Histories remembered for a session: a client may go back and take another way, or ask a side question."""


class Checkpoint(NamedTuple):
    """One text in the place of many turns."""

    start: int
    """Turns before this one are replaced, but for the instructions in front and `kept`."""
    cut: str
    """Strict digest (hex) of the turn before `start`: it belongs to this history and to no other."""
    kept: tuple[int, ...]
    """Turns before `start` that stay as they are, ascending."""
    text: str
    known: Mapping[str, Any]
    """What the next checkpoint is made from."""
    kept_tokens: int
    """Tokens of what is kept as it was."""
    text_tokens: int
    whole: int = 0
    """Tokens of all that stands before `start` in the client's own history, instructions aside."""
    since: int = 0
    """The first turn it replaces that the checkpoint before it did not."""
    made: str = ""
    """Id of the exchange it was made for."""
    moved: int = 0
    """Of `kept_tokens`, those that did not stand where they stand now: the provider's cache does not hold them."""

    @property
    def tokens(self) -> int:
        """Tokens of what stands before the tail, instructions aside."""
        return self.kept_tokens + self.text_tokens

    def belongs(self, turns: Sequence[Turn]) -> bool:
        """Whether these turns begin with the history it was made from."""
        return 0 < self.start < len(turns) and turns[self.start - 1].strict.hex() == self.cut


class Branch(NamedTuple):
    """One history of a session, as far as it was sent."""

    length: int = 0
    """Turns of its newest request."""
    last: str = ""
    """Strict digest (hex) of the last of them."""
    sizes: tuple[int, ...] = ()
    """Tokens of each turn from the checkpoint on, as sent; instructions count nothing."""
    whole: int = 0
    """Tokens of the client's own history, instructions aside."""
    small: Mapping[str, str] = EMPTY
    """Turns whose tool results are sent in fewer words: number to the beginning of its digest."""
    same: Mapping[str, str] = EMPTY
    """Of these results, those that stand as a reference to an equal one: its name to that of the other."""
    checkpoint: Checkpoint | None = None
    written: Mapping[str, Any] = EMPTY
    """The model's own state, from its newest reply that bore one; see `tagged`."""
    fork: str = ""
    """Tells its originals from those of the branch it left; empty for a session's first."""

    @property
    def start(self) -> int:
        """The first turn that is sent as it is."""
        return self.checkpoint.start if self.checkpoint else 0

    @property
    def tokens(self) -> int:
        """Tokens of the conversation as it is sent, without instructions and tools."""
        return sum(self.sizes) + (self.checkpoint.tokens if self.checkpoint else 0)

    def shows(self, place: int) -> bool:
        """Whether that turn is sent as it is, or in fewer words."""
        return place >= self.start or (self.checkpoint is not None and place in self.checkpoint.kept)

    def still(self, kept: Sequence[int], first: int) -> int:
        """How many of these turns, as the beginning of the next prompt, stand there already, behind `first` turns of
        instructions."""
        stood = self.checkpoint.kept if self.checkpoint else range(first, self.length)
        same = takewhile(
            lambda pair: pair[0] == pair[1] and str(pair[0]) not in self.small, zip(stood, kept, strict=False)
        )
        return sum(1 for _ in same)

    def goes_on(self, turns: Sequence[Turn]) -> bool:
        """Whether these turns are its own and perhaps more."""
        return 0 < self.length <= len(turns) and turns[self.length - 1].strict.hex() == self.last

    def grown(
        self, turns: Sequence[Turn], size: Callable[[int], int], plain: Callable[[int], int] | None = None
    ) -> Self:
        """The branch with these turns in it. `size` gives a turn's tokens by its number, `plain` those of its original;
        asked for what is new, and when they go another way for all from the checkpoint on."""
        goes_on = self.goes_on(turns)
        known, whole = (self.sizes, self.whole) if goes_on else ((), self.checkpoint.whole if self.checkpoint else 0)
        first = max(self.start + len(known), head(turns))
        places = range(first, len(turns))
        added = (*(0 for _ in range(self.start + len(known), first)), *map(size, places))
        whole += sum(map(plain, places)) if plain else sum(added)
        return self._replace(
            length=len(turns),
            last=turns[-1].strict.hex(),
            sizes=(*known, *added),
            whole=whole,
        )

    def condensed(self, checkpoint: Checkpoint) -> Self:
        """The branch after an event."""
        return self._replace(
            sizes=self.sizes[checkpoint.start - self.start :],
            small={place: digest for place, digest in self.small.items() if int(place) >= checkpoint.start},
            checkpoint=checkpoint,
        )


class Ledger(NamedTuple):
    """What is remembered of a session."""

    branches: tuple[Branch, ...] = ()
    """Used last first."""
    at: float = 0.0
    """Epoch seconds of the newest request."""
    rests: bool = False
    """A provider refused what was sent: nothing more is changed in this session."""
    purse: Mapping[str, Any] = EMPTY
    """The session's money; see `purse`."""
    maker: Mapping[str, Any] = EMPTY
    """The checkpoint that a model makes ahead; see `prepared`."""
    tool: str = ""
    """Name of the tool that every request of the session offers; empty: none does."""
    asides: tuple[Inserted, ...] = ()
    """Calls of that tool, oldest first, in whichever branch they were said."""

    def branch(self, turns: Sequence[Turn]) -> Branch | None:
        """The branch these turns go on with, or fork from behind its checkpoint; None: they go in full."""
        own = [branch for branch in self.branches if branch.goes_on(turns)]
        if own:
            return max(own, key=lambda branch: branch.length)
        shared = [branch for branch in self.branches if branch.checkpoint and branch.checkpoint.belongs(turns)]
        return max(shared, key=lambda branch: branch.start) if shared else None

    def then(self, replaced: Branch | None, after: Branch, at: float) -> Self:
        """The ledger with `after` in the place of the branch it grew from (None: it forked, or is new)."""
        others = (branch for branch in self.branches if branch is not replaced)
        return self._replace(branches=(after, *others)[:MOST_BRANCHES], at=at)

    def of(self, turns: Sequence[Turn]) -> dict[int, Inserted]:
        """The asides that were said in this history, by their places."""
        return {one.place: one for one in self.asides if one.belongs(turns)}

    def with_aside(self, new: Inserted | None) -> Self:
        """The ledger with one more aside. Those that every branch has condensed away are forgotten."""
        least = min((branch.start for branch in self.branches), default=0)
        pinned = {place for branch in self.branches if branch.checkpoint for place in branch.checkpoint.kept}
        still = [one for one in self.asides if one.place >= least or one.place in pinned]
        return self._replace(asides=kept(still, new))

    def memory(self) -> dict[str, Any]:
        """As the store keeps it."""
        beside = {"tool": self.tool, "asides": [one._asdict() for one in self.asides]} if self.tool else {}
        return {
            "branches": [_plain(branch) for branch in self.branches],
            "at": self.at,
            "rests": self.rests,
            "purse": dict(self.purse),
            "maker": dict(self.maker),
            **beside,
        }


def recall(memory: object) -> Ledger:
    """The ledger in a session's memory; a blank one where there is none or it is not ours."""
    if not isinstance(memory, Mapping):
        return Ledger()
    try:
        branches = tuple(_branch(each) for each in memory.get("branches", ()))
        asides = tuple(Inserted(**{**one, "shown": tuple(one["shown"])}) for one in memory.get("asides", ()))
        tool = str(memory.get("tool", ""))
        return Ledger(
            branches,
            float(memory["at"]),
            bool(memory["rests"]),
            memory["purse"],
            memory.get("maker", EMPTY),
            tool,
            asides,
        )
    except (KeyError, TypeError, ValueError):
        return Ledger()


def mark(turn: Turn) -> str:
    """The beginning of a turn's digest: enough to tell turns of one number apart."""
    return turn.strict.hex()[:8]


def agrees(turns: Sequence[Turn], place: str, digest: str) -> bool:
    """Whether the turn of that number is still the one that was marked."""
    return int(place) < len(turns) and mark(turns[int(place)]) == digest


def _plain(branch: Branch) -> dict[str, Any]:
    same, own = dict(branch.same), dict(branch.written)
    fields = branch._asdict() | {"small": dict(branch.small), "same": same, "written": own}
    if branch.checkpoint:
        fields["checkpoint"] = branch.checkpoint._asdict()
    return fields


def _branch(fields: Mapping[str, Any]) -> Branch:
    made, point = Branch(**fields), fields.get("checkpoint")
    return made._replace(sizes=tuple(made.sizes), checkpoint=checkpoint_of(point) if point else None)


def checkpoint_of(fields: Mapping[str, Any]) -> Checkpoint:
    """A checkpoint as the store kept it. Raises `KeyError` or `TypeError` for anything else."""
    return Checkpoint(**{**fields, "kept": tuple(fields["kept"])})
