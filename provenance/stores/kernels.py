"""The loops of a store, compiled: finding keys in sorted arrays, merging them, and checking blocks.

An *entry* is a key whose last 24 bits say which document of the array it belongs to.  Arrays of entries
are sorted, so that the documents of a key stand together, in the order of their arrival.
"""

from __future__ import annotations

from numba import float64, int64, njit, types, uint8, uint32, uint64

from provenance.text.kernels import readonly

__all__ = ["BLOCK", "block_sums", "check_blocks", "find_entries", "mark_entries", "select_live"]

#: Words of a block: 64 KB are checked in some microseconds when one of them is read for the first time.
BLOCK = 1 << 13

_GOLDEN = uint64(0x9E3779B97F4A7C15)
_LOCAL = uint64(0xFFFFFF)
_FAMILY = uint64(61)
_WHOLE = uint64(2)  # of provenance.index.keys; the store sees no more of it than this

_WORDS = readonly(uint64)
_NUMBERS = readonly(int64)
_BITS = readonly(uint8)


@njit
def _sum_block(words, start, stop):  # type: ignore[no-untyped-def]
    """Digest words; four chains, because each step of one waits for the step before."""
    a, b, c, d = uint64(1), uint64(2), uint64(3), uint64(4)
    at = start
    while at + 4 <= stop:
        a = (a ^ words[at]) * _GOLDEN
        b = (b ^ words[at + 1]) * _GOLDEN
        c = (c ^ words[at + 2]) * _GOLDEN
        d = (d ^ words[at + 3]) * _GOLDEN
        a ^= a >> uint64(32)
        b ^= b >> uint64(32)
        c ^= c >> uint64(32)
        d ^= d >> uint64(32)
        at += 4
    while at < stop:
        a = (a ^ words[at]) * _GOLDEN
        a ^= a >> uint64(32)
        at += 1
    for other in (b, c, d):
        a = (a ^ other) * _GOLDEN
        a ^= a >> uint64(32)
    return a


@njit(types.void(_WORDS, uint64[::1]), nogil=True, cache=True)
def block_sums(words, sums):  # type: ignore[no-untyped-def]
    """Set `sums` to the digest of every block of `words`."""
    for block in range(sums.size):
        start = block * BLOCK
        sums[block] = _sum_block(words, start, min(words.size, start + BLOCK))


@njit
def _sound(words, block, sums, seen):  # type: ignore[no-untyped-def]
    """Whether a block is what was written; looked at once."""
    if seen[block]:
        return True
    start = block * BLOCK
    if _sum_block(words, start, min(words.size, start + BLOCK)) != sums[block]:
        return False
    seen[block] = 1
    return True


@njit(int64(_WORDS, _NUMBERS, _WORDS, uint8[::1]), nogil=True, cache=True)
def check_blocks(words, blocks, sums, seen):  # type: ignore[no-untyped-def]
    """Return the first of `blocks` that is not what was written, or -1."""
    for position in range(blocks.size):
        if not _sound(words, blocks[position], sums, seen):
            return blocks[position]
    return -1


@njit
def _unsound(words, block, sums, seen):  # type: ignore[no-untyped-def]
    """Return the block if it is to be checked and not what was written, else -1."""
    return int64(-1) if sums.size == 0 or _sound(words, block, sums, seen) else int64(block)


@njit
def _mark_shift(marks):  # type: ignore[no-untyped-def]
    """Return how far a key is to be shifted so that its highest bits number the bits of `marks`."""
    shift = _FAMILY
    bits = int64(marks.size) * 8
    while bits > 1:
        bits >>= 1
        shift -= uint64(1)
    return shift


@njit
def _marked(marks, shift, key):  # type: ignore[no-untyped-def]
    """Whether a key may be there: one of another family may always."""
    if (key >> _FAMILY) != _WHOLE:
        return True
    bit = (key ^ (_WHOLE << _FAMILY)) >> shift
    return ((marks[bit >> uint64(3)] >> (bit & uint64(7))) & uint64(1)) != 0


