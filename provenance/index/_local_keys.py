"""Keys of neighboring rare words and the texts that share them, as machine code.

The keys of all texts are made three times rather than kept: to mark the hashes that turn up again, to
count these, and to write them.  Most keys stand in one text only, and what is not written need not be
sorted.
"""

# mypy: allow-untyped-decorators

from __future__ import annotations

import numpy as np
from numba import float32, int64, njit, uint8, uint32, uint64

from provenance.text.kernels import readonly

__all__ = ["COUNT", "MARK", "WRITE", "local_keys", "members_paired", "mixed_key"]

MARK, COUNT, WRITE = 0, 1, 2

_HALF = uint64(32)
_SCRAMBLE = 0xD6E8FEB86659FD93
_LOW = uint64(0xFFFFFFFF)
_AGAIN = 2  # a slot counts to two


@njit(uint64(uint64, uint64), nogil=True, cache=True)
def mixed_key(a, b):  # type: ignore[no-untyped-def]
    """Hash two words into 32 bits, whichever comes first."""
    mixed = ((min(a, b) << _HALF) | max(a, b)) * uint64(_SCRAMBLE)
    mixed ^= mixed >> _HALF
    return (mixed * uint64(_SCRAMBLE)) >> _HALF


@njit(
    int64(
        readonly(uint32),
        readonly(int64),
        readonly(float32),
        readonly(uint8),
        readonly(float32),
        int64,
        int64,
        uint8[::1],
        uint64[::1],
    ),
    nogil=True,
    cache=True,
)
def local_keys(  # type: ignore[no-untyped-def]
    words, offsets, weights, kept, least, window, purpose, marks, keys
):
    """Mark, count or write the keys of all texts.

    Args:
        words: Number of the word of each token.
        offsets: int64[N + 1].
        weights: Of each word.
        kept: Of each word, 1 if it may be part of a key.
        least: float32[N], weight that the two words of a key must have together.
        window: Kept words before it that a kept word is paired with.
        purpose: ``MARK``, ``COUNT`` or ``WRITE``.
        marks: One slot a byte, zero before; written by the first pass, read by the others.
        keys: Output of the last: hash in the upper half, number of the text in the lower.

    Returns:
        Keys counted or written, some of them more than once.
    """
    slots = uint64(marks.size)
    longest = int64(0)
    for d in range(least.size):
        longest = max(longest, offsets[d + 1] - offsets[d])
    rare, rarity = np.empty(longest, np.uint64), np.empty(longest, np.float32)
    count = int64(0)
    for d in range(least.size):
        bar = least[d]
        size = 0
        for t in range(offsets[d], offsets[d + 1]):
            word = words[t]
            if kept[word]:
                rare[size], rarity[size] = word, weights[word]
                size += 1
        for late in range(size):
            for early in range(max(0, late - window), late):
                a, b = rare[early], rare[late]
                if a == b or rarity[early] + rarity[late] < bar:
                    continue
                mixed = mixed_key(a, b)
                slot = (mixed * slots) >> _HALF
                if purpose == MARK:
                    marks[slot] += marks[slot] < _AGAIN
                elif marks[slot] == _AGAIN:
                    if purpose == WRITE:
                        keys[count] = (mixed << _HALF) | uint64(d)
                    count += 1
    return count


@njit(int64(readonly(uint64), int64, int64, uint64[::1]), nogil=True, cache=True)
def members_paired(keys, full, purpose, pairs):  # type: ignore[no-untyped-def]
    """Count or write the pairs of texts that share a key.

    Of more than `full` texts each is paired with the one so many places further on, another distance
    for each key: two that share many such keys still meet, in proportion.

    Args:
        keys: Sorted keys without repetition.
        full: See above.
        purpose: ``COUNT`` or ``WRITE``.
        pairs: Output of the latter, two texts packed in each, the smaller above.

    Returns:
        Pairs counted or written, one for each key.
    """
    count, start = int64(0), int64(0)
    while start < keys.size:
        stop = start + 1
        while stop < keys.size and keys[stop] >> _HALF == keys[start] >> _HALF:
            stop += 1
        size = stop - start
        if purpose == COUNT:
            count += size * (size - 1) // 2 if size <= full else size
        elif size <= full:
            for late in range(start + 1, stop):
                for early in range(start, late):
                    pairs[count] = ((keys[early] & _LOW) << _HALF) | (keys[late] & _LOW)
                    count += 1
        else:
            step = int64((keys[start] >> _HALF) % uint64(size - 1)) + 1
            for place in range(size):
                a = keys[start + place] & _LOW
                b = keys[start + (place + step) % size] & _LOW
                pairs[count] = (min(a, b) << _HALF) | max(a, b)
                count += 1
        start = stop
    return count
