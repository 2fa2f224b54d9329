"""Which identifiers were read before, in as little memory as that takes.

A table of digests, 16 bytes each, three eighths to three quarters full: 21 to 43 bytes a name,
where a set of strings takes some 150.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xxhash

from provenance.ingest.kernels import take_digests

__all__ = ["TakenNames"]


class TakenNames:
    """A set of names that only grows."""

    def __init__(self) -> None:
        self._table = np.zeros((1 << 12, 2), np.uint64)
        self._count = 0

    def take(self, names: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Take names, one after the other.

        Returns:
            bool[N], true where the name had not been taken.
        """
        # 127 bits: among 10**9 names the chance that two share a digest is below 10**-19.
        joined = b"".join(
            [xxhash.xxh3_128_digest(name.encode("utf-8", "surrogatepass")) for name in names]
        )
        digests = np.frombuffer(joined, np.uint64).reshape(-1, 2) | np.array([0, 1], np.uint64)
        fresh = np.empty(len(names), np.bool_)
        while 4 * (self._count + len(names)) > 3 * len(self._table):
            self._grow()
        take_digests(digests, self._table, fresh)
        self._count += int(fresh.sum())
        return fresh

    def _grow(self) -> None:
        grown = np.zeros((2 * len(self._table), 2), np.uint64)
        step = 1 << 16  # what is moved at once, so that little more than the two tables is held
        for start in range(0, len(self._table), step):
            part = self._table[start : start + step]
            part = part[part[:, 1] != 0]
            take_digests(part, grown, np.empty(len(part), np.bool_))
        self._table = grown
