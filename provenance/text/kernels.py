"""From characters to token hashes, as machine code: two roads to one definition.

A token is a run of folded characters ``c0 c1 c2...``; its hash is
``scramble(sum c_j * K**(j + 1))`` modulo 2**64, which depends on the word alone and not on where it stands.

*The short road* (:func:`_fold_plain`) takes no branch on a character.  It looks each code up in one
table and keeps a running prefix of the polynomial.  A token is the difference of two prefixes,
shifted back to exponent zero by a power of the inverse of ``K``.  UTF-8 is decoded at every byte
position, and what comes of continuation bytes is left out: a decoder with branches spends most of its
time on mispredicted characters.  UTF-16 needs no decoding at all.

*The long road* (:func:`_fold_any`) reads character by character and knows everything: spellings of
several letters, scripts without blanks, Hangul composition, astral planes.  The short road notices a
character beyond it by its table value, and leaves the rest of the text to the long one.

Neither road can index outside its buffers, whatever the bytes; bytes that are not UTF-8 give tokens
without meaning.  Lone surrogates separate words.

Indices are unsigned on purpose: a signed one costs a test for wrap-around and stops vectorization.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.extending import intrinsic

from provenance.text.folding import CLOSES, DROP, JOINS, OPENS, SEPARATE, SPELLED, WAW

__all__ = ["POWERS", "fold_utf8", "readonly", "utf16_folder"]

_u8, _u16, _u32, _u64 = numba.uint8, numba.uint16, numba.uint32, numba.uint64
_i64 = numba.int64

_PIECE = (
    1 << 14
)  # bytes or units that the short road takes at once: its scratch stays in the second cache
_BLANK = 0x20  # and every byte below it separate words

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_LONE_WAW = WAW * _BASE % (1 << 64)  # its polynomial
_SCRAMBLE = 0xD6E8FEB86659FD93
_CONTINUATION = 0xBF - 0x100  # the greatest continuation byte, signed: all others are greater
_AT_ONCE = 32  # bytes decoded at once
_ODD = SEPARATE + 1  # from here on a table value is neither a plain letter nor a separator
_LETTER = 0x1FFFFF  # the bits of a table value that are a code point


def _powers(base: int) -> npt.NDArray[np.uint64]:
    values, power = np.empty(_PIECE + 3, np.uint64), 1
    for exponent in range(_PIECE + 3):
        values[exponent] = power
        power = power * base % (1 << 64)
    values.flags.writeable = False
    return values


POWERS = (_powers(_BASE), _powers(pow(_BASE, -1, 1 << 64)))
"""Powers of the base of the token hash, and of its inverse."""


def readonly(dtype: Any) -> Any:
    """Return the Numba type of a one-dimensional array that a kernel only reads.

    A writable array converts to it, one from a buffer is it: one compiled version serves both.
    """
    return numba.types.Array(dtype, 1, "C", readonly=True)


@numba.njit
def _scramble(h):  # type: ignore[no-untyped-def]
    """Mix a polynomial: its low bits depend on the low bits of the letters alone."""
    h ^= h >> _u64(32)
    h *= _u64(_SCRAMBLE)
    return h ^ (h >> _u64(32))


@numba.njit
def _scratch(starts):  # type: ignore[no-untyped-def]
    spans = 0 if starts is None else _PIECE + 3
    return (
        np.empty(_PIECE + 3, np.uint64),
        np.empty(_PIECE + 3, np.uint32),
        np.empty(spans, np.uint32),
        np.empty(spans, np.uint32),
    )


@numba.njit
def _piece_end(data, start, end):  # type: ignore[no-untyped-def]
    """Return the end of the text, or of the last blank that the short road reaches; -1 if none."""
    if end - start <= _PIECE:
        return end
    for place in range(start + _PIECE, start, -1):
        if data[place - 1] <= _BLANK:
            return place
    return -1


@intrinsic
def _decode(_typing: Any, octets: Any, i: Any, codes: Any, at: Any) -> Any:
    """Decode the characters that begin in the 32 bytes at ``octets[i]``; return how many.

    They go to ``codes[at]`` and after; 32 codes are written, those that matter first.  Every byte is
    taken for the first of a character, in 16 bits throughout, and continuations are left out: one
    instruction where the processor has it, else the compiler writes the codes one by one, without a
    branch.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        def pointer(number: int, index: Any, element: Any) -> Any:
            array = context.make_array(signature.args[number])(context, builder, values[number])
            vector = ir.VectorType(element, _AT_ONCE)
            return builder.bitcast(builder.gep(array.data, [index]), vector.as_pointer())

        def everywhere(value: int, element: Any) -> Any:
            return ir.Constant(ir.VectorType(element, _AT_ONCE), [value] * _AT_ONCE)

        octet, unit, size = ir.IntType(8), ir.IntType(16), ir.IntType(64)
        vector = ir.VectorType(unit, _AT_ONCE)
        mask = ir.VectorType(ir.IntType(1), _AT_ONCE)
        name = f"llvm.experimental.vector.compress.v{_AT_ONCE}i16"
        kind = ir.FunctionType(vector, [vector, mask, vector])
        compress = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)

        following = [builder.add(values[1], ir.Constant(size, offset)) for offset in range(3)]
        loaded = [builder.load(pointer(0, index, octet)) for index in following]
        for load in loaded:
            load.align = 1
        first, second, third = (builder.zext(load, vector) for load in loaded)
        six = everywhere(6, unit)
        # The constants subtract the marker bits of lead and continuation bytes.
        two = builder.add(builder.shl(first, six), second)
        three = builder.add(builder.shl(two, six), third)
        two = builder.sub(two, everywhere(0x3080, unit))
        three = builder.sub(three, everywhere(0x2080, unit))
        leads_two, leads_three = (
            builder.icmp_unsigned(">=", loaded[0], everywhere(lead, octet)) for lead in (0xC0, 0xE0)
        )
        code = builder.select(leads_two, two, first)
        code = builder.select(leads_three, three, code)
        begins = builder.icmp_signed(">", loaded[0], everywhere(_CONTINUATION, octet))
        nothing = ir.Constant(vector, ir.Undefined)
        squeezed = builder.call(compress, [code, begins, nothing])
        builder.store(squeezed, pointer(2, values[3], unit)).align = 2
        count = builder.ctpop(builder.bitcast(begins, ir.IntType(_AT_ONCE)))
        return builder.zext(count, size)

    return _u64(octets, i, codes, at), generate


