r"""The string literals of JSON Lines, as machine code: taking the text out, and what literals say.

Nine tenths of a line are its text, and a parser spends its time on walking through it, with the
interpreter held.  So the literal of the text is *lifted out*, and the parser gets the line with a literal
of one character in its place.  This is sound because in JSON a quote stands at the ends of strings and,
behind a backslash, within them, and nowhere else.  Strings can thus be found without parsing, and a line
in which one of them is replaced by another is JSON if and only if the line was and the string was.  What
the parser no longer sees is checked here: escapes, control characters, halves of surrogate pairs.

Which literal is the text is only guessed: a long one behind the key of that name.  The parser tells
whether that was right, because a line is left as it is if it holds the stand-in's character itself.
"""

from __future__ import annotations

import numba

from provenance.ingest.kernels import is_odd_line
from provenance.text.kernels import readonly

__all__ = ["DELETE", "lift_texts", "unescape_literals"]

_u8, _i64, _u64 = numba.uint8, numba.int64, numba.uint64

_STRIDE = 64  # bytes that are looked at together
_SPACE = 0x20  # what is below must be escaped in a literal
_LOWER = 0x20  # makes "A" an "a"
_QUOTE, _BACKSLASH = 0x22, 0x5C

DELETE = 0x7F
"""What stands in the place of a literal that was lifted out, between quotes."""


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
def _is_special(byte):  # type: ignore[no-untyped-def]
    """Return 1 for a byte that does not stand for itself in a literal, else 0."""
    special = _u8(1) if byte == _u8(_QUOTE) else _u8(0)
    special = _u8(1) if byte == _u8(_BACKSLASH) else special
    return _u8(1) if byte < _u8(_SPACE) else special


@numba.njit
def _escape_size(data, i, stop):  # type: ignore[no-untyped-def]
    """Return the bytes of the escape at `i`; 0 if there is none that stands for a code point alone."""
    if i + _u64(2) > stop:
        return _u64(0)
    kind = data[i + _u64(1)]
    if kind != 0x75:
        for legal in (0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74):  # "\/bfnrt
            if kind == legal:
                return _u64(2)
        return _u64(0)
    if i + _u64(6) > stop:
        return _u64(0)
    for j in range(i + _u64(2), i + _u64(6)):
        digit, letter = _u8(data[j] - _u8(0x30)), _u8((data[j] | _u8(_LOWER)) - _u8(0x61))
        if digit > _u8(9) and letter > _u8(5):
            return _u64(0)
    is_half = _hex(data, i + _u64(2)) >> _u64(11) == _u64(0x1B)  # U+D800 to U+DFFF
    return _u64(0) if is_half else _u64(6)


@numba.njit
def _behind_literal(data, i, stop):  # type: ignore[no-untyped-def]
    """Return what is behind the literal whose opening quote is before `i`; 0 if it is in doubt."""
    while i < stop:
        while i + _u64(_STRIDE) <= stop:
            hit = _u8(0)
            for j in range(_u64(_STRIDE)):
                hit = max(hit, _is_special(data[i + j]))
            if hit:
                break
            i += _u64(_STRIDE)
        while i < stop and not _is_special(data[i]):
            i += _u64(1)
        if i < stop and data[i] == _u8(_QUOTE):
            return i + _u64(1)
        # A control character is no escape either.
        size = _escape_size(data, i, stop) if i < stop and data[i] == _u8(_BACKSLASH) else _u64(0)
        if not size:
            break
        i += size
    return _u64(0)


@numba.njit
def _stands_at(data, i, stop, key):  # type: ignore[no-untyped-def]
    """Return whether a stretch of the data is `key`."""
    if stop - i != _u64(key.size):
        return False
    for j in range(stop - i):  # noqa: SIM110
        if data[i + j] != key[j]:
            return False
    return True


