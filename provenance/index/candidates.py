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

Whoever is after whole copies only needs the first join and the last, and far fewer bands:
:func:`plan_bands`, :func:`similar_pairs`, :func:`equal_sequences` and, for what these leave over,
:func:`rare_pairs` are the doors for that.

Limits: a text without any word has no sketch and no candidates.  A pair is a reason to look, not a
finding; :mod:`provenance.verify` decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import IndexSpec
from provenance.index import kernels
from provenance.sketch.signatures import Sketches

__all__ = ["candidate_pairs", "equal_sequences", "plan_bands", "rare_pairs", "similar_pairs"]

Pairs = NDArray[np.uint64]

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)

#: Bands whose keys are made in one pass: eight two-slot bands are one cache line of a signature.
_BANDS_AT_ONCE = 8

#: Signatures for which :attr:`IndexSpec.agreement` is stated.
_AGREEMENT_SLOTS = 128

#: Chance that bands miss a pair which is exactly as alike as was asked for; pairs that are more alike
#: are missed far less often.
_MISS = 1e-4

#: Standard deviations that the agreement of two signatures may fall below what is expected: as rare.
_SLACK = 3.5

#: Members up to which a bucket is compared all against all where only groups matter: each of them
#: meets eight others on average, as many as the representatives of a larger bucket.
_ALL_MEET = 17

#: One shingle in so many is a key where texts are joined by rare ones: of ten that two texts share, at
#: least one is then a key in 19 cases of 20.
_RARE_SAMPLING = 4

