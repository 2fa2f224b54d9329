"""The loops behind :mod:`provenance.verify.wording`, as machine code; the interpreter lock is released.

A module of its own, because a kernel is compiled when its module is imported for the first time, and
whoever compares copies alone needs none of these.
"""

# mypy: allow-untyped-decorators

from __future__ import annotations

import numpy as np
from numba import float32, float64, int64, njit, types, uint8, uint32, uint64, void

from provenance.text.kernels import readonly

__all__ = [
    "COLUMNS",
    "NEGATION",
    "NUMBER",
    "count_holders",
    "measure_details",
    "overlap_in_place",
    "shared_key_table",
    "weigh_texts",
]

#: What a type is, beside a stem.
NUMBER, NEGATION = 1, 2

#: Columns of :func:`measure_details`.
COLUMNS = (
    "keys",
    "rare_keys",
    "told_keys",
    "support_a",
    "support_b",
    "verbatim_a",
    "verbatim_b",
    "lead",
    "numbers_shared",
    "numbers_a",
    "numbers_b",
    "negations",
)

#: 2**64 over the golden ratio, made odd: the multiplier of Fibonacci hashing (Knuth, TAOCP 3, 6.4).
_GOLDEN = uint64(0x9E3779B97F4A7C15)
_HALF = uint64(32)
_LOW = uint64(0xFFFFFFFF)

#: Slots of a hash table an entry: at a load of a quarter, a probe rarely meets a neighbor.
_SPARSE = 4

#: Smallest table of stems: what it holds of an article stays in the nearest cache.
_TABLE = 1 << 10
_TABLE_SHIFT = 64 - 10

#: No key: the two types of a key differ, so none is zero.
_NONE = uint64(0)

#: Words of a run that is the same in both texts.
_RUN = 5

#: Words of a text's lead.
_LEAD = 40

#: Words of a headline, or of the first half of a text's first sentence: what it says at all.  Further
#: on, one in three versions of one article has a detail that only the other denies, in words.
_OPENING = 12

#: Words behind a negation that it may negate.
_NEGATED = 2

_STEMS = readonly(uint32)
_OFFSETS = readonly(int64)
_WEIGHTS = readonly(float32)
_MARKS = readonly(uint8)
_KEYS = readonly(uint64)
_PAIRS = types.Array(uint32, 2, "C", readonly=True)


@njit(void(_STEMS, _OFFSETS, _WEIGHTS, uint32[::1], float64[::1]), nogil=True, cache=True)
def weigh_texts(stems, offsets, weights, distinct, sums):  # type: ignore[no-untyped-def]
    """Count and weigh the different types of every text.

    Args:
        stems: Type of each word.
        offsets: Where each text begins.
        weights: Of each type.
        distinct: Set to the number of different types of each text.
        sums: Set to their weight.
    """
    latest = np.full(weights.size, -1, np.int32)
    for text in range(distinct.size):
        count = 0
        weight = 0.0
        for at in range(offsets[text], offsets[text + 1]):
            stem = stems[at]
            if latest[stem] != text:
                latest[stem] = text
                count += 1
                weight += weights[stem]
        distinct[text] = count
        sums[text] = weight


@njit
def _longest(pairs, offsets):  # type: ignore[no-untyped-def]
    """Return the number of words of the longest text of any pair."""
    words = int64(1)
    for position in range(pairs.shape[0]):
        for side in range(2):
            text = pairs[position, side]
            words = max(words, offsets[text + 1] - offsets[text])
    return words


