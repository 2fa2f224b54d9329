"""New documents meet old ones: from the answers of a store to the pairs that are worth measuring.

The rules are those of :mod:`provenance.index.candidates`, pair by pair: signatures that share a band
must agree in enough slots, or enough of the sampled shingles must be common.  What a store keeps of a
document for this are its *traits*: four bits of every slot, and how many shingles it is keyed by.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import IndexSpec, Profile
from provenance.index.keys import BAND, SEQUENCE, DocumentKeys
from provenance.sketch.signatures import Sketches
from provenance.stores.contract import Entries, Store
from provenance.stores.postings import find_in_memory, marks_of, numbered, packed_entries

__all__ = ["Candidates", "entries_of", "meet"]

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_FAMILY = np.uint64(61)
_SHORT = np.uint64(1 << 32)

#: Signatures for which ``IndexSpec.agreement`` is stated.
_AGREEMENT_SLOTS = 128

#: Slots in a word of traits.
_PER_WORD = 16

#: By the difference of two bytes, how many of their halves are equal.
_EQUAL_HALVES = np.array([(b & 0xF == 0) + (b >> 4 == 0) for b in range(256)], np.uint8)

#: Shingles in common from which it does not matter how common they are: copies of one item print its
#: words a hundred times.
_TIMES = 2

#: Pairs a new document is measured in, the most alike first, where it meets more that are not crowded.
_MOST = 200


@attrs.frozen(kw_only=True, eq=False)
class Candidates:
    """P pairs that may share text.

    Attributes:
        pairs: int64[P, 2], numbers of documents: the later one, the earlier one; sorted.
        sampled: bool[P], found by shingles, not by the signature alone.
    """

    pairs: NDArray[np.int64]
    sampled: NDArray[np.bool_]


_NONE = Candidates(pairs=np.empty((0, 2), np.int64), sampled=np.empty(0, np.bool_))


def entries_of(sketches: Sketches, keys: DocumentKeys) -> Entries:
    """Return what documents are to be found by, and their traits."""
    texts, slots = sketches.signatures.shape
    traits = np.zeros((texts, -(-slots // _PER_WORD) + 1), np.uint64)
    if texts:
        few = (sketches.signatures & 0xF).astype(np.uint8)
        few = np.pad(few, ((0, 0), (0, -slots % _PER_WORD)))
        octets = traits.view(np.uint8).reshape(texts, -1)
        octets[:, : few.shape[1] // 2] = few[:, ::2] | few[:, 1::2] << 4
    traits[:, -1] = keys.held | np.where(keys.short, _SHORT, np.uint64(0))
    return Entries(keys=keys.keys, offsets=keys.offsets, traits=traits)


def meet(
    keys: DocumentKeys, entries: Entries, first: int, store: Store, settings: Profile
) -> Candidates:
    """Return the pairs of new documents, among themselves and with old ones, that deserve a look.

    Args:
        keys: Of the new documents.
        entries: Theirs.
        first: Number of the first new document.
        store: Where the old ones are.
        settings: All settings.
    """
    old = store.lookup(keys.probes)
    texts = np.repeat(np.arange(keys.held.size), np.diff(keys.probe_offsets))
    rows, holders = _among(entries, keys.probes)
    others = texts[rows] != holders
    rows = np.concatenate([old.rows, rows[others]])
    numbers = np.concatenate([old.documents, holders[others] + np.uint32(first)])
    family = keys.probes[rows] >> _FAMILY
    shingles = (family != BAND) & (family != SEQUENCE)
    # A phrase that stands in many texts is no reason to look.
    telling = np.bincount(rows, minlength=keys.probes.size)[rows] <= settings.verify.telling_spread
    # Asker first, so that what one asks and what the other asks are counted apart.
    packed = (texts[rows] + first).astype(np.uint64) << _HALF | numbers.astype(np.uint64)
    order = np.argsort(packed, kind="stable")
    packed, family, shingles = packed[order], family[order], shingles[order]
    starts = np.flatnonzero(_new(packed))
    if not starts.size:
        return _NONE
    asked = packed[starts]
    by_band = np.logical_or.reduceat(family == BAND, starts)
    same = np.logical_or.reduceat(family == SEQUENCE, starts)
    times = np.add.reduceat(shingles, starts)
    enough = (times >= _TIMES) | np.logical_or.reduceat(telling[order] & shingles, starts)
    worth = by_band | same | enough
    asked, by_band, same, times = asked[worth], by_band[worth], same[worth], times[worth]
    enough = enough[worth]
    own = entries.traits[(asked >> _HALF).astype(np.int64) - first]
    other = _traits((asked & _LOW).astype(np.uint32), entries, first, store)
    slots, spec = settings.sketch.permutations, settings.index
    agreement = _agreement(own, other, slots)
    agreeing = agreement >= max(1, round(spec.agreement * slots / _AGREEMENT_SLOTS))
    sampled = enough & (times >= spec.key_share * _fewest(own[:, -1], other[:, -1], spec))
    kept = (by_band & agreeing) | same | sampled
    return _listed(asked[kept], agreement[kept], (sampled | same)[kept], spec, slots)


def _traits(
    numbers: NDArray[np.uint32], entries: Entries, first: int, store: Store
) -> NDArray[np.uint64]:
    traits = np.empty((numbers.size, entries.traits.shape[1]), np.uint64)
    new = numbers >= first
    traits[new] = entries.traits[numbers[new] - first]
    if not new.all():
        traits[~new] = store.traits(numbers[~new])
    return traits


def _new(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Mark what differs from its predecessor."""
    mask = np.ones(ordered.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=mask[1:])
    return mask


