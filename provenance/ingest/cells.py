"""The cells of CSV and TSV, as machine code: where rows and cells end, and what quoted cells say.

Only what Python's ``csv`` reads without objection is understood, and exactly as it does: a cell is quoted
if it begins with a quote, in which case two quotes stand for one and line ends belong to it; any other
quote stands for itself; a row ends with a line feed, alone or behind a carriage return.
"""

from __future__ import annotations

import numba

from provenance.ingest.kernels import is_utf8_within
from provenance.text.kernels import readonly

__all__ = ["find_rows", "unquote_cells"]

_u8, _i64, _u64 = numba.uint8, numba.int64, numba.uint64

_STRIDE = 64  # bytes that are looked at together
_QUOTE, _LINE_FEED, _RETURN = 0x22, 0x0A, 0x0D


@numba.njit
def _seek(data, i, stop, one, two, three):  # type: ignore[no-untyped-def]
    """Return where the first of three bytes stands, or `stop`."""
    while i + _u64(_STRIDE) <= stop:
        hit = _u8(0)
        for j in range(_u64(_STRIDE)):
            byte = data[i + j]
            found = _u8(1) if byte == _u8(one) else _u8(0)
            found = _u8(1) if byte == _u8(two) else found
            hit = max(hit, _u8(1) if byte == _u8(three) else found)
        if hit:
            break
        i += _u64(_STRIDE)
    while i < stop and data[i] != one and data[i] != two and data[i] != three:
        i += _u64(1)
    return i


@numba.njit
def _behind_cell(data, i, stop, delimiter):  # type: ignore[no-untyped-def]
    """Return what is behind the cell at `i`: its delimiter or line end, or `stop`."""
    if i == stop or data[i] != _u8(_QUOTE):
        return _seek(data, i, stop, delimiter, _LINE_FEED, _RETURN)
    i += _u64(1)
    while True:
        i = _seek(data, i, stop, _QUOTE, _QUOTE, _QUOTE) + _u64(1)
        if i >= stop or data[i] != _u8(_QUOTE):
            return i  # beyond `stop` if it was not closed
        i += _u64(1)


@numba.njit
def _behind_row(data, i, stop, last):  # type: ignore[no-untyped-def]
    """Return what is behind the line end at `i`; ``stop + 1`` if it is not there, + 2 if it is wrong."""
    missing = stop + _u64(2) if last else stop + _u64(1)
    if i >= stop:
        return stop if last and i == stop else missing
    if data[i] == _u8(_RETURN):
        i += _u64(1)
        if i == stop:
            return missing
    return i + _u64(1) if data[i] == _u8(_LINE_FEED) else stop + _u64(2)


@numba.njit
def _line_feeds(data, start, stop):  # type: ignore[no-untyped-def]
    total = _u64(0)
    for i in range(start, stop):
        total += _u64(data[i] == _u8(_LINE_FEED))
    return total


@numba.njit(
    _i64(readonly(_u8), _i64, numba.boolean, _u8, _i64[::1], _i64[:, ::1], _i64[:, :, ::1]),
    nogil=True,
    cache=True,
)
def find_rows(data, start, last, delimiter, columns, rows, spans):  # type: ignore[no-untyped-def]
    """Write where rows are, up to the first that is not complete or that ``csv`` would object to.

    Args:
        data: Any bytes.
        start: Where the first row begins.
        last: Whether nothing comes behind `data`.
        delimiter: What stands between cells.
        columns: Numbers of the columns that are wanted; -1 for one that there is not.
        rows: Output, int64[R, 3], where a row ends, its cells (0 if it is empty), and its line feeds; R
            is at least 1 and more than the line feeds of `data`.
        spans: Output, int64[R, W, 2], where the wanted cells stand, quotes included.

    Returns:
        How many rows there are; ``-1 - rows`` if a wrong one is next.
    """
    count, i, stop = 0, _u64(start), _u64(data.size)
    while i < stop:
        begin, cells = i, 0
        spans[count] = 0
        while True:
            behind = _behind_cell(data, i, stop, delimiter)
            for w in range(columns.size):
                if columns[w] == cells:
                    spans[count, w, 0], spans[count, w, 1] = i, behind
            cells += 1
            if behind >= stop or data[behind] != delimiter:
                break
            i = behind + _u64(1)
        behind = _behind_row(data, behind, stop, last)
        if behind > stop:
            return count if behind == stop + _u64(1) else -1 - count
        is_empty = data[begin] == _u8(_LINE_FEED) or data[begin] == _u8(_RETURN)
        rows[count, 0] = behind
        rows[count, 1] = 0 if is_empty else cells
        rows[count, 2] = _line_feeds(data, begin, behind)
        count += 1
        i = behind
    return count


@numba.njit
def _unquote(data, i, stop, texts, at):  # type: ignore[no-untyped-def]
    """Write what a quoted cell says between its outer quotes; return where the next text goes."""
    while i < stop:
        until = _seek(data, i, stop, _QUOTE, _QUOTE, _QUOTE)
        until = min(until + _u64(1), stop)  # the first of two quotes stands for both
        for j in range(until - i):
            texts[at + j] = data[i + j]
        at += until - i
        i = until + _u64(1)
    return at


@numba.njit(
    numba.void(
        readonly(_u8), _i64[::1], _i64[::1], _i64[:, ::1], _u8[::1], _i64[::1], numba.boolean[::1]
    ),
    nogil=True,
    cache=True,
)
def unquote_cells(data, starts, stops, spans, texts, offsets, sound):  # type: ignore[no-untyped-def]
    """Write what cells say, and whether their rows are UTF-8.

    Args:
        data: The rows.
        starts: int64[R], where each begins.
        stops: int64[R], where it ends.
        spans: int64[R, 2], where the cells stand, quotes included.
        texts: Output; at least as long as the cells.
        offsets: Output, int64[R + 1], where the texts begin, and the end of the last.
        sound: Output, bool[R].
    """
    at = _u64(0)
    offsets[0] = 0
    for row in range(_u64(spans.shape[0])):
        sound[row] = is_utf8_within(data, _u64(starts[row]), _u64(stops[row]))
        i, stop = _u64(spans[row, 0]), _u64(spans[row, 1])
        if i < stop and data[i] == _u8(_QUOTE):
            at = _unquote(data, i + _u64(1), stop - _u64(1), texts, at)
        else:
            for j in range(stop - i):
                texts[at + j] = data[i + j]
            at += stop - i
        offsets[row + _u64(1)] = at
