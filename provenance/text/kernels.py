"""From UTF-8 bytes to token hashes, as machine code: two roads to one definition.

A token is a run of folded characters ``c0 c1 c2...``; its hash is ``scramble(1 + sum c_j * K**j)``
modulo 2**64, which depends on the word alone and not on where it stands.

*The short road* (:func:`_fold_plain`) takes no branch on a character.  It decodes at every byte
position, continuation bytes included (they become a character that folds to nothing), looks each code
up in one table, and keeps a running prefix of the polynomial.  A token is the difference of two
prefixes, shifted back to exponent zero by a power of the inverse of ``K``.  A decoder with branches
spends most of its time on mispredicted word ends.

*The long road* (:func:`_fold_any`) reads character by character and knows everything: spellings of
several letters, scripts without blanks, Hangul composition, astral planes, spans.  The short road
notices a character beyond it by its table value, and declines the whole piece.

Neither road can index outside its buffers, whatever the bytes; bytes that are not UTF-8 give tokens
without meaning.  Lone surrogates, as ``surrogatepass`` encodes them, separate words.

Indices are unsigned on purpose: a signed one costs a test for wrap-around and stops vectorization.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from provenance.text.folding import (
    CLOSES,
    DROP,
    JOINS,
    OPENS,
    SEPARATE,
    SPELLED,
    WAW,
)

__all__ = ["POWERS", "fold_columns", "fold_tokens", "readonly", "room_for"]

_u8, _u16, _u32, _u64 = numba.uint8, numba.uint16, numba.uint32, numba.uint64
_i64 = numba.int64

_PIECE = 1 << 14  # bytes that the short road takes at once: its scratch stays in the second cache
_BLANK = 0x20  # and every byte below it separate words
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_SCRAMBLE = 0xD6E8FEB86659FD93
_CONTINUATION = 0x00AD  # SOFT HYPHEN stands in for continuation bytes: it folds to nothing
_ODD = 1 << 16  # from here on a table value is no plain letter


def _powers(base: int) -> npt.NDArray[np.uint64]:
    values, power = np.empty(_PIECE + 2, np.uint64), 1
    for exponent in range(_PIECE + 2):
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


def room_for(size: int) -> int:
    """Return how many tokens a text of `size` bytes can have: a ligature of three spells four."""
    return size + size // 3 + 1


_room_for: Any = numba.njit(room_for)


@numba.njit
def _scramble(h):  # type: ignore[no-untyped-def]
    """Mix a polynomial: its low bits depend on the low bits of the letters alone."""
    h ^= h >> _u64(32)
    h *= _u64(_SCRAMBLE)
    return h ^ (h >> _u64(32))


@numba.njit
def _piece_end(data, start, end):  # type: ignore[no-untyped-def]
    """Return the end of the text, or the end of its last blank in reach, or of any character."""
    if end - start <= _PIECE:
        return end
    stop = start + _PIECE
    for place in range(stop, start, -1):
        if data[place - 1] <= _BLANK:
            return place
    for back in range(3):
        if data[stop - back] & 0xC0 != 0x80:
            return stop - back
    return stop


@numba.njit
def _fold_plain(  # type: ignore[no-untyped-def]
    data, start, end, whole, fold, powers, inverses, octets, codes, sums, sizes, tokens, count
):
    """Append the tokens of a piece that begins and ends between words; return their new count.

    Returns -1, with nothing appended, if the piece holds a character for the long road, or ends in a
    lone waw that belongs to the next piece.

    `whole` says whether the piece ends with the text; `octets`, `codes`, `sums` and `sizes` are scratch of
    at least ``_PIECE + 4`` items each.
    """
    n = _u64(end - start)
    first = _u64(start)
    peak = _u8(0)
    for i in range(n):
        octet = data[first + i]
        octets[i] = octet
        peak = max(peak, octet)
    if peak >= _u8(0xF0):  # an astral character
        return _i64(-1)
    octets[n] = octets[n + _u64(1)] = _u8(0)

    # In 16 bits throughout, which vectorizes to full registers; the constants subtract the marker
    # bits of lead and continuation bytes.
    for i in range(n):
        b0 = _u16(octets[i])
        b1 = _u16(octets[i + _u64(1)])
        b2 = _u16(octets[i + _u64(2)])
        two = _u16((b0 << _u16(6)) + b1)
        code = b0 if b0 < _u16(0x80) else _u16(_CONTINUATION)
        code = _u16(two - _u16(0x3080)) if b0 >= _u16(0xC0) else code
        code = _u16((two << _u16(6)) + b2 - _u16(0x2080)) if b0 >= _u16(0xE0) else code
        codes[i] = code

    # Prefix sums are written at every byte and kept where a separator stands.  The separator adds its
    # own value, 1, which thus opens every token; the first one has it for nothing.
    sums[_u64(0)] = _u64(0)
    sizes[_u64(0)] = _u32(0)
    total, size, words, seen = _u64(1), _u64(0), _u64(1), _u32(0)
    for i in range(n):
        value = fold[_u64(codes[i])]
        seen |= value
        sums[words] = total
        sizes[words] = _u32(size)
        words += _u64(value == _u32(SEPARATE))
        total += _u64(value) * powers[size]
        size += _u64(value > _u32(SEPARATE))
    sums[words] = total
    sizes[words] = _u32(size)
    if seen >= _u32(_ODD):
        return _i64(-1)

    new = _u64(count)
    for i in range(_u64(1), words + _u64(1)):
        before = _u64(sizes[i - _u64(1)])
        tokens[new] = (sums[i] - sums[i - _u64(1)]) * inverses[before]
        new += _u64(_u64(sizes[i]) != before)
    new = _join_waws(tokens, _u64(count), new)
    if new > _u64(count) and tokens[new - _u64(1)] == _u64(1 + WAW) and not whole:
        return _i64(-1)
    for i in range(_u64(count), new):
        tokens[i] = _scramble(tokens[i])
    return _i64(new)


@numba.njit
def _join_waws(tokens, start, end):  # type: ignore[no-untyped-def]
    """Put each lone waw onto the word after it; return the new end."""
    found = _u64(0)
    for i in range(start, end):
        found += _u64(tokens[i] == _u64(1 + WAW))
    if found == _u64(0):
        return end
    new, i = start, start
    while i < end:
        token = tokens[i]
        if token == _u64(1 + WAW) and i + _u64(1) < end:
            i += _u64(1)
            token += (tokens[i] - _u64(1)) * _u64(_BASE)
        tokens[new] = token
        new += _u64(1)
        i += _u64(1)
    return new


# What the long road remembers between two pieces of one text: two hashes and five integers.  They are
# two arrays because Numba makes a float of a sum of a signed and an unsigned integer.
_HASH = 0  # polynomial of the token so far
_POWER = 1  # of the last letter
_HASHES = 2  # items of the unsigned half

_LAST = 0  # letter last added
_LENGTH = 1  # letters so far; zero between tokens
_CLOSED = 2  # whether the next letter begins a token
_BEGAN = 3  # code point at which the token began
_ENDED = 4  # code point after the last letter
_PLACE = 5  # code point that comes next
_STATE = 6  # items of the signed half; all zero at the beginning of a text


@numba.njit
def _end_token(hashes, state, tokens, starts, ends, count, place, final):  # type: ignore[no-untyped-def]
    """Write the token that ends before `place`, unless there is none or it is a lone waw."""
    state[_CLOSED] = 0
    if state[_LENGTH] == 0:
        return count
    if state[_LENGTH] == 1 and state[_LAST] == WAW and not final:
        return count
    tokens[count] = _scramble(hashes[_HASH])
    if starts.size:
        starts[count] = state[_BEGAN]
        ends[count] = max(place, state[_ENDED])
    state[_LENGTH] = 0
    return count + 1


@numba.njit
def _syllable(left, right):  # type: ignore[no-untyped-def]
    """Return the Hangul syllable that two letters compose to, 0 if none."""
    if 0x1100 <= left < 0x1113 and 0x1161 <= right < 0x1176:
        return 0xAC00 + ((left - 0x1100) * 21 + right - 0x1161) * 28
    if 0xAC00 <= left < 0xD7A4 and (left - 0xAC00) % 28 == 0 and 0x11A8 <= right < 0x11C3:
        return left + right - 0x11A7
    return 0


@numba.njit
def _add_letter(hashes, state, value, tokens, starts, ends, count, place):  # type: ignore[no-untyped-def]
    """Add a folded letter with its flags to the current token, or begin one."""
    if value & OPENS or state[_CLOSED]:
        count = _end_token(hashes, state, tokens, starts, ends, count, place, False)
    letter = value & 0x1FFFFF
    syllable = 0
    if value & JOINS and state[_LENGTH]:
        syllable = _syllable(state[_LAST], letter)
    if syllable:
        hashes[_HASH] -= _u64(state[_LAST]) * hashes[_POWER]
        letter = syllable
    elif state[_LENGTH]:
        hashes[_POWER] *= _u64(_BASE)
        state[_LENGTH] += 1
    else:
        hashes[_HASH], hashes[_POWER] = _u64(1), _u64(1)
        state[_LENGTH] = 1
        state[_BEGAN] = place
    hashes[_HASH] += _u64(letter) * hashes[_POWER]
    state[_LAST] = letter
    state[_ENDED] = place + 1
    state[_CLOSED] = value & CLOSES
    return count


@numba.njit
def _decode(data, at, end):  # type: ignore[no-untyped-def]
    """Return the code point at a byte and the bytes it takes; 0 and 1 where there is none."""
    lead = _i64(data[at])
    if lead < 0x80:
        return lead, 1
    width = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC0 or at + width > end:
        return 0, 1
    code = lead & (0x7F >> width)
    for back in range(1, width):
        code = code << 6 | _i64(data[at + back]) & 0x3F
    return (code, width) if code < 0x110000 else (0, 1)


@numba.njit
def _fold_any(  # type: ignore[no-untyped-def]
    data, start, end, whole, fold, spellings, hashes, state, tokens, starts, ends, count
):
    """Append the tokens of a piece, and their code-point spans unless `starts` is of size 0.

    Returns the new count.  A token that reaches over the end of the piece stays in `hashes` and `state`,
    unless `whole` says that the text ends there.
    """
    at = start
    while at < end:
        code, width = _decode(data, at, end)
        place = state[_PLACE]
        value = _i64(fold[code])
        if value == SEPARATE:
            count = _end_token(hashes, state, tokens, starts, ends, count, place, False)
        elif value & SPELLED:
            index = value - SPELLED
            for part in spellings[index + 1 : index + 1 + _i64(spellings[index])]:
                letter = _i64(part)
                if letter == SEPARATE:
                    count = _end_token(hashes, state, tokens, starts, ends, count, place, False)
                else:
                    count = _add_letter(hashes, state, letter, tokens, starts, ends, count, place)
        elif value != DROP:
            count = _add_letter(hashes, state, value, tokens, starts, ends, count, place)
        state[_PLACE] = place + 1
        at += width
    if whole:
        count = _end_token(hashes, state, tokens, starts, ends, count, state[_PLACE], True)
    return count


@numba.njit(
    _i64(
        readonly(_u8),
        readonly(_i64),
        _i64,
        readonly(_u32),
        readonly(_u32),
        _u64[::1],
        _u32[::1],
        _u32[::1],
        _i64[::1],
    ),
    nogil=True,
    cache=True,
)
def fold_columns(  # type: ignore[no-untyped-def]
    data, offsets, first, fold, spellings, tokens, starts, ends, counts
):
    """Write tokens and spans of texts `first`, `first + 1`... until the output is full.

    Args:
        data: UTF-8 of all texts.
        offsets: Text d is ``data[offsets[d]:offsets[d + 1]]``.
        first: First text to fold.
        fold: First table of :func:`~provenance.text.folding.fold_tables`.
        spellings: Second table.
        tokens: Output, written from the beginning.
        starts: Output, code point at which each token begins.
        ends: Output, code point after each token.
        counts: Output, tokens of each text folded.

    Returns:
        The text at which it stopped; the number of texts when all are done.
    """
    hashes, state = np.zeros(_HASHES, np.uint64), np.zeros(_STATE, np.int64)
    count = 0
    for d in range(first, counts.size):
        start, end = offsets[d], offsets[d + 1]
        if count + _room_for(end - start) > tokens.size:
            return d
        state[:] = 0
        before = count
        count = _fold_any(
            data, start, end, True, fold, spellings, hashes, state, tokens, starts, ends, count
        )
        counts[d] = count - before
    return counts.size


@numba.njit(
    _i64(
        readonly(_u8),
        readonly(_i64),
        _i64,
        readonly(_u32),
        readonly(_u32),
        readonly(_u64),
        readonly(_u64),
        _u64[::1],
        _i64[::1],
    ),
    nogil=True,
    cache=True,
)
def fold_tokens(  # type: ignore[no-untyped-def]
    data, offsets, first, fold, spellings, powers, inverses, tokens, counts
):
    """Like :func:`fold_columns` without spans, by the short road where it goes.

    A text is taken in pieces, so that scratch does not grow with it.

    `powers` and `inverses` are :data:`POWERS`.
    """
    octets = np.empty(_PIECE + 4, np.uint8)
    codes = np.empty(_PIECE + 4, np.uint16)
    sums = np.empty(_PIECE + 4, np.uint64)
    sizes = np.empty(_PIECE + 4, np.uint32)
    hashes, state = np.zeros(_HASHES, np.uint64), np.zeros(_STATE, np.int64)
    nowhere = np.empty(0, np.uint32)
    count = 0
    for d in range(first, counts.size):
        at, end = offsets[d], offsets[d + 1]
        if count + _room_for(end - at) > tokens.size:
            return d
        state[:] = 0
        before = count
        while at < end:
            stop = _piece_end(data, at, end)
            whole = stop == end
            grown: Any = _i64(-1)
            if state[_LENGTH] == 0 and (whole or data[stop - 1] <= _BLANK):
                grown = _fold_plain(
                    data,
                    at,
                    stop,
                    whole,
                    fold,
                    powers,
                    inverses,
                    octets,
                    codes,
                    sums,
                    sizes,
                    tokens,
                    count,
                )
            if grown < 0:
                grown = _fold_any(
                    data,
                    at,
                    stop,
                    whole,
                    fold,
                    spellings,
                    hashes,
                    state,
                    tokens,
                    nowhere,
                    nowhere,
                    count,
                )
            count = grown
            at = stop
        counts[d] = count - before
    return counts.size
