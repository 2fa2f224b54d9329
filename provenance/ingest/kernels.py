"""What is done to every byte of JSON Lines, and to every identifier, as machine code.

Three passes over a block: where its lines end; which lines a trusting parser must not be trusted with;
and, between the two halves of parsing, what its string literals say.  The first two take no branch on a
byte, so that the compiler makes vectors of them; the third copies vectors up to the next backslash.
Identifiers go into a hash table of their digests.

Indices are unsigned on purpose: a signed one costs a test for wrap-around and stops vectorization.
Bytes stay bytes for the same reason: ``&`` and ``|`` of two would become 64 bits wide, selections do not.
"""

from __future__ import annotations

import numba

from provenance.text.kernels import readonly

__all__ = ["find_line_ends", "is_utf8", "mark_odd_lines", "take_digests", "unescape_literals"]

_u8, _i64, _u64 = numba.uint8, numba.int64, numba.uint64

_STRIDE = 64  # bytes that are looked at together
_LINE_FEED = 0x0A
_BACKSLASH = 0x5C
_LOWER = 0x20  # makes "A" an "a"
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


@numba.njit(numba.boolean(readonly(_u8)), nogil=True, cache=True)
def is_utf8(data):  # type: ignore[no-untyped-def]
    """Return whether bytes are UTF-8."""
    return _find_fault(data, _u64(0), _u64(data.size)) == _u8(0)


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


@numba.njit(numba.void(readonly(_u8), readonly(_i64), _u8[::1]), nogil=True, cache=True)
def mark_odd_lines(data, ends, odd):  # type: ignore[no-untyped-def]
    """Write 1 for every line that a parser may take which the standard library refuses, else 0.

    These are lines that are not UTF-8, might nest deeply, or might hold a number of very many digits.
    Some more are marked, which does no harm.
    """
    start = _u64(0)
    for line in range(_u64(ends.size)):
        stop = _u64(ends[line])
        marked = _find_fault(data, start, stop) != _u8(0)
        marked = marked or _brackets(data, start, stop) >= _u64(_BRACKETS)
        odd[line] = marked or _is_long_number(data, start, stop)
        start = stop


@numba.njit
def _hex(data, i):  # type: ignore[no-untyped-def]
    """Return what four hexadecimal digits say."""
    value = _u64(0)
    for j in range(_u64(4)):
        digit = _u64(data[i + j])
        digit = digit - _u64(48) if digit < _u64(58) else (digit | _u64(_LOWER)) - _u64(87)
        value = value << _u64(4) | digit
    return value


@numba.njit
def _put(code, texts, at):  # type: ignore[no-untyped-def]
    """Write a code point in UTF-8 and return where the next one goes."""
    if code < _u64(0x80):
        texts[at] = code
        return at + _u64(1)
    more = _u64(1) + _u64(code >= _u64(0x800)) + _u64(code >= _u64(0x10000))
    texts[at] = (_u64(0xFF00) >> more + _u64(1) | code >> _u64(6) * more) & _u64(0xFF)
    for j in range(_u64(1), more + _u64(1)):
        texts[at + j] = _u64(0x80) | code >> _u64(6) * (more - j) & _u64(0x3F)
    return at + more + _u64(1)


@numba.njit
def _escaped(data, i, texts, at):  # type: ignore[no-untyped-def]
    """Write what the escape at `i` stands for; return what is behind it, there and here."""
    kind = data[i + _u64(1)]
    if kind == 0x75:  # u
        code = _hex(data, i + _u64(2))
        i += _u64(6)
        if code >> _u64(10) == _u64(0x36):  # the first half of a pair
            low = _hex(data, i + _u64(2)) & _u64(0x3FF)
            code = _u64(0x10000) + ((code & _u64(0x3FF)) << _u64(10) | low)
            i += _u64(6)
        return i, _put(code, texts, at)
    if kind == 0x6E:  # n
        kind = _u8(0x0A)
    elif kind == 0x74:  # t
        kind = _u8(0x09)
    elif kind == 0x72:  # r
        kind = _u8(0x0D)
    elif kind == 0x62:  # b
        kind = _u8(0x08)
    elif kind == 0x66:  # f
        kind = _u8(0x0C)
    texts[at] = kind
    return i + _u64(2), at + _u64(1)


@numba.njit(numba.void(readonly(_u8), readonly(_i64), _u8[::1], _i64[::1]), nogil=True, cache=True)
def unescape_literals(data, starts, texts, offsets):  # type: ignore[no-untyped-def]
    r"""Write what JSON string literals say.

    Args:
        data: String literals behind one another, quotes included.  They must have been parsed before:
            complete, every escape legal, no half of a surrogate pair.
        starts: Where each begins, and the end of the last.
        texts: Output, UTF-8; at least 64 bytes longer than `data`.
        offsets: Output, like `starts`.
    """
    at = _u64(0)
    offsets[0] = 0
    for d in range(_u64(offsets.size - 1)):
        i = _u64(starts[d]) + _u64(1)
        stop = _u64(starts[d + _u64(1)]) - _u64(1)
        while i < stop:
            until = min(i + _u64(_STRIDE), stop)
            if until - i == _u64(_STRIDE):
                hit = _u8(0)
                for j in range(_u64(_STRIDE)):
                    texts[at + j] = data[i + j]
                    hit = max(hit, _u8(data[i + j] == _u8(_BACKSLASH)))
                if not hit:
                    i += _u64(_STRIDE)
                    at += _u64(_STRIDE)
                    continue
            while i < until:
                if data[i] == _u8(_BACKSLASH):
                    i, at = _escaped(data, i, texts, at)
                else:
                    texts[at] = data[i]
                    i += _u64(1)
                    at += _u64(1)
        offsets[d + _u64(1)] = at


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