@njit(
    void(
        _PAIRS,
        _STEMS,
        _OFFSETS,
        _WEIGHTS,
        float64,
        readonly(float64),
        uint32[::1],
        float64[::1],
        float64[::1],
        float64[::1],
    ),
    nogil=True,
    cache=True,
)
def overlap_in_place(  # type: ignore[no-untyped-def]  # noqa: C901
    pairs, stems, offsets, weights, reach, chances, shared, common, hits, placed
):
    """Weigh what the texts of each pair share, and what of it stands at the same relative place.

    Pairs sorted by their first column are fastest: the table of the first text is kept as long as it
    does not change.

    Args:
        pairs: Numbers of texts.
        stems: Type of each word.
        offsets: Where each text begins.
        weights: Of each type.
        reach: Greatest distance, in shares of a text, of two places that are the same.
        chances: By the number of ways to pair the occurrences of a type, the chance that two of them
            stand at the same place; the last serves for all that follow.
        shared: Set to the number of types in common.
        common: Set to their weight.
        hits: Set to the weight of those at the same place.
        placed: Set to the same, chance discounted: a hit counts 1, a miss ``-chance / (1 - chance)``.
    """
    size = _TABLE
    shift = uint64(_TABLE_SHIFT)
    longest = _longest(pairs, offsets)
    while size < _SPARSE * longest:
        size <<= 1
        shift -= uint64(1)
    table = np.zeros(size, np.uint32)
    stamps = np.zeros(size, np.int64)  # pair at which a slot was filled, or was last hit
    heads = np.zeros(size, np.int32)
    counts_a = np.zeros(size, np.int32)
    counts_b = np.zeros(size, np.int32)
    close = np.zeros(size, np.uint8)
    following = np.zeros(size, np.int32)
    touched = np.zeros(size, np.int32)
    mask = uint64(size - 1)
    held = -1
    base = 0
    stamp = 0
    for position in range(pairs.shape[0]):
        a = pairs[position, 0]
        b = pairs[position, 1]
        start = offsets[a]
        words_a = offsets[a + 1] - start
        if a != held:
            held = a
            stamp += 1
            base = stamp
            for place in range(words_a):
                stem = stems[start + place]
                slot = (uint64(stem) * _GOLDEN) >> shift
                while stamps[slot] >= base and table[slot] != stem:
                    slot = (slot + uint64(1)) & mask
                if stamps[slot] < base:
                    stamps[slot] = stamp
                    table[slot] = stem
                    heads[slot] = -1
                    counts_a[slot] = 0
                following[place] = heads[slot]
                heads[slot] = place
                counts_a[slot] += 1
        stamp += 1
        start = offsets[b]
        words_b = offsets[b + 1] - start
        share_a = 1.0 / max(1, words_a)
        share_b = 1.0 / max(1, words_b)
        found = 0
        for place in range(words_b):
            stem = stems[start + place]
            slot = (uint64(stem) * _GOLDEN) >> shift
            while stamps[slot] >= base and table[slot] != stem:
                slot = (slot + uint64(1)) & mask
            if stamps[slot] < base:
                continue
            if stamps[slot] != stamp:
                stamps[slot] = stamp
                counts_b[slot] = 0
                close[slot] = 0
                touched[found] = slot
                found += 1
            counts_b[slot] += 1
            if not close[slot]:
                here = (place + 0.5) * share_b
                other = heads[slot]
                while other >= 0:
                    if abs((other + 0.5) * share_a - here) <= reach:
                        close[slot] = 1
                        break
                    other = following[other]
        weight = 0.0
        at_place = 0.0
        beyond_chance = 0.0
        for number in range(found):
            slot = touched[number]
            ways = min(int64(counts_a[slot]) * counts_b[slot], chances.size - 1)
            chance = chances[ways]
            own = float64(weights[table[slot]])
            weight += own
            if close[slot]:
                at_place += own
                beyond_chance += own
            else:
                beyond_chance -= own * chance / (1 - chance)
        shared[position] = found
        common[position] = weight
        hits[position] = at_place
        placed[position] = beyond_chance


@njit
def _keys_of(stems, offsets, weights, least, window, text, kept, keys):  # type: ignore[no-untyped-def]
    """Fill the places of the telling words of a text, and the keys of neighbors among them.

    The key of the words `k` and ``k - step`` is ``keys[k * window + step - 1]``.

    Returns:
        The number of telling words.
    """
    start = offsets[text]
    size = 0
    for place in range(offsets[text + 1] - start):
        if weights[stems[start + place]] >= least:
            kept[size] = place
            size += 1
    for late in range(size):
        for step in range(1, window + 1):
            key = _NONE
            if step <= late:
                one = uint64(stems[start + kept[late]])
                other = uint64(stems[start + kept[late - step]])
                if one != other:
                    key = (min(one, other) << _HALF) | max(one, other)
            keys[late * window + step - 1] = key
    return size


