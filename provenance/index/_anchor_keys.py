"""Keys of anchors near each other and the texts that share them, as machine code."""

# mypy: allow-untyped-decorators

from __future__ import annotations

import numba
import numpy as np

from provenance.index._local_keys import MARK, WRITE, mixed_key

__all__ = ["foreign_keys", "foreign_meetings", "local_anchors", "near_keys", "weigh_common"]

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_ROUGH = np.uint64(1)  # lowest bit of a key's hash: one of its anchors is in coarse classes
_SEVERAL = 255  # in a slot: texts of two groups have the key


@numba.njit(nogil=True, cache=True)
def foreign_keys(keys, offsets, groups, kept):  # type: ignore[no-untyped-def]
    """Clear `kept` for the keys that texts of one group hold and no others."""
    first = np.zeros(kept.size, np.uint8)
    for text in range(groups.size):
        for row in range(offsets[text], offsets[text + 1]):
            key = keys[row]
            if first[key] == 0:
                first[key] = groups[text]
            elif first[key] != groups[text]:
                first[key] = _SEVERAL
    for key in range(kept.size):
        kept[key] &= first[key] == _SEVERAL


@numba.njit(nogil=True, cache=True)
def local_anchors(  # type: ignore[no-untyped-def]
    keys, weights, factors, places, words, offsets, kept, least
):
    """Return the rows that may be part of a key, and their order in the text.

    Args:
        keys: Number of each row's key, sorted within a text.
        weights: Rarity.
        factors: How surely the word means the key.
        places: Where the word stands.
        words: Its number.
        offsets: int64[N + 1].
        kept: Of each key, 1 if it may be part.
        least: Rarity that it must have.

    Returns:
        Keys and weights of the S rows, these times the factors, all in the order given; the S rows in
        the order of places, and for each of these the number of its word among those kept;
        int64[N + 1] offsets; float32[N], the best of each word's rows, added up.
    """
    room = 0
    for row in range(keys.size):
        room += kept[keys[row]] and weights[row] >= least
    chosen, ordinals = np.empty(room, np.int64), np.empty(room, np.int32)
    order = np.empty(room, np.int64)
    bounds, totals = np.zeros(offsets.size, np.int64), np.zeros(offsets.size - 1, np.float32)
    count = 0
    for text in range(offsets.size - 1):
        first = count
        for row in range(offsets[text], offsets[text + 1]):
            if kept[keys[row]] and weights[row] >= least:
                chosen[count] = row
                count += 1
        order[first:count] = first + np.argsort(places[chosen[first:count]], kind="mergesort")
        ordinal, best, total = -1, np.float32(0), np.float32(0)
        for at in range(first, count):
            row = chosen[order[at]]
            if at == first or words[row] != words[chosen[order[at - 1]]]:
                ordinal += 1
                total += best
                best = np.float32(0)
            best = max(best, weights[row] * factors[row])
            ordinals[at] = ordinal
        bounds[text + 1], totals[text] = count, total + best
    return (
        keys[chosen],
        weights[chosen],
        weights[chosen] * factors[chosen],
        order,
        ordinals,
        bounds,
        totals,
    )


