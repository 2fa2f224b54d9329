"""Numbers for hashes, and what is counted by number, as machine code."""

# mypy: allow-untyped-decorators

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from provenance.text.kernels import readonly

__all__ = ["count_holders", "number_keys", "pair_ideographs"]

_u8, _u32, _u64, _i64 = numba.uint8, numba.uint32, numba.uint64, numba.int64

_BOTH: Any = numba.types.Tuple((_u32[::1], _u32[::1]))  # type: ignore[no-untyped-call]

_FREE = 0xFFFFFFFF
_FEWEST = 1 << 12  # slots of the first table
_GROWTH = 4  # at once, when half of them are taken
_TURN = 27  # bits that the first of two keys is rotated: their order matters
_SCRAMBLE = 0xD6E8FEB86659FD93


@numba.njit(
    _BOTH(readonly(_u64)),
    nogil=True,
    cache=True,
)
def number_keys(keys):  # type: ignore[no-untyped-def]
    """Number distinct keys in order of appearance.

    Args:
        keys: Hashes whose low bits are as good as random; fewer than ``2**32 - 1``.

    Returns:
        The number of each key, and for each number the place of its first key.
    """
    numbers = np.empty(keys.size, np.uint32)
    slots = np.full(_FEWEST, _FREE, np.uint32)
    first = np.empty(_FEWEST // 2 + 1, np.uint32)
    count = _i64(0)
    mask = _u64(slots.size - 1)
    for t in range(keys.size):
        key = keys[t]
        at = key & mask
        while slots[at] != _FREE and keys[first[slots[at]]] != key:
            at = (at + _u64(1)) & mask
        if slots[at] == _FREE:
            slots[at] = _u32(count)
            first[count] = _u32(t)
            count += 1
        numbers[t] = slots[at]
        if 2 * count > slots.size:
            known = first
            slots = np.full(slots.size * _GROWTH, _FREE, np.uint32)
            first = np.empty(slots.size // 2 + 1, np.uint32)
            mask = _u64(slots.size - 1)
            for number in range(count):
                first[number] = known[number]
                at = keys[known[number]] & mask
                while slots[at] != _FREE:
                    at = (at + _u64(1)) & mask
                slots[at] = _u32(number)
    return numbers, first[:count].copy()


@numba.njit(
    _i64(
        readonly(_u32),
        readonly(_u64),
        readonly(_u64),
        readonly(_u32),
        readonly(_u32),
        readonly(_i64),
        _u64[:, ::1],
        _u32[:, ::1],
        _i64[::1],
    ),
    nogil=True,
    cache=True,
)
def pair_ideographs(  # type: ignore[no-untyped-def]
    words, hashes, stems, starts, ends, offsets, keys, spans, key_offsets
):
    """Write the keys of each word and of its stem, and for ideographs that touch those of each pair.

    Args:
        words: Number of each token's word.
        hashes: Key of each word.
        stems: Key of each word's stem; odd for an ideograph.
        starts: Of each token.
        ends: Of each token.
        offsets: int64[N + 1].
        keys: Output, key of the word or pair and key of its stem; as many columns as tokens or more.
        spans: Output likewise, start and end.
        key_offsets: Output, int64[N + 1].

    Returns:
        How many columns were written: at most as many as there are tokens.
    """
    count = _i64(0)
    for d in range(offsets.size - 1):
        key_offsets[d] = count
        end = offsets[d + 1]
        paired = False  # whether this token is the second of a pair
        for t in range(offsets[d], end):
            key, stem, last = hashes[words[t]], stems[words[t]], t
            following = t + 1
            if stem & _u64(1) and following < end and ends[t] == starts[following]:
                other = stems[words[following]]
                if other & _u64(1):
                    key = ((stem << _u64(_TURN)) | (stem >> _u64(64 - _TURN))) + other
                    key ^= key >> _u64(32)
                    key *= _u64(_SCRAMBLE)
                    stem, last = key, following
            if last > t or not paired:
                keys[0, count], keys[1, count] = key, stem
                spans[0, count], spans[1, count] = starts[t], ends[last]
                count += 1
            paired = last > t
    key_offsets[offsets.size - 1] = count
    return count


@numba.njit(_BOTH(readonly(_u32), readonly(_i64), _i64), nogil=True, cache=True)
def count_holders(numbers, offsets, size):  # type: ignore[no-untyped-def]
    """Count, for each number, its occurrences and the texts that hold it.

    Args:
        numbers: Of each token, below `size`.
        offsets: int64[N + 1].
        size: How many numbers there are.
    """
    occurrences, holders = np.zeros(size, np.uint32), np.zeros(size, np.uint32)
    last = np.full(size, -1, np.int64)
    for d in range(offsets.size - 1):
        for t in range(offsets[d], offsets[d + 1]):
            number = numbers[t]
            occurrences[number] += _u32(1)
            if last[number] != d:
                last[number] = d
                holders[number] += _u32(1)
    return occurrences, holders
