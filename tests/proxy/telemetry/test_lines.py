"""Lines: taken at once, written by a thread, in order.

It must not know what they say.
"""

import os
import re
import select
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
    kept = _drain(reads, 40)
    os.close(writes)
    os.close(reads)
    assert 16 <= kept < 40


def _drain(reads: int, said: int) -> int:
    """Reads until each line that was said has come or is told as lost; how many came."""
    borders = b""
    while True:
        kept = sum(1 for line in borders.split(b"\n")[:-1] if not line)
        if kept + sum(map(int, re.findall(rb"lost (\d+)\n", borders))) == said:
            return kept
        assert select.select([reads], [], [], 30)[0], "lines were lost without a word"
        borders += os.read(reads, 1 << 20).replace(b"x", b"")


def test_a_stream_that_is_gone_raises_nothing() -> None:
    """A closed stderr costs the line, not the request."""
    reads, writes = os.pipe()
    os.close(reads)
    lines = Lines(lambda text: os.write(writes, text), lambda _count: b"")
    lines.put(b"here\n")
    lines.flush()
    os.close(writes)
