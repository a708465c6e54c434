"""The state that a model writes between two tags: taken out of a text that comes in pieces, cut anywhere.

It must not know wire forms or events.
"""

OPEN, CLOSE = "<working_state>", "</working_state>"


class Tags:
    """One text on its way. What could still become a tag is held, and an open block until it closes; the rest goes on
    at once. However the text was cut, what is shown is the same."""

    __slots__ = ("_held", "_inside", "_searched", "opened", "shown", "states")

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._searched = 0
        self.opened = 0
        """Blocks that have begun."""
        self.shown = False
        """Whether anything was shown."""
        self.states: list[str] = []
        """What stood between tags, in order."""

    @property
    def held(self) -> str:
        """What was taken and is not yet decided."""
        return self._held

    def feed(self, piece: str) -> str:
        """The next piece; what is to be shown now."""
        self._held += piece
        return "".join(self._decided())

    def end(self) -> str:
        """The text is over: what was held is shown as it is, an open block too."""
        rest, self._held, self._inside = self._held, "", False
        self.shown = self.shown or bool(rest)
        return rest

    def _decided(self) -> list[str]:
        out: list[str] = []
        while self._held:
            if self._inside:
                at = self._held.find(CLOSE, self._searched)
                if at < 0:
                    self._searched = max(len(OPEN), len(self._held) - len(CLOSE) + 1)
                    break
                self.states.append(self._held[len(OPEN) : at].strip())
                self._held, self._inside = self._held[at + len(CLOSE) :], False
                continue
            at = self._held.find(OPEN)
            self._inside, self._searched = at >= 0, len(OPEN)
            self.opened += self._inside
            at = len(self._held) - begun(self._held) if at < 0 else at
            out.append(self._visible(self._held[:at]))
            self._held = self._held[at:]
            if not self._inside:
                break
        return out

    def _visible(self, text: str) -> str:
        """Blanks between a block and the words after it belong to the block, where nothing was said before it."""
        if self.states and not self.shown:
            text = text.lstrip()
        self.shown = self.shown or bool(text)
        return text


def begun(text: str) -> int:
    """How many characters at the end of a text could be the beginning of an opening tag."""
    at = text.rfind("<", -len(OPEN) + 1)
    return len(text) - at if at >= 0 and OPEN.startswith(text[at:]) else 0


def stripped(text: str) -> str:
    """A whole text without its blocks."""
    tags = Tags()
    return tags.feed(text) + tags.end()