@numba.njit
def _codes_of(data, octets, codes):  # type: ignore[no-untyped-def]
    """Decode a piece of UTF-8; return the number of codes, -1 if one lies beyond the first plane."""
    size = _u64(data.size)
    peak = _u8(0)
    for i in range(size):
        octet = data[i]
        octets[i] = octet
        peak = max(peak, octet)
    if peak >= _u8(0xF0):
        return _i64(-1)
    for i in range(size, size + _u64(_AT_ONCE + 2)):
        octets[i] = _u8(_CONTINUATION & 0xFF)
    count = _u64(0)
    for i in range(_u64(0), size, _u64(_AT_ONCE)):
        count += _decode(octets, i, codes, count)  # type: ignore[call-arg]
    return _i64(count)


@numba.njit
def _fold_plain(  # type: ignore[no-untyped-def]
    codes, last, place, fold, powers, inverses, scratch, tokens, starts, ends, count
):
    """Append the tokens of a piece that begins and ends between words; return their new count.

    Returns -1, with nothing appended, if the piece holds a character for the long road, or ends in
    a lone waw that belongs to the next piece.  `last` says whether the piece ends with the text;
    `place` is the code point at which it begins, and each code stands for one code point if spans
    are wanted.
    """
    sums, sizes, begins, stops = scratch
    n = _u64(codes.size)
    # Everything is written at every code and kept where a separator stands.  Letters and separators
    # count as letters, nothing else does; a separator of its own opens the piece.  Comparing with the
    # least and the greatest plain value costs two instructions each.
    sums[_u64(0)] = _u64(0)
    sizes[_u64(0)] = _u32(0)
    total, size, words, seen = _u64(SEPARATE), _u64(1), _u64(1), _u32(0)
    for i in range(n):
        value = fold[_u64(codes[i])]
        seen |= value
        sums[words] = total
        sizes[words] = _u32(size)
        if starts is not None:
            begins[size] = _u32(i)
            stops[words] = _u32(i)
        total += _u64(value) * powers[size]
        words += _u64(value >= _u32(SEPARATE))
        size += _u64(value >= _u32(1))
    if seen >= _u32(_ODD):
        return _i64(-1)
    sums[words] = total
    sizes[words] = _u32(size)
    if starts is not None:
        stops[words] = _u32(n)

    before = _u64(count)
    new = before
    for i in range(_u64(1), words + _u64(1)):
        known = _u64(sizes[i - _u64(1)])
        tokens[new] = (sums[i] - sums[i - _u64(1)]) * inverses[known] - _u64(SEPARATE)
        if starts is not None:
            starts[new] = _u32(place) + begins[known + _u64(1)]
            ends[new] = _u32(place) + stops[i]
        new += _u64(_u64(sizes[i]) > known + _u64(1))
    new = _join_waws(tokens, starts, ends, before, new)
    if new > before and tokens[new - _u64(1)] == _u64(_LONE_WAW) and not last:
        return _i64(-1)
    for i in range(before, new):
        tokens[i] = _scramble(tokens[i])
    return _i64(new)


