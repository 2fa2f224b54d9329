"""The loops of verification, compiled: arrays in, arrays out, the interpreter lock released.

Every kernel declares its signature: it is compiled once per machine, on first import, and kept in
Numba's cache.  Inputs may be read-only views of files; everything is contiguous.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, types, uint8, uint32, uint64, void

from provenance.text.kernels import readonly

__all__ = ["count_spread", "match_runs", "weigh_distinct", "weigh_shared"]

#: 2**64 over the golden ratio, made odd: the multiplier of Fibonacci hashing (Knuth, TAOCP 3, 6.4).
_GOLDEN = uint64(0x9E3779B97F4A7C15)
_LOW = uint64(0xFFFFFFFF)
_HALF = uint64(32)

_WORDS = readonly(uint64)
_SHINGLES = readonly(uint32)
_OFFSETS = readonly(int64)
_CLASSES = readonly(uint8)
_NUMBERS = readonly(int64)
_PAIRS = types.Array(uint32, 2, "C", readonly=True)

#: Slots of a hash table a shingle: at a load of a quarter, a probe rarely meets a neighbor.
_SPARSE = 4

#: Smallest table; 32 KB of keys and stamps stay in the nearest cache.
_TABLE = 1 << 12

#: Stamps are 32 bits and grow by one a pair; tables are cleared before they run over.
_LAST_STAMP = 1 << 30


@njit(
    void(_SHINGLES, _OFFSETS, _CLASSES, _NUMBERS, uint32[::1], int64[::1]), nogil=True, cache=True
)
def weigh_distinct(shingles, offsets, classes, weights, counts, sums):  # type: ignore[no-untyped-def]
    """Count and weigh the different shingles of every document.

    Args:
        shingles: All shingles.
        offsets: Where each document's shingles begin.
        classes: By shingle, its place in `weights`; equal shingles have equal classes.
        weights: What a shingle of each class counts; whole numbers, so that no order of adding matters.
        counts: Set to the number of different shingles of each document.
        sums: Set to their weight.
    """
    size = _TABLE
    table = np.zeros(size, np.uint32)
    stamps = np.zeros(size, np.int32)
    stamp = 0
    for document in range(counts.size):
        start = offsets[document]
        stop = offsets[document + 1]
        if size < _SPARSE * (stop - start) or stamp >= _LAST_STAMP:
            while size < _SPARSE * (stop - start):
                size <<= 1
            table = np.zeros(size, np.uint32)
            stamps = np.zeros(size, np.int32)
            stamp = 0
        mask = uint64(size - 1)
        stamp += 1
        distinct = uint32(0)
        weight = 0
        for at in range(start, stop):
            slot = uint64(shingles[at]) & mask
            while stamps[slot] == stamp and table[slot] != shingles[at]:
                slot = (slot + uint64(1)) & mask
            if stamps[slot] != stamp:
                stamps[slot] = stamp
                table[slot] = shingles[at]
                distinct += uint32(1)
                weight += weights[classes[at]]
        counts[document] = distinct
        sums[document] = weight


@njit(
    void(_SHINGLES, _OFFSETS, _NUMBERS, _NUMBERS, uint32[::1], uint8[::1], uint8[::1]),
    nogil=True,
    cache=True,
)
def count_spread(shingles, offsets, order, owners, last, counts, spread):  # type: ignore[no-untyped-def]
    """Set ``spread[i]`` to the number of owners, at most 255, that hold ``shingles[i]``.

    Counters are addressed by the low bits of a shingle and shared by those that agree in them, so a
    shingle may look a little more common than it is, never rarer.

    Args:
        shingles: All shingles.
        offsets: Where each document's shingles begin.
        order: Document numbers, documents of one owner one after another.
        owners: Owner of each document, by document number.
        last: A counter's latest owner plus one; zeros.  Its size is a power of two.
        counts: The counters; zeros, as many as `last`.
        spread: The result, as long as `shingles`.
    """
    mask = uint64(last.size - 1)
    for position in range(order.size):
        document = order[position]
        owner = uint32(owners[document] + 1)
        for at in range(offsets[document], offsets[document + 1]):
            slot = uint64(shingles[at]) & mask
            if last[slot] != owner:
                last[slot] = owner
                if counts[slot] < 255:
                    counts[slot] += 1
    for at in range(shingles.size):
        spread[at] = counts[uint64(shingles[at]) & mask]


@njit(
    void(_PAIRS, _SHINGLES, _OFFSETS, _CLASSES, _NUMBERS, uint32[::1], int64[::1]),
    nogil=True,
    cache=True,
)
def weigh_shared(pairs, shingles, offsets, classes, weights, shared, sums):  # type: ignore[no-untyped-def]
    """Count and weigh what the two documents of each pair have in common, on sets of shingles.

    Pairs sorted by their first column are fastest: the table of the first document is kept as long
    as it does not change.

    Args:
        pairs: Document numbers.
        shingles: All shingles.
        offsets: Where each document's shingles begin.
        classes: By shingle, its place in `weights`; equal shingles have equal classes.
        weights: What a shingle of each class counts; whole numbers, so that no order of adding matters.
        shared: Set to the number of shingles in common.
        sums: Set to their weight.
    """
    size = _TABLE
    table = np.zeros(size, np.uint32)
    stamps = np.zeros(size, np.int32)
    # Slots filled for the first document carry a stamp of at least `base`; what the second one
    # has hit carries `stamp`, which is newer.  Nothing is cleared between pairs.
    stamp = 0
    mask = uint64(size - 1)
    held = -1
    base = 0
    for position in range(pairs.shape[0]):
        a = pairs[position, 0]
        b = pairs[position, 1]
        if a != held or stamp >= _LAST_STAMP:
            held = a
            start = offsets[a]
            stop = offsets[a + 1]
            if size < _SPARSE * (stop - start) or stamp >= _LAST_STAMP:
                while size < _SPARSE * (stop - start):
                    size <<= 1
                table = np.zeros(size, np.uint32)
                stamps = np.zeros(size, np.int32)
                stamp = 0
                mask = uint64(size - 1)
            stamp += 1
            base = stamp
            for at in range(start, stop):
                slot = uint64(shingles[at]) & mask
                while stamps[slot] >= base and table[slot] != shingles[at]:
                    slot = (slot + uint64(1)) & mask
                if stamps[slot] < base:
                    stamps[slot] = stamp
                    table[slot] = shingles[at]
        stamp += 1
        common = uint32(0)
        weight = 0
        for at in range(offsets[b], offsets[b + 1]):
            slot = uint64(shingles[at]) & mask
            while stamps[slot] >= base and table[slot] != shingles[at]:
                slot = (slot + uint64(1)) & mask
            if stamps[slot] >= base and stamps[slot] != stamp:
                stamps[slot] = stamp
                common += uint32(1)
                weight += weights[classes[at]]
        shared[position] = common
        sums[position] = weight


@njit
def _hash_grams(words, width, keys):  # type: ignore[no-untyped-def]
    """Fill `keys` with the hash of each `width` words above and its place below, and sort them."""
    for place in range(keys.size):
        mixed = uint64(0)
        for step in range(width):
            mixed = (mixed ^ words[place + step]) * _GOLDEN
            mixed ^= mixed >> _HALF
        keys[place] = (mixed << _HALF) | uint64(place)
    keys.sort()


@njit
def _gram_end(keys, start):  # type: ignore[no-untyped-def]
    """Return where the keys with the hash of the one at `start` end."""
    stop = start + 1
    while stop < keys.size and (keys[stop] >> _HALF) == (keys[start] >> _HALF):
        stop += 1
    return stop


@njit
def _place_seeds(a, b, width, crowd):  # type: ignore[no-untyped-def]
    """Return the places where `width` words are the same: diagonal above, place in `a` below; sorted.

    The diagonal of places i and j is ``j - i + a.size``.
    """
    grams_a = np.empty(a.size - width + 1, np.uint64)
    grams_b = np.empty(b.size - width + 1, np.uint64)
    _hash_grams(a, width, grams_a)
    _hash_grams(b, width, grams_b)
    seeds = np.empty(a.size + b.size, np.uint64)
    count = 0
    at_a = 0
    at_b = 0
    while at_a < grams_a.size and at_b < grams_b.size:
        hash_a = grams_a[at_a] >> _HALF
        hash_b = grams_b[at_b] >> _HALF
        if hash_a < hash_b:
            at_a += 1
        elif hash_b < hash_a:
            at_b += 1
        else:
            end_a = _gram_end(grams_a, at_a)
            end_b = _gram_end(grams_b, at_b)
            times_b = end_b - at_b
            fewer = min(end_a - at_a, times_b)
            crowded = (end_a - at_a) * times_b > crowd
            need = 2 * fewer if crowded else (end_a - at_a) * times_b
            if count + need > seeds.size:
                larger = np.empty(2 * (count + need), np.uint64)
                larger[:count] = seeds[:count]
                seeds = larger
            for pick in range(need):
                pick_a = pick if crowded else pick // times_b
                pick_b = pick if crowded else pick % times_b
                if crowded and pick >= fewer:  # from the end: the last with the last
                    pick_a = end_a - at_a - 1 - (pick - fewer)
                    pick_b = times_b - 1 - (pick - fewer)
                place_a = grams_a[at_a + pick_a] & _LOW
                place_b = grams_b[at_b + pick_b] & _LOW
                seeds[count] = ((place_b + uint64(a.size) - place_a) << _HALF) | place_a
                count += 1
            at_a = end_a
            at_b = end_b
    ordered = seeds[:count].copy()
    ordered.sort()
    return ordered


@njit
def _grow_runs(a, b, width, seeds):  # type: ignore[no-untyped-def]
    """Return the maximal runs through the seeds, ``[place in a, place in b, words]``, longest first."""
    runs = np.empty((seeds.size, 3), np.int64)
    order = np.empty(seeds.size, np.uint64)
    count = 0
    diagonal = uint64(0)
    done = 0  # where the latest run of this diagonal ends
    for seed in seeds:
        if (seed >> _HALF) != diagonal:
            diagonal = seed >> _HALF
            done = 0
        place = int64(seed & _LOW)
        ahead = int64(diagonal) - a.size
        if place < done or a[place] != b[place + ahead]:
            continue
        start = place
        while start > done and start + ahead > 0 and a[start - 1] == b[start - 1 + ahead]:
            start -= 1
        stop = place
        while stop < a.size and stop + ahead < b.size and a[stop] == b[stop + ahead]:
            stop += 1
        done = stop
        if stop - start >= width:
            runs[count, 0] = start
            runs[count, 1] = start + ahead
            runs[count, 2] = stop - start
            # Among equals the order of diagonals and places decides.
            order[count] = ((_LOW - uint64(stop - start)) << _HALF) | uint64(count)
            count += 1
    ranked = order[:count].copy()
    ranked.sort()
    longest_first = np.empty((count, 3), np.int64)
    for rank in range(count):
        longest_first[rank] = runs[int64(ranked[rank] & _LOW)]
    return longest_first


@njit(int64(_WORDS, _WORDS, int64, int64, int64[:, ::1]), nogil=True, cache=True)
def match_runs(a, b, width, crowd, runs):  # type: ignore[no-untyped-def]
    """Find the runs of equal words of two texts, every word used once.

    Runs are seeded where `width` words are the same, extended both ways as far as the words are
    equal, and taken longest first; what others have left of a run is taken if it still has `width`
    words.  Places of words that repeat are paired all with all up to `crowd` pairs; beyond, the
    first with the first and the last with the last, so that time stays linear.

    Args:
        a: Words of the first text.
        b: Words of the second.
        width: Words of a seed, and of the shortest run; fewer if a text has fewer.
        crowd: See above.
        runs: Room for ``[place in a, place in b, words]``; at least ``a.size / width + 1`` rows.

    Returns:
        The number of runs, written in order of their place in `a`.
    """
    width = min(width, a.size, b.size)
    if width == 0:
        return 0
    candidates = _grow_runs(a, b, width, _place_seeds(a, b, width, crowd))
    free_a = np.ones(a.size, np.bool_)
    free_b = np.ones(b.size, np.bool_)
    pieces = np.empty((a.size // width + 1, 3), np.int64)
    places = np.empty(a.size // width + 1, np.uint64)
    taken = 0
    for run in range(candidates.shape[0]):
        start_a, start_b, words = candidates[run]
        since = 0
        for step in range(words + 1):
            if step < words and free_a[start_a + step] and free_b[start_b + step]:
                continue
            if step - since >= width:
                pieces[taken, 0] = start_a + since
                pieces[taken, 1] = start_b + since
                pieces[taken, 2] = step - since
                places[taken] = (uint64(start_a + since) << _HALF) | uint64(taken)
                taken += 1
                free_a[start_a + since : start_a + step] = False
                free_b[start_b + since : start_b + step] = False
            since = step + 1
    by_place = places[:taken].copy()
    by_place.sort()
    for row in range(taken):
        runs[row] = pieces[int64(by_place[row] & _LOW)]
    return taken
