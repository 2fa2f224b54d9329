"""The loops of the candidate joins, compiled: arrays in, arrays out, the interpreter lock released.

Nothing here allocates by the size of its input; callers hand in the buffers.  A *key* is a 64-bit
word with a 32-bit hash in the high half and a document number in the low half, so that one plain
sort brings the members of a bucket together and puts them in document order.  A *packed pair* has
the smaller document number in the high half.

Every kernel declares its signature: it is compiled once per machine, on first import, and kept in
Numba's cache.  Inputs may be read-only views of files; everything is contiguous.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, types, uint8, uint32, uint64, void

from provenance.text.kernels import readonly

__all__ = [
    "agreeing_pairs",
    "band_keys",
    "best_pairs",
    "bucket_pairs",
    "group_pairs",
    "mark_shingles",
    "sequence_keys",
    "shingle_keys",
    "split_keys",
]

#: 2**64 over the golden ratio, made odd: the multiplier of Fibonacci hashing, whose products spread
#: neighboring inputs over the high bits (Knuth, TAOCP 3, section 6.4).
_GOLDEN = uint64(0x9E3779B97F4A7C15)
_LOW = uint64(0xFFFFFFFF)
_HALF = uint64(32)

_DOCUMENTS = readonly(uint32)
_SHINGLES = readonly(uint32)
_OFFSETS = readonly(int64)
_MARKS = readonly(uint8)
_KEYS = readonly(uint64)
_SIGNATURES = types.Array(uint32, 2, "C", readonly=True)


@njit(void(_SIGNATURES, _DOCUMENTS, int64, int64, uint64[:, ::1]), nogil=True, cache=True)
def band_keys(signatures, members, first, rows, keys):  # type: ignore[no-untyped-def]
    """Fill ``keys[band, m]`` with the key of band ``first + band`` of document ``members[m]``."""
    for position in range(members.size):
        document = members[position]
        signature = signatures[document]
        for band in range(keys.shape[0]):
            mixed = uint64(first + band + 1)
            slot = (first + band) * rows
            for row in range(rows):
                mixed = (mixed ^ uint64(signature[slot + row])) * _GOLDEN
                mixed ^= mixed >> _HALF
            keys[band, position] = (mixed << _HALF) | uint64(document)


@njit
def _agree(signatures, a, b):  # type: ignore[no-untyped-def]
    """Count the slots in which two signatures are equal."""
    one = signatures[a]
    other = signatures[b]
    equal = 0
    for slot in range(one.size):
        equal += one[slot] == other[slot]
    return equal


@njit(void(_KEYS, _SIGNATURES, int64, uint8[::1]), nogil=True, cache=True)
def agreeing_pairs(pairs, signatures, agreement, kept):  # type: ignore[no-untyped-def]
    """Set `kept` to 1 for packed pairs whose signatures agree in enough slots, to 0 for others."""
    for position in range(pairs.size):
        equal = _agree(signatures, pairs[position] >> _HALF, pairs[position] & _LOW)
        kept[position] = equal >= agreement


@njit
def _pair_all(bucket, signatures, agreement, pairs, written):  # type: ignore[no-untyped-def]
    """Compare every member of a bucket with every other; return how many pairs there are now."""
    for late in range(1, bucket.size):
        b = bucket[late] & _LOW
        for early in range(late):
            a = bucket[early] & _LOW
            if agreement == 0 or _agree(signatures, a, b) >= agreement:
                pairs[written] = (a << _HALF) | b
                written += 1
    return written


@njit
def _pair_some(  # type: ignore[no-untyped-def]
    bucket, signatures, agreement, chosen, anchors, full, crowded, pairs, written
):
    """Compare each member with a few chosen ones and its predecessor; return the number of pairs.

    Members that agree in half of their slots with a chosen one which more than `full` others are as
    close to are crowded.
    """
    near = signatures.shape[1] // 2
    close_to = np.full(bucket.size, -1, np.int8)
    close = np.zeros(chosen.size, np.int64)
    chosen[0] = bucket[0] & _LOW
    close_to[0] = 0
    known = 1
    for late in range(1, bucket.size):
        b = bucket[late] & _LOW
        before = bucket[late - 1] & _LOW
        met_before = False
        found = 0
        for rank in range(known):
            met_before |= chosen[rank] == before
            equal = _agree(signatures, chosen[rank], b)
            if equal >= agreement:
                pairs[written] = (chosen[rank] << _HALF) | b
                written += 1
                found += 1
                if equal >= near and close_to[late] < 0:
                    close_to[late] = rank
                    close[rank] += 1
                if found == anchors:
                    break
        if not met_before and _agree(signatures, before, b) >= agreement:
            pairs[written] = (before << _HALF) | b
            written += 1
        if found < anchors and known < chosen.size:
            if close_to[late] < 0:
                close_to[late] = known
            chosen[known] = b
            known += 1
    for place in range(bucket.size):
        if close_to[place] >= 0 and close[close_to[place]] >= full:
            crowded[bucket[place] & _LOW] = 1
    return written


@njit(inline="always")
def _bucket_end(keys, start):  # type: ignore[no-untyped-def]
    """Return where the bucket that begins at `start` ends."""
    stop = start + 1
    while stop < keys.size and (keys[stop] >> _HALF) == (keys[start] >> _HALF):
        stop += 1
    return stop


@njit(
    void(
        _KEYS,
        _SIGNATURES,
        int64,
        int64,
        int64,
        uint64[::1],
        int64,
        uint8[::1],
        uint64[::1],
        int64[::1],
    ),
    nogil=True,
    cache=True,
)
def bucket_pairs(  # type: ignore[no-untyped-def]
    keys, signatures, agreement, agreement_all, full, chosen, anchors, crowded, pairs, state
):
    """Compare the members of each bucket by their signatures and pack the pairs that agree.

    A bucket of at most `full` members is compared all against all.  In a larger one a member is
    compared with at most ``chosen.size`` earlier members, its representatives, until `anchors` of them
    agree, and with its predecessor; a member that fewer agree with becomes a representative while
    there is room.  Work and pairs stay linear in the members, whatever a bucket holds.

    Args:
        keys: Sorted keys of one band.
        signatures: All signatures, by document number.
        agreement: Slots that must be equal.
        agreement_all: The same where all are compared with all; 0 to leave the comparing for later.
        full: See above.
        chosen: Scratch for the representatives.
        anchors: See above.
        crowded: By document, set to 1 if it is one of more than `full` near-identical members.
        pairs: Room for the packed pairs; at least ``max(full**2 / 2, keys.size * (anchors + 1))``.
        state: ``[next key, pairs written]``.  Returns early, at the end of a bucket, when `pairs` is
            full; call again with the first entry as it is and the second at 0.
    """
    start = state[0]
    written = state[1]
    while start < keys.size:
        stop = _bucket_end(keys, start)
        size = stop - start
        if (
            written + (size * (size - 1) // 2 if size <= full else size * (anchors + 1))
            > pairs.size
        ):
            break
        bucket = keys[start:stop]
        if size <= full:
            written = _pair_all(bucket, signatures, agreement_all, pairs, written)
        else:
            written = _pair_some(
                bucket, signatures, agreement, chosen, anchors, full, crowded, pairs, written
            )
        start = stop
    state[0] = start
    state[1] = written


@njit(void(_KEYS, _SIGNATURES, _MARKS, int64, uint8[::1]), nogil=True, cache=True)
def best_pairs(pairs, signatures, crowded, anchors, kept):  # type: ignore[no-untyped-def]
    """Choose, among the pairs of two crowded documents, a few for each document.

    Of the partners with smaller numbers a document keeps the `anchors` whose signatures agree best
    with its own, the smaller number first among equals, and the nearest one.

    Args:
        pairs: Packed with the *larger* number in the high half, sorted.
        signatures: All signatures, by document number.
        crowded: By document.
        anchors: See above.
        kept: Set to 1 for pairs that are kept; a pair with an end that is not crowded always is.
    """
    best = np.empty(anchors, np.int64)
    start = 0
    while start < pairs.size:
        stop = _bucket_end(pairs, start)
        b = pairs[start] >> _HALF
        known = 0
        nearest = -1
        for at in range(start, stop):
            a = pairs[at] & _LOW
            if not (crowded[a] and crowded[b]):
                kept[at] = 1
                continue
            nearest = at
            # The rank of a pair: slots that agree, then the place in order; larger is better.
            rank = _agree(signatures, a, b) * (pairs.size + 1) + (pairs.size - at)
            place = known if known < anchors else anchors
            while place > 0 and best[place - 1] < rank:
                if place < anchors:
                    best[place] = best[place - 1]
                place -= 1
            if place < anchors:
                best[place] = rank
                known = min(known + 1, anchors)
        for place in range(known):
            kept[pairs.size - best[place] % (pairs.size + 1)] = 1
        if nearest >= 0:
            kept[nearest] = 1
        start = stop


@njit(void(_SHINGLES, _OFFSETS, _DOCUMENTS, uint8[::1]), nogil=True, cache=True)
def mark_shingles(shingles, offsets, members, marks):  # type: ignore[no-untyped-def]
    """Set the bit of every shingle of `members`; ``marks.size * 8`` must be a power of two."""
    mask = uint64(marks.size * 8 - 1)
    for position in range(members.size):
        document = members[position]
        for at in range(offsets[document], offsets[document + 1]):
            bit = uint64(shingles[at]) & mask
            marks[bit >> uint64(3)] |= uint64(1) << (bit & uint64(7))


@njit(int64(_SHINGLES, _OFFSETS, _DOCUMENTS, uint64, _MARKS, uint64[::1]), nogil=True, cache=True)
def shingle_keys(shingles, offsets, members, limit, marks, keys):  # type: ignore[no-untyped-def]
    """Write a key for every shingle of `members` that is below `limit` or marked.

    Returns:
        How many keys there are, also where `keys` is too small for them: call with an empty array
        to learn the size.
    """
    mask = uint64(marks.size * 8 - 1)
    room = keys.size
    written = 0
    for position in range(members.size):
        document = members[position]
        for at in range(offsets[document], offsets[document + 1]):
            shingle = uint64(shingles[at])
            bit = shingle & mask
            if shingle < limit or (marks[bit >> uint64(3)] >> (bit & uint64(7))) & uint64(1):
                if written < room:
                    keys[written] = (shingle << _HALF) | uint64(document)
                written += 1
    return written


@njit(int64(_SHINGLES, _OFFSETS, _DOCUMENTS, _MARKS, int64, uint64[::1]), nogil=True, cache=True)
def split_keys(shingles, offsets, members, marks, reach, keys):  # type: ignore[no-untyped-def]
    """Write a key for every marked shingle of `members`, made of it and the one `reach` further on.

    A formula that stands everywhere goes on differently in every text; a passage goes on the same.

    Returns:
        How many keys there are, as :func:`shingle_keys` does.
    """
    mask = uint64(marks.size * 8 - 1)
    room = keys.size
    written = 0
    for position in range(members.size):
        document = members[position]
        for at in range(offsets[document], offsets[document + 1] - reach):
            shingle = uint64(shingles[at])
            bit = shingle & mask
            if (marks[bit >> uint64(3)] >> (bit & uint64(7))) & uint64(1):
                if written < room:
                    mixed = (shingle ^ (uint64(shingles[at + reach]) << _HALF)) * _GOLDEN
                    mixed ^= mixed >> _HALF
                    keys[written] = (mixed << _HALF) | uint64(document)
                written += 1
    return written


@njit(void(_SHINGLES, _OFFSETS, _DOCUMENTS, uint64[::1]), nogil=True, cache=True)
def sequence_keys(shingles, offsets, members, keys):  # type: ignore[no-untyped-def]
    """Write one key for each of `members`, made of all its shingles in their order."""
    for position in range(members.size):
        document = members[position]
        mixed = _GOLDEN
        for at in range(offsets[document], offsets[document + 1]):
            mixed = (mixed ^ uint64(shingles[at])) * _GOLDEN
            mixed ^= mixed >> _HALF
        keys[position] = (mixed << _HALF) | uint64(document)


@njit(
    void(_KEYS, _MARKS, int64, int64, uint64[::1], uint64[::1], int64[::1]),
    nogil=True,
    cache=True,
)
def group_pairs(keys, wanted, full, anchors, pairs, hot, state):  # type: ignore[no-untyped-def]
    """Pair the members of each bucket without looking at them.

    A bucket of at most `full` members gives all its pairs.  A larger one is *hot*: each member is
    paired with the first `anchors` members and with its predecessor, and the hash is noted.

    Args:
        keys: Sorted keys without repetition.
        wanted: By document: a pair is written if either end is wanted.
        full: See above.
        anchors: See above.
        pairs: Room for the packed pairs; at least ``max(full**2 / 2, keys.size * (anchors + 1))``.
        hot: Room for the hashes of hot buckets; at least ``keys.size / full``.
        state: ``[next key, pairs written, hot hashes written]``; as in :func:`bucket_pairs`, the
            second entry must be set to 0 between calls, the third must not.
    """
    start = state[0]
    written = state[1]
    heated = state[2]
    while start < keys.size:
        stop = _bucket_end(keys, start)
        size = stop - start
        small = size <= full
        if written + (size * (size - 1) // 2 if small else size * (anchors + 1)) > pairs.size:
            break
        if not small:
            hot[heated] = keys[start] >> _HALF
            heated += 1
        for late in range(start + 1, stop):
            b = keys[late] & _LOW
            upto = late if small else min(late, start + anchors)
            for early in range(start, upto + (upto < late)):
                # Past the anchors of a hot bucket one step is left: the predecessor.
                a = keys[early if early < upto else late - 1] & _LOW
                if wanted[a] or wanted[b]:
                    pairs[written] = (a << _HALF) | b
                    written += 1
        start = stop
    state[0] = start
    state[1] = written
    state[2] = heated
