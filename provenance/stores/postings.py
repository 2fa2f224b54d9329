"""Entries in memory: sorted arrays, joined by twos as they grow.

What came last is not on disk in sorted form yet.  An array is joined with the one before it as soon as
that is not much larger, so that there are few of them however small the batches, and each entry is
copied a few times only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from provenance.stores import kernels
from provenance.stores.contract import FEW, FULL, Entries, Found

__all__ = [
    "LOCAL_LIMIT",
    "Postings",
    "find_all",
    "find_in_memory",
    "joined",
    "marks_of",
    "numbered",
    "packed_entries",
]

Words = NDArray[np.uint64]

#: Documents of one array of entries: what 24 bits can number.
LOCAL_LIMIT = 1 << 24

#: Answers that are fetched at once.
_ROOM = 1 << 14

#: Bits of the filter for each key in it.
_MARK_BITS = 8

#: Where the family begins, and the next one.  Most probes are of it, and most of those are not there.
_WHOLE_FAMILY = np.array([2 << 61, 3 << 61], np.uint64)

_NO_WORDS = np.empty(0, np.uint64)
_NO_BITS = np.empty(0, np.uint8)


def packed_entries(entries: Entries) -> Words:
    """Return the entries of documents, sorted, the documents numbered from 0."""
    local = np.arange(entries.offsets.size - 1, dtype=np.uint64)
    packed: Words = entries.keys | np.repeat(local, np.diff(entries.offsets))
    packed.sort()
    return packed


def numbered(probes: Words) -> Words:
    """Return probes sorted, each with its place where the zeros were.

    Sorted, they are looked up by going through the entries once, from front to back.
    """
    if probes.size > LOCAL_LIMIT:
        msg = f"{probes.size:,} probes at once; at most {LOCAL_LIMIT:,} can be numbered"
        raise ValueError(msg)
    found: Words = probes | np.arange(probes.size, dtype=np.uint64)
    found.sort()
    return found


def marks_of(entries: Words) -> NDArray[np.uint8]:
    """Return a filter for the keys of the family of whole texts: at most one bit in eight is set."""
    family = np.searchsorted(entries, _WHOLE_FAMILY)
    whole = int(family[1] - family[0])
    if not whole:
        return np.empty(0, np.uint8)
    marks = np.zeros(max(64, 1 << (_MARK_BITS * whole - 1).bit_length()) // 8, np.uint8)
    kernels.mark_entries(entries[family[0] : family[1]], marks)
    return marks


def find_all(
    words: Words,
    count: int,
    fences: Words,
    sums: Words,
    seen: NDArray[np.uint8],
    marks: NDArray[np.uint8],
    probes: Words,
    base: int,
) -> tuple[int, NDArray[np.int64], NDArray[np.uint32]]:
    """Return the damaged block, or -1, and the numbers of probes and the documents that hold them."""
    rows, documents = np.empty(_ROOM, np.int64), np.empty(_ROOM, np.uint32)
    state = np.zeros(2, np.int64)
    found_rows, found_documents = [], []
    while state[0] < probes.size:
        bad = kernels.find_entries(
            words, count, fences, sums, seen, marks, probes, base, FULL, FEW, rows, documents, state
        )
        if bad >= 0:
            return bad, rows[:0], documents[:0]
        found_rows.append(rows[: state[1]].copy())
        found_documents.append(documents[: state[1]].copy())
    if len(found_rows) == 1:
        return -1, found_rows[0], found_documents[0]
    return (
        -1,
        np.concatenate([rows[:0], *found_rows]),
        np.concatenate([documents[:0], *found_documents]),
    )


def find_in_memory(
    entries: Words, marks: NDArray[np.uint8], probes: Words, base: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return the numbers of probes, and the documents that hold them.

    Args:
        entries: Sorted.
        marks: As :func:`marks_of` gives them.
        probes: As :func:`numbered` gives them.
        base: Number of the first document.
    """
    fences = entries[:: kernels.BLOCK].copy()
    _, rows, documents = find_all(
        entries, entries.size, fences, _NO_WORDS, _NO_BITS, marks, probes, base
    )
    return rows, documents


class Postings:
    """Entries of documents with numbers from `base` on.

    Attributes:
        base: Number of the first document.
        documents: How many there are.
    """

    def __init__(self, base: int) -> None:
        self.base = base
        self.documents = 0
        self._arrays: list[Words] = []
        self._marks: list[NDArray[np.uint8]] = []
        self._traits: list[Words] = []

    def add(self, packed: Words, traits: Words) -> None:
        """Take the next documents: their entries, numbered from 0, and their traits."""
        array = packed + np.uint64(self.documents)
        self.documents += len(traits)
        self._traits.append(traits)
        while self._arrays and self._arrays[-1].size <= 2 * array.size:
            array = np.concatenate([self._arrays.pop(), array])
            array.sort()
            self._marks.pop()
        self._arrays.append(array)
        self._marks.append(marks_of(array))

    def lookup(self, probes: Words) -> Found:
        """Return the documents that hold each probe; the probes are :func:`numbered`."""
        parts = []
        for array, marks in zip(self._arrays, self._marks, strict=True):
            rows, documents = find_in_memory(array, marks, probes, self.base)
            parts.append(Found(rows=rows, documents=documents))
        return joined(parts)

    @property
    def traits(self) -> Words:
        """uint64[N, W] of all documents."""
        if len(self._traits) > 1:
            self._traits = [np.concatenate(self._traits)]
        return self._traits[0] if self._traits else np.empty((0, 1), np.uint64)

    def entries(self) -> Words:
        """Return all entries, sorted."""
        joined: Words = np.concatenate([_NO_WORDS, *self._arrays])
        joined.sort()
        return joined


def joined(parts: Sequence[Found]) -> Found:
    """Return the answers of several arrays as one.

    A key that has few documents in each of them may have many in all.
    """
    if len(parts) == 1:
        return parts[0]
    rows = np.concatenate([np.empty(0, np.int64), *(part.rows for part in parts)])
    documents = np.concatenate([np.empty(0, np.uint32), *(part.documents for part in parts)])
    if not rows.size:
        return Found(rows=rows, documents=documents)
    crowded = np.flatnonzero(np.bincount(rows)[rows] > FULL)
    if crowded.size:
        # By key, then by document.
        order = np.sort(rows[crowded].astype(np.uint64) << np.uint64(32) | documents[crowded])
        keys = order >> np.uint64(32)
        first = np.concatenate([np.ones(1, np.bool_), keys[1:] != keys[:-1]])
        starts = np.flatnonzero(first)
        rank = np.arange(keys.size) - np.repeat(starts, np.diff(np.append(starts, keys.size)))
        told = order[(rank < FEW) | np.append(first[1:], True)]
        few = np.ones(rows.size, np.bool_)
        few[crowded] = False
        rows = np.concatenate([rows[few], (told >> np.uint64(32)).astype(np.int64)])
        documents = np.concatenate([documents[few], told.astype(np.uint32)])
    return Found(rows=rows, documents=documents)
