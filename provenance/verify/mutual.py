"""How much of each of two texts stands in the other: all that tells whole copies from the rest.

A module of its own, because whoever removes copies needs nothing else of verification, and a kernel is
compiled when its module is imported for the first time.
"""

from __future__ import annotations

import numpy as np
from numba import float64, int64, njit, types, uint32, uint64, void
from numpy.typing import NDArray

from provenance.text.kernels import readonly

__all__ = ["measure_mutual"]

_SHINGLES = readonly(uint32)
_OFFSETS = readonly(int64)
_PAIRS = types.Array(uint32, 2, "C", readonly=True)

#: Slots of a hash table a shingle: at a load of a quarter, a probe rarely meets a neighbor.
_SPARSE = 4

#: Smallest table; 32 KB of keys and stamps stay in the nearest cache.
_TABLE = 1 << 12

#: Stamps are 32 bits and grow by one a pair; tables are cleared before they run over.
_LAST_STAMP = 1 << 30


@njit
def _fill(shingles, start, stop, table, stamps, stamp):  # type: ignore[no-untyped-def]
    """Put shingles into a table; return how many different ones there are."""
    mask = uint64(table.size - 1)
    distinct = 0
    for at in range(start, stop):
        slot = uint64(shingles[at]) & mask
        while stamps[slot] >= stamp and table[slot] != shingles[at]:
            slot = (slot + uint64(1)) & mask
        if stamps[slot] < stamp:
            stamps[slot] = stamp
            table[slot] = shingles[at]
            distinct += 1
    return distinct


@njit
def _equal(shingles, a, b, size):  # type: ignore[no-untyped-def]
    """Whether `size` shingles from `a` are those from `b`; most texts differ at once or not at all."""
    for step in range(size):  # noqa: SIM110
        if shingles[a + step] != shingles[b + step]:
            return False
    return True


@njit(void(_PAIRS, _SHINGLES, _OFFSETS, float64[::1]), nogil=True, cache=True)
def _share_larger(pairs, shingles, offsets, shares):  # type: ignore[no-untyped-def]
    """Measure what the two documents of each pair share, against the one with more shingles, on sets.

    Two documents with the same shingles in the same order, as most copies are, need no table.

    Args:
        pairs: Document numbers; sorted by the first column is fastest.
        shingles: All shingles.
        offsets: Where each document's shingles begin.
        shares: Set to shared over the different shingles of the larger set; 0 if both are empty.
    """
    size = _TABLE
    table = np.zeros(size, np.uint32)
    stamps = np.zeros(size, np.int32)
    own_table = np.zeros(size, np.uint32)
    own_stamps = np.zeros(size, np.int32)
    stamp = 0
    base = 0
    held = -1
    distinct = 0
    for position in range(pairs.shape[0]):
        a = int64(pairs[position, 0])
        b = int64(pairs[position, 1])
        start = offsets[a]
        stop = offsets[a + 1]
        first = offsets[b]
        last = offsets[b + 1]
        if stop - start == last - first and _equal(shingles, start, first, stop - start):
            shares[position] = 1.0 if stop > start else 0.0
            continue
        longest = max(stop - start, last - first)
        if size < _SPARSE * longest or stamp >= _LAST_STAMP:
            while size < _SPARSE * longest:
                size <<= 1
            table = np.zeros(size, np.uint32)
            stamps = np.zeros(size, np.int32)
            own_table = np.zeros(size, np.uint32)
            own_stamps = np.zeros(size, np.int32)
            stamp = 0
            held = -1
        if a != held:
            held = a
            stamp += 1
            base = stamp
            distinct = _fill(shingles, start, stop, table, stamps, stamp)
        stamp += 1
        mask = uint64(size - 1)
        common = 0
        for at in range(first, last):
            slot = uint64(shingles[at]) & mask
            while stamps[slot] >= base and table[slot] != shingles[at]:
                slot = (slot + uint64(1)) & mask
            if stamps[slot] >= base and stamps[slot] != stamp:
                stamps[slot] = stamp
                common += 1
        larger = max(distinct, _fill(shingles, first, last, own_table, own_stamps, stamp))
        shares[position] = common / larger if larger else 0.0


def measure_mutual(
    pairs: NDArray[np.uint32], shingles: NDArray[np.uint32], offsets: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the smaller containment of each pair: the share of each text that the other one has too.

    All that is needed to tell whole copies, at a third of the cost of
    :func:`provenance.verify.overlap.measure_pairs`, and only the documents of a pair are touched.

    Args:
        pairs: ``uint32[P, 2]`` document numbers; sorted by the first column is fastest.
        shingles: uint32, those of all documents.
        offsets: int64[N + 1], where each document's shingles begin.

    Returns:
        float64[P]; equal to ``min(containment_a, containment_b)`` of
            :class:`provenance.verify.overlap.Measures`.
    """
    shares = np.empty(len(pairs), dtype=np.float64)
    _share_larger(np.ascontiguousarray(pairs, dtype=np.uint32), shingles, offsets, shares)
    return shares
