"""Ranges of bytes of a file, from front to back: read in large pieces, and written in large pieces."""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError

__all__ = ["merge_ranges", "read_ranges", "writing_behind"]

Numbers = NDArray[np.int64]

#: Bytes read at once: large enough that calls do not count, small enough to stay in the last cache.
_ROOM = 1 << 20

#: Pieces that may wait to be written.
_BEHIND = 4

#: Bytes that are handed to the disk at once.
_FLUSHED = 1 << 24


def merge_ranges(starts: Numbers, stops: Numbers) -> tuple[Numbers, Numbers]:
    """Join ranges that touch; ascending, disjoint and not empty in number."""
    apart = starts[1:] != stops[:-1]
    edge = np.ones(1, np.bool_)
    return starts[np.concatenate([edge, apart])], stops[np.concatenate([apart, edge])]


def read_ranges(
    stream: IO[bytes], starts: Numbers, stops: Numbers, name: str
) -> Iterator[list[memoryview]]:
    """Yield the bytes of ranges, as many at a time as lie close together.

    Args:
        stream: At its beginning; need not be seekable.
        starts: Where the ranges begin, ascending.
        stops: Where they end, none behind the beginning of the next.
        name: Of the stream, for the error.

    Yields:
        A view for each range, valid until the next ones are asked for.

    Raises:
        InputError: The stream ends too early.
    """
    buffer = bytearray(_ROOM)
    position, done = 0, 0
    while done < starts.size:
        begin = int(starts[done])
        upto = max(done + 1, int(np.searchsorted(stops, begin + _ROOM, side="right")))
        size = int(stops[upto - 1]) - begin
        if size > len(buffer):
            buffer = bytearray(size)
        view = memoryview(buffer)[:size]
        if not (_skip(stream, begin - position) and _fill(stream, view)):
            reason = "the file changed while it was read"
            raise InputError(reason, source=name)
        yield [
            view[start:stop]
            for start, stop in zip(
                (starts[done:upto] - begin).tolist(),
                (stops[done:upto] - begin).tolist(),
                strict=True,
            )
        ]
        position, done = begin + size, upto


@contextmanager
def writing_behind(stream: IO[bytes]) -> Iterator[Callable[[bytes], object]]:
    """Give a function that writes to `stream` in a thread, so that reading goes on meanwhile.

    A file is flushed to the disk piece by piece in another thread: all of it must be there in the end,
    and the last flush would have to wait for it while nothing else is left to do.
    """
    plain = isinstance(stream, io.BufferedWriter) and not stream.isatty()
    with ThreadPoolExecutor(1) as disk, ThreadPoolExecutor(1) as writer:
        flush: Future[None] = disk.submit(lambda: None)
        unflushed = 0

        def put(data: bytes) -> None:
            nonlocal flush, unflushed
            stream.write(data)
            unflushed += len(data)
            if plain and unflushed >= _FLUSHED and flush.done():
                stream.flush()
                flush, unflushed = disk.submit(_to_disk, stream.fileno()), 0

        waiting: deque[Future[None]] = deque()

        def write(data: bytes) -> None:
            waiting.append(writer.submit(put, data))
            if len(waiting) > _BEHIND:
                waiting.popleft().result()

        yield write
        while waiting:
            waiting.popleft().result()


def _to_disk(descriptor: int) -> None:
    # What goes wrong here, on a pipe or a failing disk, goes wrong again where it is seen.
    with suppress(OSError):
        os.fsync(descriptor)


def _skip(stream: IO[bytes], size: int) -> bool:
    if size and stream.seekable():
        stream.seek(size, 1)
        return True
    while size:
        skipped = len(stream.read(min(size, _ROOM)))
        if not skipped:
            return False
        size -= skipped
    return True


def _fill(stream: Any, view: memoryview) -> bool:
    while view:
        # One read of the file at a time: a longer one would lose what stands before a damaged place.
        count = stream.readinto1(view)
        if not count:
            return False
        view = view[count:]
    return True
