"""What is done to every byte of JSON Lines, and to every identifier, as machine code.

Two passes over a block: where its lines end, and which lines a trusting parser must not be trusted with.
They take no branch on a byte, so that the compiler makes vectors of them.  Strings have a module of their
own, :mod:`provenance.ingest.literals`.  Identifiers go into a hash table of their digests.

Indices are unsigned on purpose: a signed one costs a test for wrap-around and stops vectorization.
Bytes stay bytes for the same reason: ``&`` and ``|`` of two would become 64 bits wide, selections do not.
"""

from __future__ import annotations

import numba

from provenance.text.kernels import readonly

__all__ = ["find_line_ends", "is_odd_line", "is_utf8", "is_utf8_within", "take_digests"]

_u8, _i64, _u64 = numba.uint8, numba.int64, numba.uint64

_STRIDE = 64  # bytes that are looked at together
_LINE_FEED = 0x0A
_BRACKET, _BRACE = 0x5B, 0x7B

#: Brackets from which a line counts as odd: parsers differ in how deep they follow, from 500 levels on.
_BRACKETS = 500

#: Digits at so many looks in a row, one every stride, make a line odd: the standard library may refuse
#: numbers of 640 digits and more (``sys.set_int_max_str_digits``), and parsers with it.
_LOOKS = 9


@numba.njit
def _line_end(data, i, ends, found):  # type: ignore[no-untyped-def]
    """Write the end of a line behind byte `i`, where there is one and room; return how many there are."""
    ends[min(found, _u64(ends.size - 1))] = i + _u64(1)  # written always, kept only at a line feed
    return found + _u64(data[i] == _u8(_LINE_FEED))


@numba.njit(_i64(readonly(_u8), _i64[::1]), nogil=True, cache=True)
def find_line_ends(data, ends):  # type: ignore[no-untyped-def]
    """Write where the lines end, line feeds included, and return how many line feeds there are.

    Args:
        data: Any bytes.
        ends: Output, valid if it is longer than what is returned.
    """
    found = _u64(0)
    size = _u64(data.size)
    i = _u64(0)
    while i + _u64(_STRIDE) <= size:
        hit = _u8(0)
        for j in range(_u64(_STRIDE)):
            hit = max(hit, _u8(1) if data[i + j] == _u8(_LINE_FEED) else _u8(0))
        if hit:
            for j in range(_u64(_STRIDE)):
                found = _line_end(data, i + j, ends, found)
        i += _u64(_STRIDE)
    while i < size:
        found = _line_end(data, i, ends, found)
        i += _u64(1)
    return found


@numba.njit
def _fault(byte, back1, back2, back3):  # type: ignore[no-untyped-def]
    """Return 1 if a byte cannot follow these three in UTF-8 (RFC 3629, section 4), else 0."""
    wanted = _u8(1) if back1 >= _u8(0xC0) else _u8(0)
    wanted = _u8(1) if back2 >= _u8(0xE0) else wanted
    wanted = _u8(1) if back3 >= _u8(0xF0) else wanted
    continues = _u8(1) if byte >= _u8(0x80) else _u8(0)
    continues = _u8(0) if byte >= _u8(0xC0) else continues
    fault = _u8(0) if wanted == continues else _u8(1)
    # Leads that would spell in too many bytes, a surrogate, or beyond U+10FFFF.
    least = _u8(0xA0) if back1 == _u8(0xE0) else _u8(0)
    least = _u8(0x90) if back1 == _u8(0xF0) else least
    most = _u8(0x9F) if back1 == _u8(0xED) else _u8(0xF4)
    most = _u8(0x8F) if back1 == _u8(0xF4) else most
    fault = _u8(1) if byte < least else fault
    fault = _u8(1) if byte > most else fault
    fault = _u8(1) if byte == _u8(0xC0) else fault
    return _u8(1) if byte == _u8(0xC1) else fault


@numba.njit
def _find_fault(data, start, stop):  # type: ignore[no-untyped-def]
    """Return 0 if a stretch is UTF-8, taken by itself."""
    back1 = back2 = back3 = _u8(_LINE_FEED)
    fault = _u8(0)
    head = min(start + _u64(3), stop)
    for i in range(start, head):
        fault = max(fault, _fault(data[i], back1, back2, back3))
        back1, back2, back3 = data[i], back1, back2
    for i in range(head, stop):
        before = _fault(data[i], data[i - _u64(1)], data[i - _u64(2)], data[i - _u64(3)])
        fault = max(fault, before)
    if stop - start >= _u64(3):
        back1, back2, back3 = data[stop - _u64(1)], data[stop - _u64(2)], data[stop - _u64(3)]
    return max(fault, _fault(_u8(_LINE_FEED), back1, back2, back3))  # nothing may be open


@numba.njit
def is_utf8_within(data, start, stop):  # type: ignore[no-untyped-def]
    """Return whether a stretch of bytes is UTF-8, taken by itself."""
    return _find_fault(data, start, stop) == _u8(0)


@numba.njit(nogil=True, cache=True)  # no types: most runs do not need it, and it would be compiled
def is_utf8(data):  # type: ignore[no-untyped-def]
    """Return whether bytes are UTF-8."""
    return is_utf8_within(data, _u64(0), _u64(data.size))


@numba.njit
def _brackets(data, start, stop):  # type: ignore[no-untyped-def]
    """Return how many of the bytes open an array or an object, inside strings or not."""
    total = _u64(0)
    while start < stop:
        until = min(start + _u64(2 * _STRIDE), stop)
        count = _u8(0)  # cannot overflow, and stays a byte
        for i in range(start, until):
            opens = _u8(1) if data[i] == _u8(_BRACKET) else _u8(0)
            count = _u8(count + (_u8(1) if data[i] == _u8(_BRACE) else opens))
        total += _u64(count)
        start = until
    return total


@numba.njit
def _is_long_number(data, start, stop):  # type: ignore[no-untyped-def]
    """Return whether digits stand at several looks in a row, one every stride."""
    looks = 0
    for i in range(start, stop, _u64(_STRIDE)):
        looks = looks + 1 if _u8(data[i] - _u8(48)) < _u8(10) else 0
        if looks == _LOOKS:
            return True
    return False


@numba.njit
def is_odd_line(data, start, stop):  # type: ignore[no-untyped-def]
    """Return whether a line is one that a parser may take and the standard library refuses.

    These are lines that are not UTF-8, might nest deeply, or might hold a number of very many digits.
    Some more are odd, which does no harm.
    """
    odd = not is_utf8_within(data, start, stop)
    odd = odd or _brackets(data, start, stop) >= _u64(_BRACKETS)
    return odd or _is_long_number(data, start, stop)


@numba.njit(numba.void(_u64[:, ::1], _u64[:, ::1], numba.boolean[::1]), nogil=True, cache=True)
def take_digests(digests, table, fresh):  # type: ignore[no-untyped-def]
    """Put digests into a hash table, one after the other, and write which were not in it.

    Args:
        digests: uint64[N, 2]; the second half is not 0.
        table: uint64[2**k, 2], 0 where a slot is empty, as at least one must be.
        fresh: bool[N], output.
    """
    mask = _u64(table.shape[0] - 1)
    for d in range(_u64(digests.shape[0])):
        low, high = digests[d, 0], digests[d, 1]
        slot = low & mask
        while table[slot, 1] and (table[slot, 0] != low or table[slot, 1] != high):
            slot = (slot + _u64(1)) & mask
        fresh[d] = table[slot, 1] == 0
        table[slot, 0] = low
        table[slot, 1] = high
