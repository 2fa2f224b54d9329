"""The loop that turns the sketch of a document into look-up keys, compiled."""

from __future__ import annotations

import numpy as np
from numba import int64, njit, types, uint32, uint64

from provenance.text.kernels import readonly

__all__ = ["write_keys"]

#: 2**64 over the golden ratio, made odd, as in :mod:`provenance.index.kernels`.
_GOLDEN = uint64(0x9E3779B97F4A7C15)
_HALF = uint64(32)
_FAMILY = uint64(61)
_KEPT = uint64(0x1FFFFFFFFF000000)  # below the family, above the 24 bits that a store uses

_BAND, _SAMPLED, _WHOLE, _SEQUENCE = uint64(0), uint64(1), uint64(2), uint64(3)

_SHINGLES = readonly(uint32)
_OFFSETS = readonly(int64)
_SIGNATURES = types.Array(uint32, 2, "C", readonly=True)


@njit(inline="always")
def _key(family, mixed):  # type: ignore[no-untyped-def]
    """Spread a value over the bits of a key and put its family in front."""
    mixed = (mixed ^ (mixed >> _HALF)) * _GOLDEN
    mixed ^= mixed >> uint64(29)
    mixed *= _GOLDEN
    return (family << _FAMILY) | ((mixed >> uint64(3)) & _KEPT)


@njit(
    types.void(
        _SIGNATURES,
        _SHINGLES,
        _OFFSETS,
        int64,
        int64,
        int64,
        int64,
        uint64,
        uint64,
        uint64[::1],
        int64[::1],
        uint64[::1],
        int64[::1],
        uint32[::1],
    ),
    nogil=True,
    cache=True,
)
def write_keys(  # type: ignore[no-untyped-def]
    signatures,
    shingles,
    offsets,
    bands,
    rows,
    tiny,
    short,
    kept,
    asked,
    keys,
    stops,
    probes,
    ends,
    held,
):
    """Write what each document is found by, and what it asks for.

    Args:
        signatures: Of all documents.
        shingles: Of all documents.
        offsets: Where each document's shingles begin.
        bands: Bands of a signature.
        rows: Slots of a band.
        tiny: Documents of at most so many shingles have one key, of all of them.
        short: Documents of at most so many are found by every shingle.
        kept: A longer one is found by the shingles below this hash...
        asked: ...and asks for other long ones by those below this.
        keys: Output; room for ``bands`` and all shingles of every document.
        stops: Output, where each document's keys end.
        probes: Output; room for ``bands`` and twice all shingles of every document.
        ends: Output, where each document's probes end.
        held: Output, different shingles of a short document, those below `asked` of a long one.
    """
    size = 1 << 12
    table = np.zeros(size, np.uint32)
    stamps = np.zeros(size, np.int32)
    at_key = 0
    at_probe = 0
    for document in range(offsets.size - 1):
        start = offsets[document]
        stop = offsets[document + 1]
        count = stop - start
        held[document] = 0
        if 0 < count <= tiny:
            mixed = _GOLDEN
            for at in range(start, stop):
                mixed = (mixed ^ uint64(shingles[at])) * _GOLDEN
                mixed ^= mixed >> _HALF
            keys[at_key] = probes[at_probe] = _key(_SEQUENCE, mixed)
            at_key += 1
            at_probe += 1
        elif count:
            for band in range(bands):
                mixed = uint64(band + 1)
                for row in range(rows):
                    mixed = (mixed ^ uint64(signatures[document, band * rows + row])) * _GOLDEN
                    mixed ^= mixed >> _HALF
                keys[at_key] = probes[at_probe] = _key(_BAND, mixed)
                at_key += 1
                at_probe += 1
            while size < 4 * count:
                size <<= 1
                table = np.zeros(size, np.uint32)
                stamps = np.zeros(size, np.int32)
            mask = uint64(size - 1)
            stamp = document + 1
            for at in range(start, stop):
                shingle = shingles[at]
                slot = uint64(shingle) & mask
                while stamps[slot] == stamp and table[slot] != shingle:
                    slot = (slot + uint64(1)) & mask
                if stamps[slot] == stamp:
                    continue
                stamps[slot] = stamp
                table[slot] = shingle
                value = uint64(shingle)
                whole = _key(_WHOLE, value)
                probes[at_probe] = whole
                at_probe += 1
                if count <= short:
                    keys[at_key] = whole
                    at_key += 1
                    held[document] += 1
                elif value < kept:
                    keys[at_key] = _key(_SAMPLED, value)
                    at_key += 1
                    held[document] += value < asked
                if value < (kept if count <= short else asked):
                    probes[at_probe] = _key(_SAMPLED, value)
                    at_probe += 1
        stops[document] = at_key
        ends[document] = at_probe