@njit
def _slot_of(table, key):  # type: ignore[no-untyped-def]
    """Return where a key is in a table of keys, or the free slot where it would be."""
    mask = uint64(table.size - 1)
    mixed = key * _GOLDEN
    slot = (mixed ^ (mixed >> _HALF)) & mask
    while table[slot] != _NONE and table[slot] != key:
        slot = (slot + uint64(1)) & mask
    return slot


@njit
def _local_table(keys, size):  # type: ignore[no-untyped-def]
    """Return a table of the first keys; zero is a free slot."""
    slots = _TABLE
    while slots < _SPARSE * size:
        slots <<= 1
    table = np.zeros(slots, np.uint64)
    for number in range(size):
        if keys[number] != _NONE:
            table[_slot_of(table, keys[number])] = keys[number]
    return table


@njit(uint64[::1](_PAIRS, _STEMS, _OFFSETS, _WEIGHTS, float64, int64), nogil=True, cache=True)
def shared_key_table(pairs, stems, offsets, weights, least, window):  # type: ignore[no-untyped-def]
    """Return a table of the keys that the two texts of a pair share, of all pairs; zero is a free slot.

    Args:
        pairs: Numbers of texts.
        stems: Type of each word.
        offsets: Where each text begins.
        weights: Of each type.
        least: Weight from which a word is telling.
        window: Telling words before a telling word that make a key with it.
    """
    words = _longest(pairs, offsets)
    kept = np.empty(words, np.int64)
    keys = np.empty(words * window, np.uint64)
    found = np.zeros(_TABLE, np.uint64)
    count = 0
    for position in range(pairs.shape[0]):
        a = pairs[position, 0]
        b = pairs[position, 1]
        size = _keys_of(stems, offsets, weights, least, window, a, kept, keys) * window
        table = _local_table(keys, size)
        size = _keys_of(stems, offsets, weights, least, window, b, kept, keys) * window
        if found.size < _SPARSE * (count + size):
            larger = np.zeros(4 * found.size, np.uint64)
            while larger.size < _SPARSE * (count + size):
                larger = np.zeros(4 * larger.size, np.uint64)
            for key in found:
                if key != _NONE:
                    larger[_slot_of(larger, key)] = key
            found = larger
        for number in range(size):
            key = keys[number]
            if key == _NONE or table[_slot_of(table, key)] == _NONE:
                continue
            slot = _slot_of(found, key)
            if found[slot] == _NONE:
                found[slot] = key
                count += 1
    return found


@njit(
    void(_KEYS, _STEMS, _OFFSETS, _WEIGHTS, float64, int64, _OFFSETS, _OFFSETS, uint32[::1]),
    nogil=True,
    cache=True,
)
def count_holders(  # type: ignore[no-untyped-def]
    table, stems, offsets, weights, least, window, order, owners, holders
):
    """Count for each key of a table how many owners have a text with it.

    Args:
        table: From :func:`shared_key_table`.
        stems: Type of each word.
        offsets: Where each text begins.
        weights: Of each type.
        least: Weight from which a word is telling.
        window: Telling words before a telling word that make a key with it.
        order: Numbers of texts, texts of one owner one after another.
        owners: Owner of each text, by number of the text.
        holders: Zeros, as many as slots of the table; set to the counts.
    """
    words = int64(1)
    for text in range(offsets.size - 1):
        words = max(words, offsets[text + 1] - offsets[text])
    kept = np.empty(words, np.int64)
    keys = np.empty(words * window, np.uint64)
    latest = np.full(table.size, -1, np.int64)
    for position in range(order.size):
        text = order[position]
        owner = owners[text]
        size = _keys_of(stems, offsets, weights, least, window, text, kept, keys) * window
        for number in range(size):
            if keys[number] == _NONE:
                continue
            slot = _slot_of(table, keys[number])
            if table[slot] != _NONE and latest[slot] != owner:
                latest[slot] = owner
                holders[slot] += 1


@njit
def _sorted_places(stems, start, words):  # type: ignore[no-untyped-def]
    """Return the type of each word above and its place below, sorted."""
    packed = np.empty(words, np.uint64)
    for place in range(words):
        packed[place] = (uint64(stems[start + place]) << _HALF) | uint64(place)
    packed.sort()
    return packed