def _among(
    entries: Entries, probes: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Look the probes of new documents up among their own entries; a document finds itself, too."""
    packed = packed_entries(entries)
    return find_in_memory(packed, marks_of(packed), numbered(probes), 0)


def _agreement(own: NDArray[Any], other: NDArray[Any], slots: int) -> NDArray[np.int64]:
    """Slots of which the last four bits are the same: all that are the same, and some more."""
    differing = (own[:, :-1] ^ other[:, :-1]).view(np.uint8)
    equal = _EQUAL_HALVES[differing].reshape(differing.shape)[:, : -(-slots // 2)]
    agreement: NDArray[np.int64] = equal.sum(axis=1, dtype=np.int64)
    return agreement - slots % 2  # the half that nothing is in


def _fewest(own: NDArray[Any], other: NDArray[Any], spec: IndexSpec) -> NDArray[np.float64]:
    """How many keys the document with fewer of them could have been found by."""
    short, other_short = (own & _SHORT) != 0, (other & _SHORT) != 0
    held = (own & _LOW).astype(np.float64)
    other_held = (other & _LOW).astype(np.float64)
    # A short one among long ones was asked for by a sample, twice as dense as theirs.
    thinned = np.where(other_short, held, held * 2 / spec.sampling)
    fewest: NDArray[np.float64] = np.where(
        short,
        np.minimum(thinned, np.where(other_short, other_held, np.inf)),
        np.where(other_short, other_held, np.minimum(held, other_held)),
    )
    return fewest


def _listed(
    asked: NDArray[np.uint64],
    agreement: NDArray[np.int64],
    sampled: NDArray[np.bool_],
    spec: IndexSpec,
    slots: int,
) -> Candidates:
    """Name the later document first, list every pair once, and leave a few to what has very many."""
    late, early = asked >> _HALF, asked & _LOW
    packed = np.maximum(late, early) << _HALF | np.minimum(late, early)
    order = np.argsort(packed, kind="stable")
    packed, agreement, sampled = packed[order], agreement[order], sampled[order]
    if not packed.size:
        return _NONE
    starts = np.flatnonzero(_new(packed))
    packed, agreement = packed[starts], agreement[starts]
    sampled = np.logical_or.reduceat(sampled, starts)
    kept = np.ones(packed.size, np.bool_)
    late = packed >> _HALF
    begins = np.flatnonzero(_new(late))
    ends = np.append(begins[1:], packed.size)
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        if end - begin > spec.full_bucket:
            _thin(agreement[begin:end], kept[begin:end], spec, slots)
    return Candidates(
        pairs=np.stack([late, packed & _LOW], axis=1).astype(np.int64)[kept],
        sampled=sampled[kept],
    )


def _thin(
    agreement: NDArray[np.int64], kept: NDArray[np.bool_], spec: IndexSpec, slots: int
) -> None:
    """Keep, of more than a bucketful of near-identical documents, the most alike and the latest."""
    close = np.flatnonzero(agreement >= slots // 2)
    if close.size > spec.full_bucket:
        best = close[np.argsort(-agreement[close], kind="stable")[: spec.anchors]]
        kept[close] = False
        kept[best] = True
        kept[close[-1]] = True
    rest = np.flatnonzero(kept)
    if rest.size > _MOST:
        kept[rest[np.argsort(-agreement[rest], kind="stable")[_MOST:]]] = False