_Run = Callable[[Callable[[int], Pairs], Iterable[int]], Iterator[Pairs]]


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
    usable = min(settings.bands, sketches.spec.permutations // settings.rows)
    alike = _united(
        [
            _band_pairs(sketches.signatures, members, crowded, settings, first=0, stop=usable),
            _shingle_pairs(sketches, members, counts, settings),
        ]
    )
    packed = _united(
        [
            _sequence_pairs(sketches.shingles, sketches.offsets, tiny, settings),
            _thinned(alike, sketches, crowded, settings),
        ]
    )
    return _unpacked(packed)


def plan_bands(overlap: float, permutations: int, spec: IndexSpec | None = None) -> IndexSpec:
    """Choose bands for pairs of which each text holds at least `overlap` of the other's shingles.

    Such a pair has a Jaccard similarity ``J >= overlap / (2 - overlap)``.  The longest bands that still
    miss next to none of them (``(1 - J**rows)**bands``) make the fewest false candidates.

    Args:
        overlap: Above 0, at most 1.
        permutations: Slots of a signature.
        spec: Settings; the defaults where left out.

    Returns:
        The settings with bands, rows, agreement and the size of a full bucket replaced.
    """
    alike = overlap / (2 - overlap)
    rows = min(2, permutations)
    for longer in range(permutations, rows, -1):
        if (1 - alike**longer) ** (permutations // longer) <= _MISS:
            rows = longer
            break
    apart = 1 - alike**rows
    enough = math.ceil(math.log(_MISS) / math.log(apart)) if 0 < apart < 1 else 1
    bands = min(permutations // rows, enough) if apart < 1 else permutations // rows
    deviation = math.sqrt(alike * (1 - alike) / permutations)
    return attrs.evolve(
        spec or IndexSpec(),
        bands=bands,
        rows=rows,
        agreement=max(1, math.floor(_AGREEMENT_SLOTS * (alike - _SLACK * deviation))),
        full_bucket=_ALL_MEET,
    )


def similar_pairs(
    signatures: NDArray[np.uint32],
    members: NDArray[np.uint32],
    spec: IndexSpec,
    *,
    run: _Run = map,
) -> NDArray[np.uint32]:
    """Return pairs of documents whose signatures agree in a band and in enough slots.

    Every member of a group of copies is tied to another one of it; not all pairs are returned.

    Args:
        signatures: uint32[N, P], of all documents.
        members: Numbers of the documents to be paired, ascending.
        spec: Settings.
        run: Applies a function to several arguments and yields the results in their order, like
            ``map`` or the method of that name of a pool of threads.

    Returns:
        ``uint32[P, 2]`` document numbers, the smaller first, sorted, no pair twice.
    """
    crowded = np.zeros(len(signatures), dtype=np.uint8)

    def some(first: int) -> Pairs:
        stop = min(first + _BANDS_AT_ONCE, spec.bands)
        return _band_pairs(signatures, members, crowded, spec, first=first, stop=stop, later=True)

    pairs = _united(list(run(some, range(0, spec.bands, _BANDS_AT_ONCE))))
    kept = np.empty(pairs.size, dtype=np.uint8)
    kernels.agreeing_pairs(pairs, signatures, _agreement(signatures, spec), kept)
    return _unpacked(pairs[kept == 1])


def equal_sequences(
    shingles: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    members: NDArray[np.uint32],
    spec: IndexSpec,
) -> NDArray[np.uint32]:
    """Return pairs of short documents that have, but for chance, the same shingles in one order.

    Args:
        shingles: Those of all documents.
        offsets: int64[N + 1], where each document's shingles begin.
        members: Numbers of the documents to be paired, ascending.
        spec: Settings.

    Returns:
        As :func:`similar_pairs`.
    """
    return _unpacked(_sequence_pairs(shingles, offsets, members, spec))


def rare_pairs(
    shingles: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    members: NDArray[np.uint32],
    spec: IndexSpec,
) -> NDArray[np.uint32]:
    """Return pairs of documents that share a shingle which few of the members have.

    Where many texts are filled into one form, every signature agrees with every other, and what tells
    copies from strangers is the part that is not the form.

    Args:
        shingles: Those of all documents.
        offsets: int64[N + 1], where each document's shingles begin.
        members: Numbers of the documents to be paired, ascending.
        spec: Settings; a shingle of more than ``full_bucket`` members is not rare, and ties each of
            them to one other only.

    Returns:
        As :func:`similar_pairs`.
    """
    limit, no_marks = 2**32 // _RARE_SAMPLING, np.zeros(1, dtype=np.uint8)
    nowhere = np.empty(0, dtype=np.uint64)
    size = kernels.shingle_keys(shingles, offsets, members, limit, no_marks, nowhere)
    keys = np.empty(size, dtype=np.uint64)
    kernels.shingle_keys(shingles, offsets, members, limit, no_marks, keys)
    everyone = np.ones(offsets.size - 1, dtype=np.uint8)
    return _unpacked(_united(_grouped(_distinct(keys), everyone, attrs.evolve(spec, anchors=0))[0]))


def _unpacked(packed: Pairs) -> NDArray[np.uint32]:
    pairs = np.empty((packed.size, 2), dtype=np.uint32)
    pairs[:, 0] = packed >> _HALF
    pairs[:, 1] = packed & _LOW
    return pairs


def _numbers(mask: NDArray[np.bool_]) -> NDArray[np.uint32]:
    return np.flatnonzero(mask).astype(np.uint32)


def _sequence_pairs(
    shingles: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    members: NDArray[np.uint32],
    spec: IndexSpec,
) -> Pairs:
    """Tie texts of a few words to others with the very same shingles."""
    keys = np.empty(members.size, dtype=np.uint64)
    kernels.sequence_keys(shingles, offsets, members, keys)
    keys.sort()
    everyone = np.ones(offsets.size - 1, dtype=np.uint8)
    return _united(_grouped(keys, everyone, spec)[0])


def _band_pairs(
    signatures: NDArray[np.uint32],
    members: NDArray[np.uint32],
    crowded: NDArray[np.uint8],
    spec: IndexSpec,
    *,
    first: int,
    stop: int,
    later: bool = False,
) -> Pairs:
    """Tie texts whose signatures agree in a band, and in enough slots; mark the crowded ones.

    With `later` the slots of small buckets are not counted: one pair meets in many bands, and its
    signatures had better be fetched from memory once.
    """
    agreement = _agreement(signatures, spec)
    room = max(spec.full_bucket**2 // 2, members.size * (spec.anchors + 1))
    buffer = np.empty(room, dtype=np.uint64)
    chosen = np.empty(spec.representatives, dtype=np.uint64)
    state = np.zeros(2, dtype=np.int64)
    found: list[Pairs] = []
    for begin in range(first, stop, _BANDS_AT_ONCE):
        keys = np.empty((min(_BANDS_AT_ONCE, stop - begin), members.size), dtype=np.uint64)
        kernels.band_keys(signatures, members, begin, spec.rows, keys)
        for band in keys:
            band.sort()
            state[0] = 0
            while state[0] < members.size:
                state[1] = 0
                kernels.bucket_pairs(
                    band,
                    signatures,
                    agreement,
                    0 if later else agreement,
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


def _agreement(signatures: NDArray[np.uint32], spec: IndexSpec) -> int:
    slots = int(signatures.shape[1])
    return max(1, round(spec.agreement * slots / _AGREEMENT_SLOTS))


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
