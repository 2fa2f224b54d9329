r"""The bytes of a file become rows: where each stands, what it says, or why it cannot be read.

* JSON Lines: one object a line.  Empty lines are skipped; a byte order mark, CRLF and a missing last
  line end are fine.  What strict JSON forbids and common writers produce anyway is accepted: ``NaN``
  and ``Infinity``, and halves of surrogate pairs (``\ud83d`` alone, a cut emoji), which no UTF-8 text
  can hold and which are read as U+FFFD, one for one, so that spans still count code points.
* CSV and TSV: a header row, then one article a row; cells of any size, line ends inside quotes kept.
  Quoting that is wrong is an error of that row, never guessed at.
* Parquet: one article a row; read in batches, never as a whole.
* Text: a file is an article.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, NamedTuple

import orjson

from provenance._extras import load_pyarrow
from provenance.errors import InputError
from provenance.ingest.sources import FileFormat

__all__ = [
    "BOM",
    "Row",
    "batch_rows",
    "invalid_utf8",
    "json_row",
    "numbered_lines",
    "read_batches",
    "read_header",
    "reader_for",
    "table_rows",
]

#: Number of a line, the byte it begins at, and its bytes, a byte order mark left out.
Line = tuple[int, int, bytes]

BOM = b"\xef\xbb\xbf"

#: Rows of a Parquet batch: a few megabytes of news.
_BATCH = 1024


class Row(NamedTuple):
    """One record of a file, or the reason why it is none.

    Attributes:
        line: Line it begins on, or its row number in Parquet, from 1.
        raw: Its bytes as they stood, line end included, byte order mark not; empty for Parquet.
        values: What it says; empty if it cannot be read.
        reason: Why it cannot be read; empty if it can.
        start: Byte of the uncompressed source that `raw` begins at; 0 for Parquet.
    """

    line: int
    raw: bytes
    values: Mapping[str, Any]
    reason: str = ""
    start: int = 0


def reader_for(file_format: FileFormat) -> Callable[[IO[bytes]], Iterator[Row]]:
    """Return the function that reads the rows of an open file of this format."""
    return _READERS[file_format]


def _read_json_lines(stream: IO[bytes]) -> Iterator[Row]:
    for line, start, raw in numbered_lines(stream):
        row = json_row(line, start, raw)
        if row is not None:
            yield row


def json_row(line: int, start: int, raw: bytes) -> Row | None:
    """Return what a line of JSON Lines says; nothing for an empty one.

    Args:
        line: Its number.
        start: The byte it begins at.
        raw: The line, a byte order mark left out.
    """
    if raw.isspace():
        return None
    try:
        values = _parse_json(raw)
    except InputError as error:
        return Row(line, raw, {}, error.reason, start)
    if isinstance(values, dict):
        return Row(line, raw, values, "", start)
    what = "an array" if isinstance(values, list) else "a single value"
    reason = f"not an object: {what}; JSON Lines hold one object a line"
    return Row(line, raw, {}, reason, start)


def _parse_json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        return _mend(json.loads(raw.decode()))
    except UnicodeDecodeError as cause:
        reason = f"invalid UTF-8: at byte {cause.start}"
        raise InputError(reason) from cause
    except json.JSONDecodeError as cause:
        reason = f"not JSON: {cause.msg} at column {cause.colno}"
        raise InputError(reason) from cause
    except (ValueError, RecursionError) as cause:
        reason = f"not JSON: {cause}"
        raise InputError(reason) from cause


def _mend(value: Any) -> Any:
    """Replace every half of a surrogate pair by U+FFFD."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return "".join(
                "\N{REPLACEMENT CHARACTER}" if "\ud800" <= c <= "\udfff" else c for c in value
            )
        return value
    if isinstance(value, list):
        return [_mend(item) for item in value]
    if isinstance(value, dict):
        return {_mend(key): _mend(item) for key, item in value.items()}
    return value


def _read_csv(stream: IO[bytes]) -> Iterator[Row]:
    return table_rows(numbered_lines(stream), delimiter=",")


def _read_tsv(stream: IO[bytes]) -> Iterator[Row]:
    return table_rows(numbered_lines(stream), delimiter="\t")


def read_header(stream: IO[bytes], *, delimiter: str) -> tuple[bytes, list[str]]:
    """Return the first row of a table: its bytes as they stood, and its cells."""
    taken = _Taken(numbered_lines(stream))
    cells, _reason = _next_row(csv.reader(taken, delimiter=delimiter, strict=True))
    return taken.drain()[2], cells