@njit
def _sorted_runs(stems, start, words):  # type: ignore[no-untyped-def]
    """Return the hash of each few words above and the place of the first below, sorted."""
    packed = np.empty(max(0, words - _RUN + 1), np.uint64)
    for place in range(packed.size):
        mixed = uint64(0)
        for step in range(_RUN):
            mixed = (mixed ^ uint64(stems[start + place + step])) * _GOLDEN
            mixed ^= mixed >> _HALF
        packed[place] = (mixed << _HALF) | uint64(place)
    packed.sort()
    return packed


@njit
def _group_end(packed, start):  # type: ignore[no-untyped-def]
    """Return where the entries end that agree in the upper half with the one at `start`."""
    stop = start + 1
    while stop < packed.size and packed[stop] >> _HALF == packed[start] >> _HALF:
        stop += 1
    return stop


@njit
def _in_runs(stems, start, words, others, begin, count, inside, inside_other):  # type: ignore[no-untyped-def]
    """Mark the words of two texts that stand in runs of both."""
    one = _sorted_runs(stems, start, words)
    other = _sorted_runs(others, begin, count)
    at = 0
    to = 0
    while at < one.size and to < other.size:
        if one[at] >> _HALF < other[to] >> _HALF:
            at += 1
        elif other[to] >> _HALF < one[at] >> _HALF:
            to += 1
        else:
            stop = _group_end(one, at)
            end = _group_end(other, to)
            for number in range(at, stop):
                place = int64(one[number] & _LOW)
                inside[place : place + _RUN] = 1
            for number in range(to, end):
                place = int64(other[number] & _LOW)
                inside_other[place : place + _RUN] = 1
            at = stop
            to = end


@njit
def _supported(stems, start, words, weights, least, told):  # type: ignore[no-untyped-def]
    """Return the share of a text's weight that told words carry.

    A word counts what it weighs more than half of what a telling one must.
    """
    weight = 0.0
    carried = 0.0
    for place in range(words):
        own = max(0.0, weights[stems[start + place]] - 0.5 * least)
        weight += own
        carried += own * told[place]
    return carried / weight if weight > 0 else 0.0


@njit
def _lead_found(stems, start, words, weights, found):  # type: ignore[no-untyped-def]
    """Return the share of the weight of a text's first words that is found in the other."""
    weight = 0.0
    met = 0.0
    for place in range(min(_LEAD, words)):
        own = weights[stems[start + place]]
        weight += own
        if found[place]:
            met += own
    return met / weight if weight > 0 else 0.0


@njit
def _opening_denies(stems, start, words, marks):  # type: ignore[no-untyped-def]
    """Return whether there is a negation in what a text says first."""
    for place in range(min(_OPENING, words)):  # noqa: SIM110
        if marks[stems[start + place]] == NEGATION:
            return True
    return False


@njit
def _all_negated(packed, first, stop, stems, start, marks):  # type: ignore[no-untyped-def]
    """Return whether a negation stands before every one of these words (1), before none (0), or so (2)."""
    negated = 0
    for number in range(first, stop):
        place = int64(packed[number] & _LOW)
        for before in range(max(0, place - _NEGATED), place):
            if marks[stems[start + before]] == NEGATION:
                negated += 1
                break
    if negated == 0:
        return 0
    return 1 if negated == stop - first else 2


