"""Lines: taken at once, written by a thread, in order.

It must not know what they say.
"""

import os
import threading

from proxy.telemetry.lines import Lines


def test_lines_arrive_in_order() -> None:
    """Many threads put lines; each one's lines stand in its own order, and none is lost."""
    written: list[bytes] = []
    lines = Lines(written.append, lambda count: b"%d\n" % count)

    def speak(who: int) -> None:
        for number in range(2_000):
            lines.put(b"%d %d\n" % (who, number))

    speakers = [threading.Thread(target=speak, args=(who,)) for who in range(4)]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join()
    lines.flush()
    spoken = b"".join(written).split()
    for who in range(4):
        numbers = [
            int(number) for speaker, number in zip(spoken[::2], spoken[1::2], strict=True) if int(speaker) == who
        ]
        assert numbers == list(range(2_000))


def test_a_line_leaves_without_being_asked() -> None:
    """Nobody calls `flush`; the line comes all the same."""
    arrived = threading.Event()
    lines = Lines(lambda _text: arrived.set(), lambda _count: b"")
    lines.put(b"here\n")
    assert arrived.wait(30)


def test_a_reader_that_does_not_read_stops_nobody() -> None:
    """The stream blocks; lines are taken, up to a bound, and afterwards the number of the lost ones is told."""
    reads, writes = os.pipe()
    lines = Lines(lambda text: os.write(writes, text), lambda count: b"lost %d\n" % count)
    for _ in range(40):
        lines.put(b"x" * 999_999 + b"\n")
    drained = _drain(reads, b"lost ")
    os.close(writes)
    os.close(reads)
    kept = drained.count(b"x\n")
    assert 16 <= kept < 40
    assert b"lost %d\n" % (40 - kept) in drained


def _drain(reads: int, until: bytes) -> bytes:
    """All that comes through the pipe up to a line that begins so."""
    text = bytearray()
    while until not in text[-100:]:
        text += os.read(reads, 1 << 20)
    return bytes(text)


def test_a_stream_that_is_gone_raises_nothing() -> None:
    """A closed stderr costs the line, not the request."""
    reads, writes = os.pipe()
    os.close(reads)
    lines = Lines(lambda text: os.write(writes, text), lambda _count: b"")
    lines.put(b"here\n")
    lines.flush()
    os.close(writes)
