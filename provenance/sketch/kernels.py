"""From token hashes to signatures, as machine code.

The hash of a shingle mixes its token hashes in order and keeps 32 bits.  A signature holds, for each
permutation ``h -> a*h + b mod 2**32``, the least value over all shingles; hashes go through the 32-bit
finalizer of MurmurHash3 first.  Both are what ``datasketch`` 2.0 calls the ``affine32`` scheme.

Signatures take eight shingles a pass and sixteen permutations at a time: what is known of the sixteen
is loaded once for eight.  The sixteen are one vector of the intermediate language (:func:`_lower`),
which the compiler cuts into what the processor has.  Left to itself it takes half registers on the
processors that once slowed down under full ones, and a quarter more time.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from provenance.text.kernels import readonly

__all__ = ["sketch_tokens"]

_u32, _u64, _i64 = numba.uint32, numba.uint64, numba.int64

_TURN = 21  # bits that a token hash is rotated for each token after it: order matters
_SCRAMBLE = 0xD6E8FEB86659FD93
_EMPTY = 0xFFFFFFFF
_PASS = 8  # shingles a pass
_LANES = 16  # permutations a vector
_WORD = ir.IntType(32)
_VECTOR = ir.VectorType(_WORD, _LANES)


@numba.njit
def _hash_shingles(tokens, width, mixed, shingles):  # type: ignore[no-untyped-def]
    """Write the hashes of all shingles of a text.

    `mixed` is scratch.  One pass a token of the shingle, each over all shingles: such a loop
    vectorizes, a rolling hash does not.
    """
    count = _u64(shingles.size)
    for q in range(count):
        mixed[q] = tokens[q]
    for j in range(1, width):
        following = tokens[j:]
        for q in range(count):
            mixed[q] = (mixed[q] << _u64(_TURN) | mixed[q] >> _u64(64 - _TURN)) + following[q]
    for q in range(count):
        hashed = mixed[q]
        hashed ^= hashed >> _u64(32)
        hashed *= _u64(_SCRAMBLE)
        shingles[q] = _u32(hashed >> _u64(32))


@intrinsic
def _lower(
    _typing: Any, row: Any, multipliers: Any, increments: Any, p: Any, hashes: Any, q: Any
) -> Any:
    """Lower ``row[p:p + 16]`` to ``multipliers * hashes[q + j] + increments`` for each j below 8."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        def pointer(number: int, index: Any) -> Any:
            array = context.make_array(signature.args[number])(context, builder, values[number])
            return builder.gep(array.data, [index])

        def load(number: int) -> tuple[Any, Any]:
            place = builder.bitcast(pointer(number, values[3]), _VECTOR.as_pointer())
            vector = builder.load(place)
            vector.align = 4
            return place, vector

        place, least = load(0)
        multiplier, increment = load(1)[1], load(2)[1]
        nothing, front = ir.Constant(_VECTOR, ir.Undefined), ir.Constant(_WORD, 0)
        everywhere = ir.Constant(_VECTOR, [ir.Constant(_WORD, 0)] * _LANES)
        for j in range(_PASS):
            index = builder.add(values[5], ir.Constant(values[5].type, j))
            hashed = builder.insert_element(nothing, builder.load(pointer(4, index)), front)
            spread = builder.shuffle_vector(hashed, nothing, everywhere)
            permuted = builder.add(builder.mul(multiplier, spread), increment)
            smaller = builder.icmp_unsigned("<", permuted, least)
            least = builder.select(smaller, permuted, least)
        builder.store(least, place).align = 4
        return context.get_dummy_value()

    return numba.void(row, multipliers, increments, p, hashes, q), generate


@numba.njit
def _absorb(shingles, finalized, multipliers, increments, row):  # type: ignore[no-untyped-def]
    """Lower a signature to what more shingles, at least one, allow; `finalized` is scratch."""
    count = _u64(shingles.size)
    for q in range(count):
        x = shingles[q]
        x = _u32(_u32(x ^ (x >> _u32(16))) * _u32(0x85EBCA6B))
        x = _u32(_u32(x ^ (x >> _u32(13))) * _u32(0xC2B2AE35))
        finalized[q] = _u32(x ^ (x >> _u32(16)))
    for q in range(count, count + _u64(_PASS - 1)):  # a repetition changes no minimum
        finalized[q] = finalized[count - _u64(1)]
    for q in range(_u64(0), count, _u64(_PASS)):
        for p in range(_u64(0), _u64(row.size), _u64(_LANES)):
            _lower(row, multipliers, increments, p, finalized, q)  # type: ignore[call-arg]


@numba.njit(
    numba.void(
        readonly(_u64),
        readonly(_i64),
        _i64,
        readonly(_u32),
        readonly(_u32),
        _u32[:, ::1],
        _u32[::1],
    ),
    nogil=True,
    cache=True,
)
def sketch_tokens(  # type: ignore[no-untyped-def]
    tokens, offsets, width, multipliers, increments, rows, shingles
):
    """Write the shingle hashes and the signature of every text.

    Args:
        tokens: Token hashes of all texts.
        offsets: Text d has ``tokens[offsets[d]:offsets[d + 1]]``.
        width: Tokens of a shingle.
        multipliers: The ``a`` of the permutations, odd; padded to a multiple of sixteen.
        increments: The ``b`` of the permutations, padded like them.
        rows: Output, one signature a text.
        shingles: Output, those of the first text first; as many as the texts have.
    """
    longest = 0
    for d in range(rows.shape[0]):
        longest = max(longest, offsets[d + 1] - offsets[d])
    mixed = np.empty(longest, np.uint64)
    finalized = np.empty(longest + _PASS, np.uint32)
    row = np.empty(multipliers.size // _LANES * _LANES, np.uint32)
    at = 0
    for d in range(rows.shape[0]):
        row[:] = _EMPTY
        first, last = offsets[d], offsets[d + 1]
        if first < last:
            across = min(width, last - first)
            count = last - first - across + 1
            hashed = shingles[at : at + count]
            _hash_shingles(tokens[first:last], across, mixed, hashed)
            _absorb(hashed, finalized, multipliers, increments, row)
            at += count
        rows[d] = row[: rows.shape[1]]
