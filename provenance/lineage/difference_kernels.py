"""The loop that walks through two copies and stops wherever they differ, compiled."""

from __future__ import annotations

import numpy as np
from numba import boolean, int32, int64, njit, uint64, void

from provenance.text.kernels import readonly

__all__ = ["compare_readings"]

#: Words that must be equal again before a difference counts as over.
_SYNCHRONY = 3

#: How far ahead the two texts are searched for where they meet again; passages have gaps of at most five
#: words, but a passage of rewordings may have none in common for a while.
_AHEAD = 40

#: A run of so many words that the other text lacks is a cut or an insertion, not a reading.
_BLOCK = 12

#: Long differences count once for so many words, four times at most.
_LONG = 8


@njit(boolean(readonly(int64), int64, int64, int64), nogil=True, cache=True)
def _holds(ordered, begin, end, number):  # type: ignore[no-untyped-def]
    while begin < end:
        middle = (begin + end) // 2
        if ordered[middle] < number:
            begin = middle + 1
        else:
            end = middle
    return begin < ordered.size and ordered[begin] == number


@njit(
    boolean(readonly(int64), readonly(int64), readonly(int32), int64, int64, int64, int64, int64),
    nogil=True,
    cache=True,
)
def _has_witness(numbers, ordered, holders, first, last, begin, end, limit):  # type: ignore[no-untyped-def]
    """Say whether a reading, that the other text lacks, stands in a third one."""
    for place in range(first, min(last, limit)):
        number = numbers[place]
        if number >= 0 and holders[number] > 1 and not _holds(ordered, begin, end, number):
            return True
    return False


@njit(
    void(readonly(int64), int64, int64, int64[::1], int64, int64[:]),
    nogil=True,
    cache=True,
)
def _count_blocks(edges, begin, end, covered, words, found):  # type: ignore[no-untyped-def]
    """Count the runs of words outside all passages, and those with passages on both sides."""
    covered[:words] = 0
    for place in range(begin, end):
        covered[edges[2 * place] : edges[2 * place + 1]] = 1
    start = 0
    seen = False
    for word in range(words + 1):
        if word == words or covered[word]:
            if word - start >= _BLOCK:
                found[0] += 1
                if seen and word < words:
                    found[1] += 1
            start = word + 1
            seen = True


@njit(
    void(
        readonly(uint64),
        readonly(int64),
        readonly(int64),
        readonly(int64),
        readonly(int32),
        int64[:, ::1],
        int64[:, ::1],
        readonly(int64),
        int64[:, ::1],
    ),
    nogil=True,
    cache=True,
)
def compare_readings(  # type: ignore[no-untyped-def]  # noqa: C901 - one loop, compiled as one
    tokens, offsets, numbers, ordered, holders, pairs, spans, bounds, counts
):
    """Fill one row of counts a pair; see :mod:`provenance.lineage.differences`."""
    longest = 0
    for document in range(offsets.size - 1):
        longest = max(longest, offsets[document + 1] - offsets[document])
    covered = np.zeros(longest + 1, np.int64)
    edges_a = np.ascontiguousarray(spans[:, :2]).ravel()
    edges_b = np.ascontiguousarray(spans[:, 2:]).ravel()
    for pair in range(pairs.shape[0]):
        a, b = pairs[pair, 0], pairs[pair, 1]
        base_a, end_a = offsets[a], offsets[a + 1]
        base_b, end_b = offsets[b], offsets[b + 1]
        row = counts[pair]
        for span in range(bounds[pair], bounds[pair + 1]):
            p, q = base_a + spans[span, 0], base_b + spans[span, 2]
            stop_p, stop_q = base_a + spans[span, 1], base_b + spans[span, 3]
            while p < stop_p and q < stop_q:
                if tokens[p] == tokens[q]:
                    row[5] += 1
                    p += 1
                    q += 1
                    continue
                # The shortest detour after which both go on alike.
                i, j = stop_p - p, stop_q - q
                met = False
                for detour in range(1, 2 * _AHEAD):
                    for left in range(max(0, detour - _AHEAD), min(detour, _AHEAD) + 1):
                        right = detour - left
                        if p + left + _SYNCHRONY > stop_p or q + right + _SYNCHRONY > stop_q:
                            continue
                        met = True
                        for step in range(_SYNCHRONY):
                            if tokens[p + left + step] != tokens[q + right + step]:
                                met = False
                                break
                        if met:
                            i, j = left, right
                            break
                    if met:
                        break
                if (i >= _BLOCK and 2 * j < _BLOCK) or (j >= _BLOCK and 2 * i < _BLOCK):
                    side = 8 if i >= _BLOCK else 10
                    row[side] += 1
                    row[side + 1] += 1
                else:
                    weight = min(4, max(1, (max(i, j) + _LONG - 1) // _LONG))
                    first_a, first_b = max(base_a, p - 2), max(base_b, q - 2)
                    seen_a = _has_witness(
                        numbers, ordered, holders, first_a, p + max(i, 1), base_b, end_b, end_a
                    )
                    seen_b = _has_witness(
                        numbers, ordered, holders, first_b, q + max(j, 1), base_a, end_a, end_b
                    )
                    row[0] += weight
                    if seen_b and not seen_a:
                        row[1] += weight
                    elif seen_a and not seen_b:
                        row[2] += weight
                    elif seen_a:
                        row[3] += weight
                    else:
                        row[4] += weight
                    row[6] += i
                    row[7] += j
                p += i
                q += j
        begin, end = bounds[pair], bounds[pair + 1]
        _count_blocks(edges_a, begin, end, covered, end_a - base_a, row[8:10])
        _count_blocks(edges_b, begin, end, covered, end_b - base_b, row[10:12])
        for place in range(base_b, end_b):
            number = numbers[place]
            if number >= 0 and holders[number] == 2 and _holds(ordered, base_a, end_a, number):
                row[12] += 1