@njit
def _first_at_least(words, low, high, wanted):  # type: ignore[no-untyped-def]
    while low < high:
        middle = (low + high) >> 1
        if words[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@njit
def _near(words, low, high, wanted, least, most):  # type: ignore[no-untyped-def]
    """Return what `_first_at_least` does, looking first where evenly spread words would have it.

    They lie between `least`, the first of them, and `most`: to read the last one, too, would cost as much
    as all the rest.
    """
    if least >= wanted:
        return low
    share = min(1.0, float64(wanted - least) / max(1.0, float64(most - least)))
    guess = low + int64(share * (high - 1 - low))
    step = 8
    if words[guess] < wanted:
        low = guess + 1
        while low + step < high and words[low + step] < wanted:
            low += step
            step *= 2
        return _first_at_least(words, low, min(high, low + step + 1), wanted)
    high = guess
    while high - step > low and words[high - step] >= wanted:
        high -= step
        step *= 2
    return _first_at_least(words, max(low, high - step), high, wanted)


@njit(
    int64(
        _WORDS,
        int64,
        _WORDS,
        _WORDS,
        uint8[::1],
        _BITS,
        _WORDS,
        uint32,
        int64,
        int64,
        int64[::1],
        uint32[::1],
        int64[::1],
    ),
    nogil=True,
    cache=True,
)
def find_entries(  # type: ignore[no-untyped-def]
    words, count, fences, sums, seen, marks, probes, base, full, few, rows, documents, state
):
    """Find the documents that hold each probe.

    Args:
        words: The entries, and whatever else is in their blocks.
        count: How many of them are entries.
        fences: The first entry of every block.
        sums: Digest of every block; empty where nothing needs to be checked.
        seen: By block, whether it was checked.
        marks: One bit for the keys of the family of whole texts, by their highest bits; empty for no
            such filter.
        probes: Sorted; keys with, in place of the zeros, a number that is given back.
        base: Number of the first document.
        full: A key with more documents than this gives only...
        few: ...so many of the first, and the last one.
        rows: Output, the number of the probe.
        documents: Output, the number of a document.
        state: ``[next probe, written]``.  Returns early when there is no room for another probe: call
            again with the first entry as it is.

    Returns:
        -1, or the block that is not what was written.
    """
    at = state[0]
    written = 0
    most = max(full, few + 1)
    shift = _mark_shift(marks)
    bad = int64(-1)
    block = int64(0)
    while count and at < probes.size and written + most <= rows.size and bad < 0:
        row = int64(probes[at] & _LOCAL)
        probe = probes[at] & ~_LOCAL
        at += 1
        if marks.size and not _marked(marks, shift, probe):
            continue
        last = probe | _LOCAL
        # The block before the first one that begins at or after the probe.
        step = 1
        while block + step < fences.size and fences[block + step] < probe:
            block += step
            step *= 2
        ahead = min(fences.size, block + step)
        block = max(int64(0), _first_at_least(fences, block, ahead, probe) - 1)
        bad = _unsound(words, block, sums, seen)
        end = min(count, (block + 1) * BLOCK)
        most_here = fences[block + 1] if block + 1 < fences.size else words[end - 1]
        low = _near(words, block * BLOCK, end, probe, fences[block], most_here)
        # It may begin with the next block, whose fence tells.
        if low == count or (fences[block + 1] if low == (block + 1) * BLOCK else words[low]) > last:
            continue
        high = low
        while bad < 0 and high < count and high - low <= full:
            if high % BLOCK == 0:
                bad = _unsound(words, high // BLOCK, sums, seen)
            if words[high] > last:
                break
            high += 1
        told = high - low
        if told > full:
            told = few
            # The last one stands in the last block that begins before the end of the key.
            final = max(int64(0), _first_at_least(fences, block, fences.size, last + uint64(1)) - 1)
            bad = max(bad, int64(_unsound(words, final, sums, seen)))
            stop = min(count, (final + 1) * BLOCK)
            high = _first_at_least(words, final * BLOCK, stop, last + uint64(1))
            rows[written] = row
            documents[written] = base + uint32(words[high - 1] & _LOCAL)
            written += 1
        for entry in range(low, low + told):
            rows[written] = row
            documents[written] = base + uint32(words[entry] & _LOCAL)
            written += 1
    state[0], state[1] = at if count else probes.size, written
    return bad


@njit(types.void(_WORDS, uint8[::1]), nogil=True, cache=True)
def mark_entries(words, marks):  # type: ignore[no-untyped-def]
    """Set the bit of every entry of the family of whole texts."""
    shift = _mark_shift(marks)
    for at in range(words.size):
        if (words[at] >> _FAMILY) == _WHOLE:
            bit = (words[at] ^ (_WHOLE << _FAMILY)) >> shift
            marks[bit >> uint64(3)] |= uint64(1) << (bit & uint64(7))


@njit(int64(_WORDS, uint32, uint32, _BITS, uint64[::1]), nogil=True, cache=True)
def select_live(words, base, new_base, live, kept):  # type: ignore[no-untyped-def]
    """Copy the entries of documents that are still there, renumbered for another base.

    Args:
        words: Entries.
        base: Number of the first document, for these.
        new_base: The same for the copy; not larger.
        live: By document from `base` on, 1 if it is there.
        kept: Output.

    Returns:
        How many were copied.
    """
    moved = uint64(base - new_base)
    written = 0
    for at in range(words.size):
        if live[words[at] & _LOCAL]:
            kept[written] = words[at] + moved
            written += 1
    return written
