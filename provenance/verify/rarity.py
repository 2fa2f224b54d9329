"""In how many texts a shingle stands, when texts come one by one and never end.

:func:`provenance.verify.overlap.measure_spread` counts a whole batch.  Here counts are kept for the
recent past only: what is a formula this month tells, what was one ten years ago does not, and in an
archive of millions every three words in a row stand somewhere else.  Two generations of counters take
turns; when the younger one has counted enough, the older one is forgotten.  Together they remember the
last 30,000 articles of news or so, at least.

As in a batch, copies of one text count once: what a whole copy has in common with an earlier one is not
counted again.

Limits: counters are shared by shingles that agree in their low bits, so that among full generations one
shingle in two looks more common by one text.  Weights begin to fall at the fifth.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, uint8, uint32, uint64, void
from numpy.typing import NDArray

from provenance.text.kernels import readonly

__all__ = ["Rarity", "mark_known"]

#: Counters of a generation: 16 MB, so that a tracker stays small.
_COUNTERS = 1 << 24

#: Share of the counters that a generation may have counted.  A batch counts as sparsely.
_LOAD = 0.5

_SHINGLES = readonly(uint32)
_OFFSETS = readonly(int64)
_BYTES = readonly(uint8)


@njit(int64(_SHINGLES, _OFFSETS, _BYTES, uint8[::1]), nogil=True, cache=True)
def _count(shingles, offsets, skipped, counters):  # type: ignore[no-untyped-def]
    """Count every shingle of a document once, unless skipped; return how many were counted."""
    slots = uint64(counters.size - 1)
    size = 1 << 12
    table = np.zeros(size, np.uint32)
    stamps = np.zeros(size, np.int32)
    counted = 0
    for document in range(offsets.size - 1):
        start, stop = offsets[document], offsets[document + 1]
        while size < 4 * (stop - start):
            size <<= 1
            table = np.zeros(size, np.uint32)
            stamps = np.zeros(size, np.int32)
        mask = uint64(size - 1)
        stamp = document + 1
        for at in range(start, stop):
            if skipped[at]:
                continue
            slot = uint64(shingles[at]) & mask
            while stamps[slot] == stamp and table[slot] != shingles[at]:
                slot = (slot + uint64(1)) & mask
            if stamps[slot] == stamp:
                continue
            stamps[slot] = stamp
            table[slot] = shingles[at]
            counter = uint64(shingles[at]) & slots
            counted += 1
            if counters[counter] < 255:
                counters[counter] += 1
    return counted


@njit(void(_SHINGLES, _BYTES, _BYTES, uint8[::1]), nogil=True, cache=True)
def _read(shingles, younger, older, spread):  # type: ignore[no-untyped-def]
    slots = uint64(younger.size - 1)
    for at in range(shingles.size):
        counter = uint64(shingles[at]) & slots
        spread[at] = min(255, int64(younger[counter]) + int64(older[counter]))


@njit(
    void(_SHINGLES, int64, int64, _SHINGLES, int64, int64, uint8[::1]),
    nogil=True,
    cache=True,
)
def _mark(shingles, start, stop, known, begin, end, skipped):  # type: ignore[no-untyped-def]
    size = 1 << 12
    while size < 4 * (end - begin):
        size <<= 1
    table = np.zeros(size, np.uint32)
    mask = uint64(size - 1)
    for at in range(begin, end):
        slot = uint64(known[at]) & mask
        while table[slot] != 0 and table[slot] != known[at]:
            slot = (slot + uint64(1)) & mask
        table[slot] = known[at]
    for at in range(start, stop):
        slot = uint64(shingles[at]) & mask
        while table[slot] != 0 and table[slot] != shingles[at]:
            slot = (slot + uint64(1)) & mask
        if table[slot] == shingles[at]:
            skipped[at] = 1


def mark_known(
    shingles: NDArray[np.uint32],
    own: tuple[int, int],
    known: NDArray[np.uint32],
    other: tuple[int, int],
    skipped: NDArray[np.uint8],
) -> None:
    """Set `skipped` to 1 for the shingles of one text that another text has, too.

    Args:
        shingles: Of some texts.
        own: Where those of the text begin and end.
        known: Of other texts.
        other: Where those of the other text begin and end.
        skipped: uint8, as long as `shingles`.
    """
    _mark(shingles, *own, known, *other, skipped)


class Rarity:
    """Counts of shingles over the recent past.

    Attributes:
        reach: What the caller wants to remember of how far it has counted.
    """

    def __init__(self, counters: int = _COUNTERS) -> None:
        self.reach = 0
        self._counted = 0
        self._younger = np.zeros(counters, np.uint8)
        self._older = np.zeros(counters, np.uint8)

    def count(
        self,
        shingles: NDArray[np.uint32],
        offsets: NDArray[np.int64],
        skipped: NDArray[np.uint8] | None = None,
    ) -> None:
        """Count the shingles of documents, each once a document.

        Args:
            shingles: Of all documents.
            offsets: int64[N + 1], where each document's shingles begin.
            skipped: uint8, as long as `shingles`; 1 for what is not to be counted.
        """
        if skipped is None:
            skipped = np.zeros(shingles.size, np.uint8)
        self._counted += _count(shingles, offsets, skipped, self._younger)
        if self._counted > _LOAD * self._younger.size:
            self._younger, self._older = self._older, self._younger
            self._younger[:] = 0
            self._counted = 0

    def spread(self, shingles: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Return for each shingle how many texts hold it, 255 for more."""
        spread = np.empty(shingles.size, np.uint8)
        _read(shingles, self._younger, self._older, spread)
        return spread

    def to_bytes(self) -> bytes:
        """Return all of it; where few counters have counted, only those."""
        both = np.concatenate([self._younger, self._older])
        used = np.flatnonzero(both).astype("<u4")
        sparse = used.size * 5 < both.size  # four bytes for the place, one for the count
        head = np.array([self.reach, self._counted, both.size, used.size if sparse else -1], "<i8")
        body = used.tobytes() + both[used].tobytes() if sparse else both.tobytes()
        return head.tobytes() + body

    @classmethod
    def from_bytes(cls, state: bytes) -> Rarity:
        """Return what was written."""
        rarity = cls(0)
        reach, counted, size, used = np.frombuffer(state[:32], "<i8").tolist()
        rarity.reach, rarity._counted = reach, counted
        if used < 0:
            both = np.frombuffer(state, np.uint8, offset=32).copy()
        else:
            both = np.zeros(size, np.uint8)
            places = np.frombuffer(state, "<u4", count=used, offset=32)
            both[places] = np.frombuffer(state, np.uint8, offset=32 + 4 * used)
        rarity._younger, rarity._older = both[: size // 2].copy(), both[size // 2 :].copy()
        return rarity
