"""A stream of bytes as blocks of whole lines or rows, in buffers that are used again and again.

A buffer fresh from the system costs more than what is read into it: every page of it is a fault.  So
buffers come from a small pool, and return to it by themselves, when nothing refers to them any more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import IO, TypeVar

import attrs
import numpy as np
import numpy.typing as npt

from provenance.ingest.kernels import find_line_ends

__all__ = ["BLOCK", "Block", "Buffers", "Cut", "read_blocks", "read_pieces"]

Piece = TypeVar("Piece")
Cut = Callable[[bytearray, int, bool], tuple[int, Sequence[Piece]]]

BLOCK = 1 << 20
"""Bytes of a block, unless a line is longer: in blocks of half the size threads wait for one another more
often, which takes a sixth more time; blocks of twice the size leave the second cache."""

#: Buffers that are kept: a block, its lines without texts, and its texts, for sixteen threads.
_POOLED = 48

#: Bytes that few lines fall below; where most do, a block is looked through twice.
_SHORT = 128

_PROBE = [bytearray()]
#: What ``sys.getrefcount`` says of an element of a list that nothing else refers to.
_ALONE = sys.getrefcount(_PROBE[0])


@attrs.frozen(kw_only=True, eq=False)
class Block:
    """Whole lines of a stream.

    Attributes:
        data: uint8, the lines.
        ends: int64[L]; line l is ``data[ends[l - 1]:ends[l]]``, line end included.  Only the last line
            of the stream may lack it.
        line: Number of the first line, from 1.
        start: Byte of the stream that the block begins at.
    """

    data: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.int64]
    line: int
    start: int


class Buffers:
    """A pool of buffers, safe to use from several threads.

    A buffer is free once nobody holds it, nor an array or a view over it.  Where the interpreter does
    not count references so exactly, no buffer is ever free, and each is a new one.

    Args:
        size: The least a buffer holds.
    """

    def __init__(self, size: int = BLOCK) -> None:
        self._size = size
        self._lock = Lock()
        self._pooled: list[bytearray] = []

    def take(self, size: int = 0) -> bytearray:
        """Return a buffer of at least `size` bytes, which hold anything."""
        with self._lock:
            for position, pooled in enumerate(map(len, self._pooled)):
                if pooled >= size and sys.getrefcount(self._pooled[position]) == _ALONE:
                    return self._pooled[position]
            buffer = bytearray(max(size, self._size))
            # One long line must not keep its memory for the rest of the run.
            if len(self._pooled) < _POOLED and len(buffer) <= 2 * self._size:
                self._pooled.append(buffer)
            return buffer


def read_pieces(
    stream: IO[bytes],
    buffers: Buffers,
    cut: Cut[Piece],
    *,
    failures: tuple[type[Exception], ...] = (OSError,),
) -> Iterator[Piece]:
    """Read a stream to its end, and cut it into pieces.

    Args:
        stream: Buffered and decompressed, as :func:`provenance.ingest.sources.open_source` gives it.
        buffers: Where the memory comes from.
        cut: Gets a buffer, how many bytes of it are filled, and whether nothing comes behind them;
            returns how many of them it has used up, and the pieces.  What it leaves comes again, with
            more behind it, and must not be left if nothing comes.
        failures: What reading may raise.  What can be cut from what was read before comes first; what
            there was of another piece is lost.

    Raises:
        Exception: One of `failures`.
    """
    buffer, filled = buffers.take(), 0
    failure: Exception | None = None
    reading = True
    while reading:
        try:
            # One read of the source at a time: a longer one would lose what came before a failure.
            taken = stream.readinto1(memoryview(buffer)[filled:])  # type: ignore[attr-defined]
        except failures as error:
            failure, taken = error, 0
        filled += taken
        reading = taken > 0
        if not filled or (reading and filled < len(buffer)):
            continue
        used, pieces = cut(buffer, filled, not (reading or failure))
        yield from pieces
        del pieces  # a piece that nobody wants any more gives its buffer back
        if reading:
            rest = filled - used
            following = buffers.take(2 * rest)
            following[:rest] = memoryview(buffer)[used:filled]
            buffer, filled = following, rest
    if failure:
        raise failure


def read_blocks(
    stream: IO[bytes], buffers: Buffers, *, failures: tuple[type[Exception], ...] = (OSError,)
) -> Iterator[Block]:
    """Read a stream as blocks of at least one line; see :func:`read_pieces`."""
    line, start = 1, 0

    def cut(buffer: bytearray, filled: int, last: bool) -> tuple[int, list[Block]]:
        nonlocal line, start
        used = filled if last else buffer.rfind(b"\n", 0, filled) + 1
        if not used:
            return 0, []
        block = _block(buffer, used, line, start)
        line += block.ends.size
        start += used
        return used, [block]

    return read_pieces(stream, buffers, cut, failures=failures)


def _block(buffer: bytearray, size: int, line: int, start: int) -> Block:
    data = np.frombuffer(buffer, np.uint8, size)
    ends = np.empty(size // _SHORT + 2, np.int64)
    found = find_line_ends(data, ends)
    if found + 1 > ends.size:
        ends = np.empty(found + 1, np.int64)
        find_line_ends(data, ends)
    if data[-1] != ord("\n"):
        ends[found] = size
        found += 1
    return Block(data=data, ends=ends[:found], line=line, start=start)
