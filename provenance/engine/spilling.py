"""Arrays that grow on disk and are read as if they lay in memory.

The sketches of a corpus are written once, from front to back, and a part of them is read once.  A
temporary file is right for that: writing it costs what copying it in memory does, the system keeps of
it what there is room for, and a process that is killed leaves nothing, because the file has no name
(on Linux; elsewhere it is removed when the process ends well).

Limits: the folder for temporary files (``TMPDIR``) needs room.
"""

from __future__ import annotations

import mmap
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.closing import Closing

__all__ = ["Spill"]


class Spill(Closing):
    """Rows of one shape and type, appended first and viewed then.

    Args:
        dtype: Of the elements.
        shape: Of a row; ``()`` where a row is one element.
    """

    def __init__(self, dtype: type[np.generic], shape: tuple[int, ...] = ()) -> None:
        self._dtype = np.dtype(dtype)
        self._shape = shape
        # Unbuffered: what comes is large already.
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - closed by close()
        self._map: mmap.mmap | None = None
        self._bytes = 0

    def append(self, rows: NDArray[Any]) -> None:
        """Write rows behind those that are there.

        Raises:
            OSError: The disk is full.
        """
        left = np.ascontiguousarray(rows, self._dtype).reshape(-1).view(np.uint8).data
        self._bytes += len(left)
        while len(left):
            left = left[self._file.write(left) :]

    def view(self) -> NDArray[Any]:
        """Return all rows, read-only, from the file; the view must not outlive the spill."""
        if not self._bytes:
            return np.empty((0, *self._shape), self._dtype)
        if self._map is None or len(self._map) != self._bytes:
            self._map = mmap.mmap(self._file.fileno(), self._bytes, access=mmap.ACCESS_READ)
        return np.frombuffer(self._map, self._dtype).reshape(-1, *self._shape)

    def forget(self) -> None:
        """Let go of the memory that viewing took; what is viewed again is read again."""
        if self._map is not None and hasattr(self._map, "madvise"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Give the file back to the system."""
        self._map = None  # unmapped with the last view of it
        self._file.close()
