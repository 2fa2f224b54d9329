"""What a document is found by when others arrive one by one: 64-bit keys.

:mod:`.candidates` joins a whole corpus.  A store answers another question: here is a new document,
which of the old ones share a key with it?  The joins are the same, turned into look-ups:

* *Bands* of the signature, all of them.
* *Shingles.*  A long document is found by a sample of its shingles, a short one by all of them.  What a
  document asks for follows from that: a long one for its own sample among the long ones and for every
  shingle among the short ones.
* *Whole sequences*, for texts of a few words.

A key begins with three bits for its family, so that other views can put theirs beside these, and ends
in 24 bits that are zero, for the store's own use.  Of the 37 bits of hash between them two values
share one so seldom (among 64 million bands, once in 2,000 look-ups of one) that nobody has to care:
candidates are measured anyway.

Limits: the sample is four times too thin to find every long text that a *later* short one was cut
from.  Of ``n`` shingles in common none is a key in ``(7/8)**n`` of cases: 7 % of 20, 0.03 % of 60.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import IndexSpec
from provenance.index.key_kernels import write_keys
from provenance.sketch.signatures import Sketches

__all__ = ["BAND", "SAMPLED", "SEQUENCE", "WHOLE", "DocumentKeys", "document_keys"]

#: Families; the numbers are part of the format of stores.
BAND, SAMPLED, WHOLE, SEQUENCE = range(4)

#: Long documents are found by this many times the shingles that they ask for each other by.
_DENSER = 2


@attrs.frozen(kw_only=True, eq=False)
class DocumentKeys:
    """The keys of N documents.

    Attributes:
        keys: uint64, what they are found by, document after document; none twice in one of them.
        offsets: int64[N + 1], where each document's keys begin.
        probes: uint64, what they ask for.
        probe_offsets: int64[N + 1], where each document's probes begin.
        held: uint32[N], different shingles of a short document; of a long one those that it asks for.
        short: bool[N], found by every shingle.
    """

    keys: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    probes: NDArray[np.uint64]
    probe_offsets: NDArray[np.int64]
    held: NDArray[np.uint32]
    short: NDArray[np.bool_]


def document_keys(
    sketches: Sketches, spec: IndexSpec, wordless: Mapping[int, bytes] | None = None
) -> DocumentKeys:
    """Derive the keys of documents.

    Args:
        sketches: Signatures and shingles.
        spec: Settings.
        wordless: Digests of the texts that have no word and are not blank, by number; they are found
            by these.
    """
    counts = np.diff(sketches.offsets)
    total, texts = sketches.shingles.size, counts.size
    bands = min(spec.bands, sketches.spec.permutations // spec.rows)
    keys = np.empty(texts * bands + total, np.uint64)
    probes = np.empty(texts * bands + 2 * total, np.uint64)
    offsets, probe_offsets = np.zeros(texts + 1, np.int64), np.zeros(texts + 1, np.int64)
    held = np.empty(texts, np.uint32)
    write_keys(
        sketches.signatures,
        sketches.shingles,
        sketches.offsets,
        bands,
        spec.rows,
        max(1, spec.exact_below - sketches.spec.width),
        spec.short_shingles,
        _DENSER * 2**32 // spec.sampling,
        2**32 // spec.sampling,
        keys,
        offsets[1:],
        probes,
        probe_offsets[1:],
        held,
    )
    found = DocumentKeys(
        keys=keys[: offsets[-1]],
        offsets=offsets,
        probes=probes[: probe_offsets[-1]],
        probe_offsets=probe_offsets,
        held=held,
        short=counts <= spec.short_shingles,
    )
    return _with_wordless(found, wordless) if wordless else found


def _with_wordless(found: DocumentKeys, wordless: Mapping[int, bytes]) -> DocumentKeys:
    """Give texts without words, which have no key so far, one of their digest."""
    numbers = np.array(sorted(wordless), np.int64)
    digests = np.array([int.from_bytes(wordless[n][:8], "little") for n in numbers], np.uint64)
    family = np.uint64(SEQUENCE << 61)
    extra = family | (digests >> np.uint64(3) & np.uint64(0x1FFFFFFFFF000000))
    more = np.zeros(found.held.size + 1, np.int64)
    more[numbers + 1] = 1
    shift = np.cumsum(more)
    return attrs.evolve(
        found,
        keys=np.insert(found.keys, found.offsets[numbers], extra),
        offsets=found.offsets + shift,
        probes=np.insert(found.probes, found.probe_offsets[numbers], extra),
        probe_offsets=found.probe_offsets + shift,
    )