def table_rows(
    lines: Iterator[Line], *, delimiter: str, header: list[str] | None = None
) -> Iterator[Row]:
    """Return the rows of a table.

    Args:
        lines: Its lines, as :func:`numbered_lines` gives them.
        delimiter: What stands between cells.
        header: The names of its columns; those of its first row where left out.
    """
    # The limit is the module's own, for every reader of the process; 128 KiB is its default and too
    # small for an article with a page around it.
    csv.field_size_limit(max(csv.field_size_limit(), min(sys.maxsize, 2**31 - 1)))
    taken = _Taken(lines)
    rows = csv.reader(taken, delimiter=delimiter, strict=True)
    while True:
        cells, reason = _next_row(rows)
        sound = taken.sound
        line, start, raw = taken.drain()
        if not raw:
            return
        if not (reason or sound):
            reason = invalid_utf8(raw)
        if header is None:
            header = cells
            if reason or not cells:
                what = reason or "the header row is empty"
                yield Row(line, raw, {}, f"no header: {what}", start)
                return
            continue
        if not cells and not reason:
            continue
        if not reason and len(cells) != len(header):
            reason = f"wrong number of cells: {len(cells)}, and the header has {len(header)}"
        values = {} if reason else dict(zip(header, cells, strict=True))
        yield Row(line, raw, values, reason, start)


def _next_row(rows: Iterator[list[str]]) -> tuple[list[str], str]:
    try:
        return next(rows, []), ""
    except csv.Error as error:
        return [], f"not CSV: {error}"


def invalid_utf8(raw: bytes) -> str:
    """Return why bytes are no text, nothing if they are."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f"invalid UTF-8: at byte {error.start}"
    return ""


class _Taken:
    """Lines for ``csv.reader``, which remember the bytes that its last row took.

    Attributes:
        sound: Whether these bytes are UTF-8.
    """

    def __init__(self, lines: Iterator[Line]) -> None:
        self.sound = True
        self._lines = lines
        self._raw: list[bytes] = []
        self._first = 0
        self._start = 0

    def __iter__(self) -> _Taken:
        return self

    def __next__(self) -> str:
        line, start, raw = next(self._lines)
        if not self._raw:
            self._first, self._start = line, start
        self._raw.append(raw)
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.sound = False
            return raw.decode(errors="surrogateescape")

    def drain(self) -> tuple[int, int, bytes]:
        raw = b"".join(self._raw)
        self._raw.clear()
        self.sound = True
        return self._first, self._start, raw


def _read_parquet(stream: IO[bytes]) -> Iterator[Row]:
    for first, batch in read_batches(stream):
        yield from batch_rows(first, batch)


def read_batches(stream: IO[bytes]) -> Iterator[tuple[int, Any]]:
    """Read a Parquet file as Arrow record batches, each with the number of its first row."""
    if not stream.seekable():
        stream = io.BytesIO(stream.read())
    first = 1
    for batch in load_pyarrow("parquet").ParquetFile(stream).iter_batches(batch_size=_BATCH):
        yield first, batch
        first += batch.num_rows


def batch_rows(first: int, batch: Any) -> Iterator[Row]:
    """Return the rows of a record batch; `first` is the number of the first."""
    for number, values in enumerate(_batch_values(batch), start=first):
        yield Row(number, b"", values or {}, "" if values else "invalid UTF-8: in this row")


def _batch_values(batch: Any) -> Iterator[dict[str, Any] | None]:
    try:
        rows = batch.to_pylist()
    except UnicodeDecodeError:
        rows = [_single_row(batch, position) for position in range(batch.num_rows)]
    yield from rows


def _single_row(batch: Any, position: int) -> dict[str, Any] | None:
    try:
        row: dict[str, Any] = batch.slice(position, 1).to_pylist()[0]
    except UnicodeDecodeError:
        return None
    return row


def _read_text(stream: IO[bytes]) -> Iterator[Row]:
    whole = stream.read()
    raw = whole.removeprefix(BOM)
    reason = invalid_utf8(raw)
    values = {} if reason else {"text": raw.decode()}
    yield Row(1, raw, values, reason, len(whole) - len(raw))


def numbered_lines(stream: IO[bytes], line: int = 1, start: int = 0) -> Iterator[Line]:
    """Return the lines of a stream that begins at this line and byte of a file."""
    stop = start
    for number, whole in enumerate(stream, start=line):
        raw = whole.removeprefix(BOM) if stop == 0 else whole
        stop += len(whole)
        yield number, stop - len(raw), raw


_READERS: dict[FileFormat, Callable[[IO[bytes]], Iterator[Row]]] = {
    "jsonl": _read_json_lines,
    "csv": _read_csv,
    "tsv": _read_tsv,
    "parquet": _read_parquet,
    "text": _read_text,
}