@numba.njit
def _lift(data, i, stop, key, least, short, at, spans, line):  # type: ignore[no-untyped-def]
    """Write a line without its text; return where the next one goes, 0 if the line had better stay."""
    last = last_stop = i  # the literal before
    while i < stop:
        behind = i + _u64(1)
        if data[i] == _u8(_QUOTE):
            behind = _behind_literal(data, behind, stop)
            if not behind:
                return _u64(0)
            is_long = behind - i >= _u64(least) and not spans[line, 1]
            if is_long and _stands_at(data, last, last_stop, key):
                spans[line, 0], spans[line, 1] = i, behind
                short[at], short[at + _u64(1)], short[at + _u64(2)] = _QUOTE, DELETE, _QUOTE
                at += _u64(3)
                i = behind
            last, last_stop = i, behind
        hit = _u8(0)
        for j in range(behind - i):
            short[at + j] = data[i + j]
            hit = max(hit, _u8(1) if data[i + j] == _u8(DELETE) else _u8(0))
        if hit:
            return _u64(0)
        at += behind - i
        i = behind
    return at if spans[line, 1] else _u64(0)


@numba.njit(
    numba.void(
        readonly(_u8),
        _i64,
        readonly(_i64),
        readonly(_u8),
        _i64,
        _u8[::1],
        _i64[::1],
        _i64[:, ::1],
    ),
    nogil=True,
    cache=True,
)
def lift_texts(data, start, ends, key, least, short, short_ends, spans):  # type: ignore[no-untyped-def]
    """Write lines, and in the place of each long text a literal that is one :data:`DELETE`.

    Nothing is written of a line that a trusting parser must not be trusted with.

    Args:
        data: Any bytes.
        start: Where the first line begins.
        ends: Where each line ends.
        key: The key of the text, quotes included.
        least: Bytes of a long literal, quotes included; more than 3.
        short: Output, the lines; at least as long as `data`.
        short_ends: Output, where each of these ends.
        spans: Output, int64[L, 2], where the literal stands in `data`; zeros where none was lifted out.
    """
    i, at = _u64(start), _u64(0)
    for line in range(_u64(ends.size)):
        stop = _u64(ends[line])
        spans[line, 0] = spans[line, 1] = 0
        if not is_odd_line(data, i, stop):
            behind = _lift(data, i, stop, key, least, short, at, spans, line)
            if not behind:
                spans[line, 0] = spans[line, 1] = 0
                behind = at + stop - i
                for j in range(stop - i):
                    short[at + j] = data[i + j]
            at = behind
        short_ends[line] = at
        i = stop


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


@numba.njit
def _unescape(data, start, stop, texts, at):  # type: ignore[no-untyped-def]
    """Write what one literal says and return where the next text goes."""
    i, stop = start + _u64(1), stop - _u64(1)
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
    return at


@numba.njit(
    numba.void(readonly(_u8), readonly(_i64), readonly(_u8), _i64[:, ::1], _u8[::1], _i64[::1]),
    nogil=True,
    cache=True,
)
def unescape_literals(literals, starts, data, spans, texts, offsets):  # type: ignore[no-untyped-def]
    r"""Write what JSON string literals say.

    Args:
        literals: Literals behind one another, quotes included.  They must have been parsed before:
            complete, every escape legal, no half of a surrogate pair.
        starts: Where each begins, and the end of the last.
        data: Where the literals lie that were lifted out.
        spans: int64[N, 2], where each of these stands in `data`; zeros where it is in `literals`.
        texts: Output, UTF-8; at least 64 bytes longer than all literals.
        offsets: Output, like `starts`.
    """
    at = _u64(0)
    offsets[0] = 0
    for d in range(_u64(spans.shape[0])):
        if spans[d, 1]:
            at = _unescape(data, _u64(spans[d, 0]), _u64(spans[d, 1]), texts, at)
        else:
            at = _unescape(literals, _u64(starts[d]), _u64(starts[d + _u64(1)]), texts, at)
        offsets[d + _u64(1)] = at
