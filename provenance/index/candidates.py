"""Which pairs of texts deserve a look: three joins over sketches, each of them a sort.

* **Bands.** Texts that agree in all slots of one band of their signatures share a bucket.  Finds
  pairs that are much alike (Jaccard 0.2 and more), whatever the order of their words.
* **Sampled shingles.** One shingle in so many is a key by its hash alone, so both texts choose the
  same ones; a short text is keyed by all its shingles.  Finds the short text inside the long one,
  and the passage two long texts have in common, where the Jaccard similarity is far too low for
  bands.
* **Whole sequences.** Texts of a few words are paired only if all their shingles are the same.

Every join packs a 32-bit hash and a document number into one 64-bit word, sorts, and pairs the
members of each bucket.  A bucket that is too large is never paired all against all and never
dropped: its members are tied to a few anchors and to their predecessors, and hot shingles are split
by what follows them.  The number of pairs is therefore linear in the texts, also for ten thousand
copies of one item and for a formula that stands in every text.

Limits: a text without any word has no sketch and no candidates.  A pair is a reason to look, not a
finding; :mod:`provenance.verify` decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.config import IndexSpec
from provenance.index import kernels
from provenance.sketch.signatures import Sketches

__all__ = ["candidate_pairs"]

Pairs = NDArray[np.uint64]

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)

#: Bands whose keys are made in one pass: eight two-slot bands are one cache line of a signature.
_BANDS_AT_ONCE = 8

#: Signatures for which :attr:`IndexSpec.agreement` is stated.
_AGREEMENT_SLOTS = 128


def candidate_pairs(sketches: Sketches, spec: IndexSpec | None = None) -> NDArray[np.uint32]:
    """Return the pairs of documents that may share text.

    Args:
        sketches: Signatures and shingles of all documents.
        spec: Settings; the defaults where left out.

    Returns:
        ``uint32[P, 2]`` document numbers, the smaller first, sorted, no pair twice.  The same for the
        same sketches on every machine.
    """
    settings = spec or IndexSpec()
    counts = np.diff(sketches.offsets)
    # A text of w words has w - width + 1 shingles, and one shingle if it has `width` words or fewer.
    exact = max(1, settings.exact_below - sketches.spec.width)
    tiny = _numbers((counts > 0) & (counts <= exact))
    members = _numbers(counts > exact)
    crowded = np.zeros(counts.size, dtype=np.uint8)
    alike = _united(
        [
            _band_pairs(sketches, members, crowded, settings),
            _shingle_pairs(sketches, members, counts, settings),
        ]
    )
    packed = _united(
        [_sequence_pairs(sketches, tiny, settings), _thinned(alike, sketches, crowded, settings)]
    )
    pairs = np.empty((packed.size, 2), dtype=np.uint32)
    pairs[:, 0] = packed >> _HALF
    pairs[:, 1] = packed & _LOW
    return pairs


def _numbers(mask: NDArray[np.bool_]) -> NDArray[np.uint32]:
    return np.flatnonzero(mask).astype(np.uint32)


def _sequence_pairs(sketches: Sketches, members: NDArray[np.uint32], spec: IndexSpec) -> Pairs:
    """Tie texts of a few words to others with the very same shingles."""
    keys = np.empty(members.size, dtype=np.uint64)
    kernels.sequence_keys(sketches.shingles, sketches.offsets, members, keys)
    keys.sort()
    everyone = np.ones(sketches.offsets.size - 1, dtype=np.uint8)
    return _united(_grouped(keys, everyone, spec)[0])


def _band_pairs(
    sketches: Sketches, members: NDArray[np.uint32], crowded: NDArray[np.uint8], spec: IndexSpec
) -> Pairs:
    """Tie texts whose signatures agree in a band, and in enough slots; mark the crowded ones."""
    permutations = sketches.spec.permutations
    agreement = max(1, round(spec.agreement * permutations / _AGREEMENT_SLOTS))
    room = max(spec.full_bucket**2 // 2, members.size * (spec.anchors + 1))
    buffer = np.empty(room, dtype=np.uint64)
    chosen = np.empty(spec.representatives, dtype=np.uint64)
    state = np.zeros(2, dtype=np.int64)
    found: list[Pairs] = []
    usable = min(spec.bands, permutations // spec.rows)
    for first in range(0, usable, _BANDS_AT_ONCE):
        keys = np.empty((min(_BANDS_AT_ONCE, usable - first), members.size), dtype=np.uint64)
        kernels.band_keys(sketches.signatures, members, first, spec.rows, keys)
        for band in keys:
            band.sort()
            state[0] = 0
            while state[0] < members.size:
                state[1] = 0
                kernels.bucket_pairs(
                    band,
                    sketches.signatures,
                    agreement,
                    spec.full_bucket,
                    chosen,
                    spec.anchors,
                    crowded,
                    buffer,
                    state,
                )
                found.append(buffer[: state[1]].copy())
        # Bands repeat one another's pairs: united early, they never fill memory.
        found = [_united(found)]
    return _united(found)


def _thinned(
    pairs: Pairs, sketches: Sketches, crowded: NDArray[np.uint8], spec: IndexSpec
) -> Pairs:
    """Leave a few pairs to each member of a group of copies too large to be listed pair by pair."""
    if not crowded.any():
        return pairs
    by_larger = (pairs << _HALF) | (pairs >> _HALF)
    by_larger.sort()
    kept = np.zeros(pairs.size, dtype=np.uint8)
    kernels.best_pairs(by_larger, sketches.signatures, crowded, spec.anchors, kept)
    left: Pairs = by_larger[kept == 1]
    result: Pairs = (left << _HALF) | (left >> _HALF)
    return result


def _shingle_pairs(
    sketches: Sketches, members: NDArray[np.uint32], counts: NDArray[np.int64], spec: IndexSpec
) -> Pairs:
    """Tie texts that share enough of their sampled shingles, or of all shingles of a short one."""
    short = counts <= spec.short_shingles
    long_members, short_members = members[~short[members]], members[short[members]]
    sampled = _join(
        sketches,
        long_members,
        wanted=np.ones(counts.size, dtype=np.uint8),
        limit=2**32 // spec.sampling,
        marks=np.zeros(1, dtype=np.uint8),
        spec=spec,
    )
    marks = _blank_marks(int(counts[short_members].sum()))
    kernels.mark_shingles(sketches.shingles, sketches.offsets, short_members, marks)
    whole = _join(sketches, members, wanted=short.astype(np.uint8), limit=0, marks=marks, spec=spec)
    return _united([sampled, whole])


def _join(
    sketches: Sketches,
    members: NDArray[np.uint32],
    *,
    wanted: NDArray[np.uint8],
    limit: int,
    marks: NDArray[np.uint8],
    spec: IndexSpec,
) -> Pairs:
    """Tie `members` by the shingles that are below `limit` or marked, one end of each pair wanted."""
    where = (sketches.shingles, sketches.offsets, members)
    nowhere = np.empty(0, dtype=np.uint64)
    keys = np.empty(kernels.shingle_keys(*where, limit, marks, nowhere), dtype=np.uint64)
    kernels.shingle_keys(*where, limit, marks, keys)
    keys = _distinct(keys)
    found, hot = _grouped(keys, wanted, spec)
    if hot.size:
        hot_marks = _blank_marks(hot.size)
        values = hot.astype(np.uint32)
        kernels.mark_shingles(
            values, np.array([0, values.size]), np.zeros(1, dtype=np.uint32), hot_marks
        )
        reach = spec.split_reach
        split = np.empty(kernels.split_keys(*where, hot_marks, reach, nowhere), dtype=np.uint64)
        kernels.split_keys(*where, hot_marks, reach, split)
        found += _grouped(_distinct(split), wanted, spec)[0]
    held = np.bincount((keys & _LOW).astype(np.int64), minlength=wanted.size)
    return _shared_enough(found, np.where(wanted, held, np.iinfo(np.int64).max), spec)


def _shared_enough(found: list[Pairs], held: NDArray[np.int64], spec: IndexSpec) -> Pairs:
    """Keep the pairs that were found by a large enough share of the smaller text's keys."""
    packed = np.concatenate([np.empty(0, dtype=np.uint64), *found])
    packed.sort()
    first = np.flatnonzero(_new(packed))
    times = np.diff(np.append(first, packed.size))
    pairs = packed[first]
    fewest = np.minimum(
        held[(pairs >> _HALF).astype(np.int64)], held[(pairs & _LOW).astype(np.int64)]
    )
    return pairs[times >= np.maximum(1, spec.key_share * fewest)]


