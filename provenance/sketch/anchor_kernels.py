"""Rows of anchors as machine code."""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["count_keys", "emit_rows"]


@numba.njit(nogil=True, cache=True)
def count_keys(members, offsets, types, starts, keys, seen, held):  # type: ignore[no-untyped-def]
    """Count the texts that hold each key."""
    for text in members:
        for occurrence in range(offsets[text], offsets[text + 1]):
            kind = types[occurrence]
            for row in range(starts[kind], starts[kind + 1]):
                key = keys[row]
                if seen[key] != text:
                    seen[key] = text
                    held[key] += 1


@numba.njit(nogil=True, cache=True)
def emit_rows(  # type: ignore[no-untyped-def]
    members, offsets, types, places, ordinals, starts, keys, factors, rarity, least, sizes
):
    """Write the rows heavy enough, sorted by key within a text."""
    room = 0
    for text in members:
        for occurrence in range(offsets[text], offsets[text + 1]):
            kind = types[occurrence]
            for row in range(starts[kind], starts[kind + 1]):
                room += rarity[keys[row]] * factors[row] > least
    out_keys = np.empty(room, np.uint32)
    out_weights = np.empty(room, np.float32)
    out_factors = np.empty(room, np.float32)
    out_places = np.empty(room, np.float32)
    out_words = np.empty(room, np.uint32)
    count = 0
    for text in members:
        first = count
        for occurrence in range(offsets[text], offsets[text + 1]):
            kind = types[occurrence]
            for row in range(starts[kind], starts[kind + 1]):
                if rarity[keys[row]] * factors[row] > least:
                    out_keys[count] = keys[row]
                    out_factors[count] = factors[row]
                    out_places[count] = places[occurrence]
                    out_words[count] = ordinals[occurrence]
                    count += 1
        order = np.argsort(out_keys[first:count], kind="mergesort")
        out_keys[first:count] = out_keys[first:count][order]
        out_factors[first:count] = out_factors[first:count][order]
        out_places[first:count] = out_places[first:count][order]
        out_words[first:count] = out_words[first:count][order]
        for row in range(first, count):
            out_weights[row] = rarity[out_keys[row]]
        sizes[text] = count - first
    return out_keys, out_weights, out_factors, out_places, out_words