@numba.njit
def _join_waws(tokens, starts, ends, begin, end):  # type: ignore[no-untyped-def]
    """Put each lone waw onto the word after it; return the new end."""
    found = _u64(0)
    for i in range(begin, end):
        found += _u64(tokens[i] == _u64(_LONE_WAW))
    if found == _u64(0):
        return end
    new, i = begin, begin
    while i < end:
        token = tokens[i]
        if starts is not None:
            starts[new] = starts[i]
        if token == _u64(_LONE_WAW) and i + _u64(1) < end:
            i += _u64(1)
            token += tokens[i] * _u64(_BASE)
        if starts is not None:
            ends[new] = ends[i]
        tokens[new] = token
        new += _u64(1)
        i += _u64(1)
    return new


@numba.njit
def _characters_utf16(data):  # type: ignore[no-untyped-def]
    """Return the code points of UTF-16; half a pair stands for itself."""
    characters = np.empty(data.size, np.uint32)
    count = at = 0
    while at < data.size:
        code = _i64(data[at])
        at += 1
        if code & 0xFC00 == 0xD800 and at < data.size and data[at] & 0xFC00 == 0xDC00:
            code = 0x10000 + ((code - 0xD800) << 10) + _i64(data[at]) - 0xDC00
            at += 1
        characters[count] = code
        count += 1
    return characters[:count]


@numba.njit
def _characters_utf8(data):  # type: ignore[no-untyped-def]
    """Return the code points of UTF-8; a byte that begins none stands for NUL."""
    characters = np.empty(data.size, np.uint32)
    count = at = 0
    while at < data.size:
        lead = _i64(data[at])
        left = data.size - at
        if 0xC0 <= lead < 0xE0 and left > 1:
            code = (lead & 0x1F) << 6 | _i64(data[at + 1]) & 0x3F
            at += 2
        elif 0xE0 <= lead < 0xF0 and left > 2:
            code = (_i64(data[at + 1]) & 0x3F) << 6 | _i64(data[at + 2]) & 0x3F
            code |= (lead & 0x0F) << 12
            at += 3
        elif lead >= 0xF0 and left > 3:
            code = (_i64(data[at + 2]) & 0x3F) << 6 | _i64(data[at + 3]) & 0x3F
            code |= (lead & 0x07) << 18 | (_i64(data[at + 1]) & 0x3F) << 12
            at += 4
        else:
            at += 1
            code = lead if lead < 0x80 else 0
        characters[count] = code if code < 0x110000 else 0
        count += 1
    return characters[:count]


@numba.njit
def _syllable(left, right):  # type: ignore[no-untyped-def]
    """Return the Hangul syllable that two letters compose to, 0 if none."""
    if 0x1100 <= left < 0x1113 and 0x1161 <= right < 0x1176:
        return 0xAC00 + ((left - 0x1100) * 21 + right - 0x1161) * 28
    if 0xAC00 <= left < 0xD7A4 and (left - 0xAC00) % 28 == 0 and 0x11A8 <= right < 0x11C3:
        return left + right - 0x11A7
    return 0


@numba.njit(inline="always")  # a call would count references to the arrays
def _put_span(starts, ends, number, began, ended):  # type: ignore[no-untyped-def]
    if starts is not None:
        starts[number] = began
        ends[number] = ended


@numba.njit
def _fold_any(  # type: ignore[no-untyped-def]
    characters, place, fold, spellings, tokens, starts, ends, count
):
    """Append the tokens of a text from a place between words to its end.

    Returns the new count, or -1 if there is no room.  `place` is where in the text the characters
    begin.
    """
    total, power = _u64(0), _u64(0)  # of the token so far; of its last letter
    length, letter, closed = 0, 0, 0  # letters so far; the last of them; whether it ends the token
    began, ended = place, place
    paused = -1  # where a lone waw was left to wait for its word
    for character in characters:
        entry = _i64(fold[character])
        index, values = 0, 1
        if entry & SPELLED:
            index = entry - SPELLED + 1
            values = _i64(spellings[index - 1])
        for i in range(index, index + values):
            value = _i64(spellings[i]) if entry & SPELLED else entry
            if value == DROP:
                continue
            if value == SEPARATE or value & OPENS or closed:
                if length > 1 or (length == 1 and letter != WAW):
                    if count == tokens.size:
                        return -1
                    tokens[count] = _scramble(total)
                    _put_span(starts, ends, count, began, max(place, ended))
                    count += 1
                    length = 0
                elif length and paused < 0:
                    paused = place
                closed = 0
            if value == SEPARATE:
                continue
            before, letter = letter, value & _LETTER
            joined = _syllable(before, letter) if value & JOINS and length else 0
            if joined:
                letter = joined
                total -= _u64(before) * power
            elif length:
                length += 1
                power *= _u64(_BASE)
            else:
                length = 1
                total, power = _u64(0), _u64(_BASE)
                began = place
            total += _u64(letter) * power
            ended, paused = place + 1, -1
            closed = value & CLOSES
        place += 1
    if length:
        if count == tokens.size:
            return -1
        tokens[count] = _scramble(total)
        _put_span(starts, ends, count, began, max(place, ended) if paused < 0 else paused)
        count += 1
    return count