def _grouped(
    keys: Pairs, wanted: NDArray[np.uint8], spec: IndexSpec
) -> tuple[list[Pairs], NDArray[np.uint64]]:
    """Return the pairs of all buckets, in parts, and the hashes of the hot ones."""
    # A part holds the pairs of at least one bucket, however large; other parts stay small.
    room = max(spec.full_bucket**2 // 2, keys.size * (spec.anchors + 1))
    buffer = np.empty(room, dtype=np.uint64)
    hot = np.empty(keys.size // spec.full_bucket + 1, dtype=np.uint64)
    state = np.zeros(3, dtype=np.int64)
    found: list[Pairs] = []
    while state[0] < keys.size:
        state[1] = 0
        kernels.group_pairs(keys, wanted, spec.full_bucket, spec.anchors, buffer, hot, state)
        found.append(buffer[: state[1]].copy())
    return found, hot[: state[2]]


def _blank_marks(shingles: int) -> NDArray[np.uint8]:
    """Room for one bit of sixteen a shingle, so that few others are taken for one of them."""
    bits = 1 << max(10, min(32, (16 * shingles).bit_length()))
    return np.zeros(bits // 8, dtype=np.uint8)


def _new(ordered: Pairs) -> NDArray[np.bool_]:
    """Mark what differs from its predecessor; faster than ``np.unique`` by a factor of four."""
    mask = np.ones(ordered.size, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=mask[1:])
    return mask


def _distinct(values: Pairs) -> Pairs:
    """Sort `values` in place and return them without repetition."""
    values.sort()
    return values[_new(values)]


def _united(parts: list[Pairs]) -> Pairs:
    return _distinct(np.concatenate([np.empty(0, dtype=np.uint64), *parts]))
