"""Details of texts as machine code: numbers, places and names that a translation would not leave out.

A module of its own, because it is compiled when it is imported for the first time.
"""

from __future__ import annotations

import numpy as np
from numba import boolean, float32, float64, int64, njit, uint8, uint32, uint64

from provenance.text.kernels import readonly

__all__ = ["weigh_words"]

#: Kinds of keys, as :mod:`provenance.sketch.gazetteer` counts them.
_NUMBER, _PLACE, _WORD, _SKELETON = 0, 1, 4, 5

#: Rarity from which a number, a place or a name is a detail.
_SOLID = 1.5

#: 2**64 over the golden ratio, made odd: the multiplier of Fibonacci hashing (Knuth, TAOCP 3, 6.4).
_GOLDEN = uint64(0x9E3779B97F4A7C15)

_F32, _I64, _U32, _U8 = map(readonly, (float32, int64, uint32, uint8))


@njit(
    int64(
        _U32, _F32, _F32, _F32, _U32, _I64, _U8,
        float64[:, ::1], uint32[::1], float32[::1], float32[::1], boolean[::1], int64[::1],
    ),
    nogil=True,
    cache=True,
)  # fmt: skip
def weigh_words(  # type: ignore[no-untyped-def]
    keys, weights, factors, places, words, offsets, kinds,
    totals, solid_words, solid_places, solid_weights, solid_numbers, solid_offsets,
):  # fmt: skip
    """Weigh the words of each text by their best anchor, and pick the details.

    The first columns are those of :class:`~provenance.sketch.anchoring.Anchors`, and the kind of each
    key.  `totals`, float64[N, 2], is filled with the weight of a text's words and that of its numbers; the
    `solid` columns, with room for all rows, as far as needed with the details of all texts, in their order,
    and which of them are numbers; `solid_offsets`, int64[N + 1], with where those of a text begin.

    Returns:
        How many details there are.
    """
    longest = 1
    for text in range(offsets.size - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    room = 1
    while room < 2 * longest:
        room *= 2
    # Numbers of words are sparse, so words are looked up by a hash of theirs.
    slots, entries = np.full(room, -1, np.int64), np.empty(longest, np.int64)
    found = np.empty(longest, np.uint32)
    best, numbers = np.empty(longest, np.float32), np.empty(longest, np.float32)
    solid, place = np.empty(longest, np.float32), np.empty(longest, np.float32)
    numeral = np.empty(longest, np.bool_)
    count = 0
    for text in range(offsets.size - 1):
        solid_offsets[text] = count
        size = 0
        for row in range(offsets[text], offsets[text + 1]):
            slot = int64((uint64(words[row]) * _GOLDEN) >> uint64(32)) & (room - 1)
            while slots[slot] >= 0 and found[slots[slot]] != words[row]:
                slot = (slot + 1) & (room - 1)
            if slots[slot] < 0:
                slots[slot], entries[size], found[size] = size, slot, words[row]
                best[size] = numbers[size] = solid[size] = 0
                size += 1
            word, kind = slots[slot], kinds[keys[row]]
            worth = weights[row] * factors[row]
            best[word] = max(best[word], worth)
            if kind == _NUMBER:
                numbers[word] = max(numbers[word], worth)
            sure = kind <= _PLACE or kind == _WORD or (kind == _SKELETON and factors[row] >= 1)
            if sure and weights[row] > _SOLID and worth > solid[word]:
                solid[word], place[word], numeral[word] = worth, places[row], kind == _NUMBER
        totals[text] = 0
        for word in range(size):
            totals[text, 0] += best[word]
            totals[text, 1] += numbers[word]
            if solid[word] > 0:
                solid_words[count], solid_places[count] = found[word], place[word]
                solid_weights[count], solid_numbers[count] = solid[word], numeral[word]
                count += 1
            slots[entries[word]] = -1
    solid_offsets[offsets.size - 1] = count
    return count
