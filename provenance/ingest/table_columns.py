"""CSV and TSV as columns.

One thread finds where rows and cells end, since a line end in quotes ends nothing and only reading from
the front tells; others take the cells that matter out of their quotes.  Rows that cannot be used go to
:mod:`provenance.ingest.rows`, which words the reason.

Limits: from the first row on that ``csv`` objects to, a file is read record by record to its end, four
times slower; where such a row ends is for ``csv`` to say.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from provenance.errors import InputError
from provenance.ingest.blocks import Buffers
from provenance.ingest.cells import find_rows, unquote_cells
from provenance.ingest.reading import Reject, article_of, reject_of
from provenance.ingest.rows import (
    BOM,
    Row,
    invalid_utf8,
    numbered_lines,
    read_header,
    table_rows,
)
from provenance.ingest.sources import Source
from provenance.ingest.textblocks import TextBlock

__all__ = ["Rest", "TableBlock", "TableCutter", "TableRows"]

_TEXT, _ID, _PUBLISHED = range(3)
_WANTED = ("text", "id", "published")


@attrs.frozen(kw_only=True, eq=False)
class TableBlock:
    """Whole rows of a table.

    Attributes:
        data: uint8, the rows, and more in front and behind.
        begin: Where the first begins.
        rows: int64[R, 3], where a row ends, its cells (0 if it is empty), and its line feeds.
        spans: int64[R, 3, 2], where its text, identifier and date stand, quotes included.
        line: Number of the line that the first begins on, from 1.
        start: Byte of the stream that `data` begins at.
    """

    data: npt.NDArray[np.uint8]
    begin: int
    rows: npt.NDArray[np.int64]
    spans: npt.NDArray[np.int64]
    line: int
    start: int


@attrs.frozen(kw_only=True, eq=False)
class Rest:
    """Bytes of a table to be read record by record.

    Attributes:
        data: The bytes.
        line: Number of the line they begin on, from 1.
        start: Byte of the stream that they begin at.
    """

    data: memoryview
    line: int
    start: int


class TableCutter:
    """Cuts a table into blocks of rows, and what comes from the first wrong row on into rests.

    Args:
        delimiter: What stands between cells.
        fields: Key of the records to read for a field, where it is not the field's own name.

    Attributes:
        delimiter: As given.
        header: The names of the columns; ``None`` before they were read, and if they cannot be used.
    """

    def __init__(self, delimiter: str, fields: Mapping[str, str]) -> None:
        self.delimiter = delimiter
        self.header: list[str] | None = None
        self._keys = [fields.get(field, field) for field in _WANTED]
        self._columns = np.full(len(_WANTED), -1)
        self._line = 1
        self._start = 0
        self._wrong = False

    def cut(
        self, buffer: bytearray, filled: int, last: bool
    ) -> tuple[int, list[TableBlock | Rest]]:
        """Cut what a buffer holds, as :func:`provenance.ingest.blocks.read_pieces` asks for it."""
        begin = self._behind_header(buffer, filled, last) if self._start == 0 else 0
        if begin is None:
            return 0, []
        pieces: list[TableBlock | Rest] = []
        used = begin
        if not self._wrong:
            room = buffer.count(b"\n", begin, filled) + 1
            rows = np.empty((room, 3), np.int64)
            spans = np.empty((room, len(_WANTED), 2), np.int64)
            data = np.frombuffer(buffer, np.uint8, filled)
            count = find_rows(data, begin, last, ord(self.delimiter), self._columns, rows, spans)
            self._wrong = count < 0
            rows = rows[: -1 - count if self._wrong else count]
            if len(rows):
                pieces.append(
                    TableBlock(
                        data=data,
                        begin=begin,
                        rows=rows,
                        spans=spans[: len(rows)],
                        line=self._line,
                        start=self._start,
                    )
                )
                used = int(rows[-1, 0])
                self._line += int(rows[:, 2].sum())
        if self._wrong and used < filled:
            whole = memoryview(buffer)[used:filled]
            pieces.append(Rest(data=whole, line=self._line, start=self._start + used))
            used = filled
        self._start += used
        return used, pieces

    def _behind_header(self, buffer: bytearray, filled: int, last: bool) -> int | None:
        """Read the header; return what is behind it, nothing if it may be longer than the buffer.

        Where it has no text, or cannot be read, what is to be said is said on the other road.
        """
        whole = bytes(memoryview(buffer)[:filled])
        raw, cells = read_header(io.BytesIO(whole), delimiter=self.delimiter)
        begin = len(raw) + (len(BOM) if whole.startswith(BOM) else 0)
        if begin == filled and not last:
            return None
        self._wrong = self._keys[_TEXT] not in cells or bool(invalid_utf8(raw))
        if self._wrong:
            return 0
        self.header = cells
        places = {name: place for place, name in enumerate(cells)}  # the last of a name counts
        self._columns = np.array([places.get(key, -1) for key in self._keys])
        self._line += raw.count(b"\n")
        return begin

    def rows_of(self, rests: Iterator[TableBlock | Rest]) -> Iterator[Row]:
        """Return the rows of all rests, record by record."""
        first = next(rests)
        stream = io.BufferedReader(_Joined(first, rests))
        lines = numbered_lines(stream, first.line, first.start)
        return table_rows(lines, delimiter=self.delimiter, header=self.header)


class _Joined(io.RawIOBase):
    """The bytes of rests, one behind the other."""

    def __init__(self, first: Any, rests: Iterator[Any]) -> None:
        self._left: memoryview = first.data
        self._rests = rests

    def readable(self) -> bool:
        """Return that it can be read, which the base class denies."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Copy what there is of a rest into `buffer` and return how much it was."""
        if not self._left:
            following = next(self._rests, None)
            self._left = following.data if following else memoryview(b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


class TableRows:
    """A block of a table whose cells are still to be taken out.

    Args:
        block: The rows.
        source: Where they are from.
        cutter: What cut it.
        fields: Key of the records to read for a field, where it is not the field's own name.
        buffers: Where the memory for texts comes from.
        published: Whether the dates of publication are wanted.
    """

    def __init__(
        self,
        block: TableBlock,
        source: Source,
        cutter: TableCutter,
        fields: Mapping[str, str],
        buffers: Buffers,
        published: bool,
    ) -> None:
        self._block = block
        self._source = source
        self._delimiter = cutter.delimiter
        self._header = cutter.header or []
        self._fields = fields
        self._buffers = buffers
        self._published = published
        self._view = block.data.data
        self._stops = block.rows[:, 0].copy()
        self._starts = np.concatenate([[block.begin], self._stops[:-1]])
        self._lines = block.line + np.cumsum(block.rows[:, 2]) - block.rows[:, 2]

    def last_line(self) -> int:
        """Return the line that the last row begins on which is not empty, 0 if all are."""
        filled = np.flatnonzero(self._block.rows[:, 1])
        return int(self._lines[filled[-1]]) if filled.size else 0

    def columns(self) -> TextBlock:
        """Take the cells out."""
        block = self._block
        cells = block.rows[:, 1]
        where = np.arange(cells.size)
        data, offsets, sound = self._unquoted(where)
        good = sound & (cells == len(self._header))
        if not good.all():
            where = np.flatnonzero(good)
            data, offsets, _ = self._unquoted(where)
        blank = np.flatnonzero(cells == 0)
        spans = block.spans[where]
        return TextBlock(
            source=self._source,
            data=data,
            offsets=offsets,
            lines=self._lines[where],
            starts=self._starts[where] + block.start,
            stops=self._stops[where] + block.start,
            ids=self._strings(spans[:, _ID]),
            published=self._strings(spans[:, _PUBLISHED]) if self._published else None,
            rejects=tuple(self._rejects(np.flatnonzero(~good & (cells > 0)))),
            records=cells.size - blank.size,
            numbers=where - np.searchsorted(blank, where),
            row=lambda number: self._row(int(where[number])),
        )

    def _unquoted(
        self, where: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Return the texts of some rows, where each begins, and whether its row is UTF-8."""
        spans = np.ascontiguousarray(self._block.spans[where, _TEXT])
        size = int((spans[:, 1] - spans[:, 0]).sum())
        texts = np.frombuffer(self._buffers.take(size), np.uint8)
        offsets, sound = np.empty(where.size + 1, np.int64), np.empty(where.size, np.bool_)
        bounds = self._starts[where], self._stops[where]
        unquote_cells(self._block.data, *bounds, spans, texts, offsets, sound)
        return texts, offsets, sound

    def _strings(self, spans: npt.NDArray[np.int64]) -> Sequence[str]:
        found = []
        for start, stop in spans.tolist():
            raw = bytes(self._view[start:stop])
            if raw.startswith(b'"'):
                raw = raw[1:-1].replace(b'""', b'"')
            found.append(raw.decode())
        return found

    def _rejects(self, places: npt.NDArray[np.int64]) -> Iterator[Reject]:
        for row in map(self._row, places.tolist()):
            try:
                article_of(row, self._fields)
            except InputError as error:
                yield reject_of(self._source, row, error.reason)

    def _row(self, place: int) -> Row:
        start, stop = int(self._starts[place]), int(self._stops[place])
        stream = io.BytesIO(self._view[start:stop])
        lines = numbered_lines(stream, int(self._lines[place]), self._block.start + start)
        return next(table_rows(lines, delimiter=self._delimiter, header=self._header))
