"""Rows of anchors and names of several words, as machine code."""

from __future__ import annotations

import numba
import numpy as np

from provenance.sketch.gazetteer import KIND_BITS, NUMBER, SKELETON

__all__ = ["count_keys", "emit_rows", "expect_shares", "find_names", "mixed_sequences"]

_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_CLASSES = np.uint64((1 << 48) - 1)  # of a skeleton
_LONGEST = 8  # classes from which a skeleton does not become rarer
_TURN = np.uint64(27)  # bits that what came before is rotated: order matters
_SCRAMBLE = np.uint64(0xD6E8FEB86659FD93)


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
    members, offsets, types, places, ordinals, starts, keys, factors, rarity, telling, least, sizes
):
    """Write the rows heavy enough, sorted by key within a text."""
    room = widest = 0
    for text in members:
        size = 0
        for occurrence in range(offsets[text], offsets[text + 1]):
            kind = types[occurrence]
            for row in range(starts[kind], starts[kind + 1]):
                size += telling[keys[row]] * factors[row] > least
        sizes[text] = size
        room += size
        widest = max(widest, size)
    out_keys = np.empty(room, np.uint32)
    out_weights, out_factors = np.empty(room, np.float32), np.empty(room, np.float32)
    out_places, out_words = np.empty(room, np.float32), np.empty(room, np.uint32)
    # Key in the upper half, number of the row in the lower: what is equal stays in order.
    order = np.empty(widest, np.uint64)
    rows, owners = np.empty(widest, np.int64), np.empty(widest, np.int64)
    count = 0
    for text in members:
        size = 0
        for occurrence in range(offsets[text], offsets[text + 1]):
            kind = types[occurrence]
            for row in range(starts[kind], starts[kind + 1]):
                if telling[keys[row]] * factors[row] > least:
                    order[size] = np.uint64(keys[row]) << _HALF | np.uint64(size)
                    rows[size], owners[size] = row, occurrence
                    size += 1
        order[:size].sort()
        for place in range(size):
            number = order[place] & _LOW
            row, occurrence = rows[number], owners[number]
            out_keys[count] = keys[row]
            out_weights[count] = rarity[keys[row]]
            out_factors[count] = factors[row]
            out_places[count] = places[occurrence]
            out_words[count] = ordinals[occurrence]
            count += 1
    return out_keys, out_weights, out_factors, out_places, out_words


@numba.njit(nogil=True, cache=True)
def mixed_token(mixed, token):  # type: ignore[no-untyped-def]
    """Append a token to the hash of a sequence."""
    mixed = (mixed << _TURN | mixed >> (np.uint64(64) - _TURN)) ^ token
    return mixed * _SCRAMBLE


@numba.njit(nogil=True, cache=True)
def mixed_sequences(tokens, offsets):  # type: ignore[no-untyped-def]
    """uint64[T]: hash of each sequence up to each of its tokens."""
    out = np.empty(tokens.size, np.uint64)
    for sequence in range(offsets.size - 1):
        mixed = np.uint64(0)
        for place in range(offsets[sequence], offsets[sequence + 1]):
            mixed = mixed_token(mixed, tokens[place])
            out[place] = mixed
    return out


@numba.njit(nogil=True, cache=True)
def find_names(tokens, offsets, openers, tongues, hashes, keys, edges, longest):  # type: ignore[no-untyped-def]
    """Find the longest name at each word that may begin one.

    Args:
        tokens: uint64[T].
        offsets: int64[N + 1].
        openers: uint64[T], what counts for each token where it begins a name; 0 if it begins none.
        tongues: int64[N], number of each text's language.
        hashes: uint64[H], hashes of names and of their beginnings, sorted in each language.
        keys: uint64[H], 0 for a mere beginning.
        edges: int64[L + 1], the hashes of language l are ``edges[l]`` to ``edges[l + 1]``.
        longest: Tokens of the longest name.

    Returns:
        First token, tokens and key of each name found.
    """
    room = 0
    for token in range(openers.size):
        room += openers[token] != 0
    firsts, sizes, found = (
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.uint64),
    )
    count = 0
    for text in range(tongues.size):
        known = hashes[edges[tongues[text]] : edges[tongues[text] + 1]]
        its_keys = keys[edges[tongues[text]] : edges[tongues[text] + 1]]
        for first in range(offsets[text], offsets[text + 1]):
            if openers[first] == 0:
                continue
            mixed, size, key = np.uint64(0), 0, np.uint64(0)
            for place in range(first, min(offsets[text + 1], first + longest)):
                mixed = mixed_token(mixed, openers[first] if place == first else tokens[place])
                at = np.searchsorted(known, mixed)
                if at == known.size or known[at] != mixed:
                    break
                if its_keys[at] and place > first:
                    size, key = place + 1 - first, its_keys[at]
            if size:
                firsts[count], sizes[count], found[count] = first, size, key
                count += 1
    return firsts[:count].copy(), sizes[:count].copy(), found[:count].copy()


@numba.njit(nogil=True, cache=True)
def expect_shares(values, shares, rarer, numbers, number_shares):  # type: ignore[no-untyped-def]
    """float64[K]: share of texts expected to hold each key.

    Args:
        values: uint64[K], the keys.
        shares: Of each kind; of a skeleton, one of three classes.
        rarer: Each further class of a skeleton makes it rarer by this exponent.
        numbers: Keys of short numbers, sorted.
        number_shares: Of each of them.
    """
    out = np.empty(values.size)
    for place in range(values.size):
        value = values[place]
        kind = value >> np.uint64(KIND_BITS)
        share = shares[kind]
        if kind >= SKELETON:
            size, rest = 0, value & _CLASSES
            while rest:
                size, rest = size + 1, rest >> np.uint64(4)
            share *= np.exp(-rarer * (min(size, _LONGEST) - 3))
        elif kind == NUMBER:
            at = np.searchsorted(numbers, value)
            if at < numbers.size and numbers[at] == value:
                share = number_shares[at]
        out[place] = share
    return out