@njit(
    void(
        _PAIRS,
        _STEMS,
        _OFFSETS,
        _WEIGHTS,
        _MARKS,
        float64,
        int64,
        _KEYS,
        readonly(uint32),
        float64,
        types.Array(float32, 2, "C"),
    ),
    nogil=True,
    cache=True,
)
def measure_details(  # type: ignore[no-untyped-def]  # noqa: C901
    pairs, stems, offsets, weights, marks, least, window, table, holders, spread, measured
):
    """Measure which details the texts of each pair share.

    Args:
        pairs: Numbers of texts.
        stems: Type of each word.
        offsets: Where each text begins.
        weights: Of each type.
        marks: Of each type, ``NUMBER``, ``NEGATION`` or 0.
        least: Weight from which a word is telling.
        window: Telling words before a telling word that make a key with it.
        table: From :func:`shared_key_table`; it has all keys that the texts of a pair share.
        holders: From :func:`count_holders`.
        spread: Owners up to which a key is rare; in `n` more it counts ``spread / n``.
        measured: float32[P, len(COLUMNS)], set to the measures.
    """
    longest = _longest(pairs, offsets)
    kept_a = np.empty(longest, np.int64)
    kept_b = np.empty(longest, np.int64)
    keys_a = np.empty(longest * window, np.uint64)
    keys_b = np.empty(longest * window, np.uint64)
    for position in range(pairs.shape[0]):
        a = pairs[position, 0]
        b = pairs[position, 1]
        start_a = offsets[a]
        start_b = offsets[b]
        words_a = offsets[a + 1] - start_a
        words_b = offsets[b + 1] - start_b
        row = measured[position]

        # Keys: in both texts, and how widely held.
        told_a = np.zeros(words_a)
        told_b = np.zeros(words_b)
        size_a = _keys_of(stems, offsets, weights, least, window, a, kept_a, keys_a)
        size_b = _keys_of(stems, offsets, weights, least, window, b, kept_b, keys_b)
        local = _local_table(keys_a, size_a * window)
        shares = np.zeros(local.size)
        keys = 0
        rare = 0
        told = 0.0
        for number in range(size_b * window):
            if keys_b[number] == _NONE:
                continue
            slot = _slot_of(local, keys_b[number])
            if local[slot] == _NONE:
                continue
            if shares[slot] == 0:
                shares[slot] = min(1.0, spread / holders[_slot_of(table, keys_b[number])])
                keys += 1
                rare += shares[slot] >= 1
                told += shares[slot]
            late = number // window
            for place in (kept_b[late], kept_b[late - number % window - 1]):
                told_b[place] = max(told_b[place], shares[slot])
        for number in range(size_a * window):
            if keys_a[number] == _NONE:
                continue
            share = shares[_slot_of(local, keys_a[number])]
            if share == 0:
                continue
            late = number // window
            for place in (kept_a[late], kept_a[late - number % window - 1]):
                told_a[place] = max(told_a[place], share)
        row[0] = keys
        row[1] = rare
        row[2] = told
        row[3] = _supported(stems, start_a, words_a, weights, least, told_a)
        row[4] = _supported(stems, start_b, words_b, weights, least, told_b)

        # Runs of the same words.
        inside_a = np.zeros(words_a, np.uint8)
        inside_b = np.zeros(words_b, np.uint8)
        _in_runs(stems, start_a, words_a, stems, start_b, words_b, inside_a, inside_b)
        row[5] = inside_a.sum() / max(1, words_a)
        row[6] = inside_b.sum() / max(1, words_b)

        # Words of one text in the other: the lead, numbers, negations.
        found_a = np.zeros(words_a, np.uint8)
        found_b = np.zeros(words_b, np.uint8)
        packed_a = _sorted_places(stems, start_a, words_a)
        packed_b = _sorted_places(stems, start_b, words_b)
        both = 0
        only_a = 0
        only_b = 0
        negations = 0
        one_denies = _opening_denies(stems, start_a, words_a, marks) != _opening_denies(
            stems, start_b, words_b, marks
        )
        at = 0
        to = 0
        while at < words_a or to < words_b:
            stem_a = packed_a[at] >> _HALF if at < words_a else _LOW
            stem_b = packed_b[to] >> _HALF if to < words_b else _LOW
            if stem_a < stem_b:
                only_a += marks[stem_a] == NUMBER
                at = _group_end(packed_a, at)
            elif stem_b < stem_a:
                only_b += marks[stem_b] == NUMBER
                to = _group_end(packed_b, to)
            else:
                stop = _group_end(packed_a, at)
                end = _group_end(packed_b, to)
                for number in range(at, stop):
                    found_a[packed_a[number] & _LOW] = 1
                for number in range(to, end):
                    found_b[packed_b[number] & _LOW] = 1
                both += marks[stem_a] == NUMBER
                opens = packed_a[at] & _LOW < _OPENING and packed_b[to] & _LOW < _OPENING
                if one_denies and opens and weights[stem_a] >= least and marks[stem_a] != NEGATION:
                    one = _all_negated(packed_a, at, stop, stems, start_a, marks)
                    other = _all_negated(packed_b, to, end, stems, start_b, marks)
                    negations += one + other == 1
                at = stop
                to = end
        row[7] = min(
            _lead_found(stems, start_a, words_a, weights, found_a),
            _lead_found(stems, start_b, words_b, weights, found_b),
        )
        row[8] = both
        row[9] = only_a
        row[10] = only_b
        row[11] = negations
