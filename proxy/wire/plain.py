"""Everything that is relayed unread: files, audio, images, lists, whatever comes tomorrow.

It must not look into a body.
"""

from proxy.wire import Asides, Body, Outcome, errors


class Plain:
    """Any other path, any other method."""

    name = "plain"
    asides: Asides | None = None

    def read(self, body: bytes) -> Body:
        """Nothing is read, so nothing can be malformed."""
        return Body()

    def fold(self, body: bytes, *, events: bool) -> Outcome:
        """Nothing is read; no end was promised, so the reply is whole."""
        return Outcome()

    def ends(self, tail: bytes) -> bool:
        """Never: the end of the body ends it."""
        return False

    def failure(self, message: str, *, code: str, status: int) -> bytes:
        """See `Form.failure`."""
        return errors.failure(message, code=code, status=status)

    def stream_failure(self, message: str, *, code: str) -> bytes:
        """See `Form.stream_failure`."""
        return errors.stream_failure(message, code=code)