@numba.njit(nogil=True, cache=True)
def near_keys(  # type: ignore[no-untyped-def]
    keys, weights, order, ordinals, offsets, coarse, bars, groups, window, purpose, marks, out
):
    """Mark, count or write the keys of all texts: two anchors near each other, in either order.

    Args:
        keys: Of each row (:func:`local_anchors`).
        weights: Likewise.
        order: Likewise.
        ordinals: Likewise.
        offsets: Likewise.
        coarse: Of each key, 1 if it is in coarse classes.
        bars: float32[N], weight that two anchors must have together.
        groups: uint8[2, N], what must differ for two texts to be paired, 1 to 254; the second row for
            keys with an anchor in coarse classes.
        window: Words with an anchor that two anchors are apart at most.
        purpose: ``MARK``, ``COUNT`` or ``WRITE``.
        marks: One slot a byte, zero before; written by the first pass, read by the others.
        out: Output of the last: hash in the upper half, number of the text in the lower.

    Returns:
        Keys counted or written, some of them more than once.
    """
    slots = np.uint64(marks.size)
    count = 0
    for text in range(bars.size):
        bar, begin = bars[text], offsets[text]
        for late in range(begin, offsets[text + 1]):
            b = keys[order[late]]
            missing = bar - weights[order[late]]
            for early in range(late - 1, begin - 1, -1):
                apart = ordinals[late] - ordinals[early]
                if apart > window:
                    break
                a = keys[order[early]]
                if weights[order[early]] < missing or apart == 0 or a == b:
                    continue
                rough = coarse[a] | coarse[b]
                mixed = mixed_key(np.uint64(a), np.uint64(b)) & ~_ROUGH | np.uint64(rough)
                slot = (mixed * slots) >> _HALF
                if purpose == MARK:
                    group = groups[rough, text]
                    if marks[slot] == 0:
                        marks[slot] = group
                    elif marks[slot] != group:
                        marks[slot] = _SEVERAL
                elif marks[slot] == _SEVERAL:
                    if purpose == WRITE:
                        out[count] = (mixed << _HALF) | np.uint64(text)
                    count += 1
    return count


@numba.njit(nogil=True, cache=True)
def foreign_meetings(keys, groups, full, purpose, meetings):  # type: ignore[no-untyped-def]
    """Count or write the pairs of texts of two groups that share a key.

    Of more than `full` texts each is paired with the `full` that stand so many places further on,
    another distance for each key: two that share many such keys still meet, in proportion.

    Args:
        keys: Sorted keys without repetition.
        groups: See :func:`near_keys`.
        full: See above.
        purpose: ``COUNT`` or ``WRITE``.
        meetings: Output of the latter, two texts packed in each, the smaller above.

    Returns:
        Pairs counted or written, one for each key.
    """
    count, start = 0, 0
    while start < keys.size:
        mixed = keys[start] >> _HALF
        stop = start + 1
        while stop < keys.size and keys[stop] >> _HALF == mixed:
            stop += 1
        size = stop - start
        rough = mixed & _ROUGH
        shift = 1 if size <= full else np.int64(mixed % np.uint64(size - full)) + 1
        for place in range(size):
            a = keys[start + place] & _LOW
            last = size if size <= full else place + shift + full
            for other in range(place + shift, last):
                b = keys[start + other % size] & _LOW
                if groups[rough, a] != groups[rough, b]:
                    if purpose == WRITE:
                        meetings[count] = (min(a, b) << _HALF) | max(a, b)
                    count += 1
        start = stop
    return count


@numba.njit(nogil=True, cache=True)
def weigh_common(pairs, keys, worth, offsets, coarse, groups):  # type: ignore[no-untyped-def]
    """float32[P]: weight of the keys that two texts share, wherever they stand.

    Keys in coarse classes count where the second row of `groups` differs.
    """
    common = np.zeros(pairs.shape[0], np.float32)
    for pair in range(pairs.shape[0]):
        a, b = pairs[pair]
        rough = groups[1, a] != groups[1, b]
        x, y, end_x, end_y = offsets[a], offsets[b], offsets[a + 1], offsets[b + 1]
        while x < end_x and y < end_y:
            if keys[x] < keys[y]:
                x += 1
            elif keys[y] < keys[x]:
                y += 1
            else:
                key = keys[x]
                most_x = most_y = np.float32(0)
                while x < end_x and keys[x] == key:
                    most_x = max(most_x, worth[x])
                    x += 1
                while y < end_y and keys[y] == key:
                    most_y = max(most_y, worth[y])
                    y += 1
                if rough or not coarse[key]:
                    common[pair] += min(most_x, most_y)
    return common