_INPUTS = (readonly(_i64), _i64, readonly(_u32), readonly(_u32), readonly(_u64), readonly(_u64))


@numba.njit(_i64(readonly(_u8), *_INPUTS, _u64[::1], _i64[::1]), nogil=True, cache=True)
def fold_utf8(  # type: ignore[no-untyped-def]
    data, offsets, first, fold, spellings, powers, inverses, tokens, counts
):
    """Write the tokens of texts `first`, `first + 1`... until the output is full.

    Args:
        data: UTF-8 of all texts.
        offsets: Text d is ``data[offsets[d]:offsets[d + 1]]``.
        first: First text to fold.
        fold: First table of :func:`~provenance.text.folding.fold_tables`.
        spellings: Second table.
        powers: First of :data:`POWERS`.
        inverses: Second.
        tokens: Output, written from the beginning.
        counts: Output, tokens of each text folded.

    Returns:
        The text at which it stopped; the number of texts when all are done.  Stopping at the first
        says that this text alone needs more room.
    """
    octets = np.empty(_PIECE + _AT_ONCE + 2, np.uint8)
    codes = np.empty(_PIECE + _AT_ONCE, np.uint16)
    scratch = _scratch(None)
    count = _i64(0)
    for d in range(first, counts.size):
        at, end = offsets[d], offsets[d + 1]
        before = count
        while at < end:
            stop = _piece_end(data, at, end)
            if tokens.size - count <= (stop - at) // 2:
                return d
            size = _codes_of(data[at:stop], octets, codes) if stop >= 0 else -1
            grown = _i64(-1)
            if size >= 0:
                grown = _fold_plain(
                    codes[:size],
                    stop == end,
                    0,
                    fold,
                    powers,
                    inverses,
                    scratch,
                    tokens,
                    None,
                    None,
                    count,
                )
            if grown < 0:
                characters = _characters_utf8(data[at:end])
                grown = _fold_any(characters, 0, fold, spellings, tokens, None, None, count)
                stop = end
            if grown < 0:
                return d
            count = grown
            at = stop
        counts[d] = count - before
    return counts.size


@numba.njit(nogil=True, cache=True)
def _fold_utf16(  # type: ignore[no-untyped-def]
    data, offsets, first, fold, spellings, powers, inverses, tokens, starts, ends, counts
):
    """Like :func:`fold_utf8`, from 16-bit units, and with spans if they are wanted.

    Args:
        data: UTF-16 of all texts, in the byte order of the machine.
        offsets: As for UTF-8, in units.
        first: As for UTF-8.
        fold: As for UTF-8.
        spellings: As for UTF-8.
        powers: As for UTF-8.
        inverses: As for UTF-8.
        tokens: As for UTF-8.
        starts: Output, code point at which each token begins; ``None`` if spans are not wanted.
        ends: Output, code point after each token; ``None`` likewise.
        counts: As for UTF-8.

    Returns:
        As for UTF-8.
    """
    scratch = _scratch(starts)
    count = _i64(0)
    for d in range(first, counts.size):
        at, end = offsets[d], offsets[d + 1]
        before = count
        while at < end:
            stop = _piece_end(data, at, end)
            if tokens.size - count <= (stop - at) // 2:
                return d
            grown, place = (
                _i64(-1),
                at - offsets[d],
            )  # no pair of units so far: a unit is a code point
            if stop >= 0:
                grown = _fold_plain(
                    data[at:stop],
                    stop == end,
                    place,
                    fold,
                    powers,
                    inverses,
                    scratch,
                    tokens,
                    starts,
                    ends,
                    count,
                )
            if grown < 0:
                characters = _characters_utf16(data[at:end])
                grown = _fold_any(characters, place, fold, spellings, tokens, starts, ends, count)
                stop = end
            if grown < 0:
                return d
            count = grown
            at = stop
        counts[d] = count - before
    return counts.size


@cache
def utf16_folder() -> Any:
    """Return the kernel like :func:`fold_utf8` for 16-bit units, with spans if they are wanted.

    It is compiled when it is first asked for: a pass over files does without, and the compiler takes
    three seconds for it, once after installing.
    """
    for spans in (numba.types.none, _u32[::1]):
        _fold_utf16.compile(_i64(readonly(_u16), *_INPUTS, _u64[::1], spans, spans, _i64[::1]))
    _fold_utf16.disable_compile()
    return _fold_utf16
