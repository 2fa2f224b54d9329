"""Some records of the input, written as they stood.

The format of the output is that of the input, and a record is written byte for byte: JSON Lines and
tables keep their lines, Parquet its schema, texts their files.  Where that cannot be (inputs of several
formats, texts on standard output, or a name ending in ``.jsonl``), articles are written as JSON Lines.

Lines and rows are copied as ranges of bytes and not looked at again; see :mod:`provenance.cli.ranges`.

An annotation is one more key, ``_prov``: in tables and Parquet a column of that name that holds JSON.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

import attrs
import click
import numpy as np
import orjson
from numpy.typing import NDArray

from provenance._extras import load_pyarrow
from provenance.cli.ranges import merge_ranges, read_ranges, writing_behind
from provenance.codec import article_to_record
from provenance.engine.scanning import Places
from provenance.errors import InputError
from provenance.export.records import replacing
from provenance.ingest.reading import Record
from provenance.ingest.rows import read_header
from provenance.ingest.sources import FileFormat, Source, open_source

__all__ = ["ANNOTATION", "Originals", "Output", "Selection", "choose_form", "open_output"]

#: The one key that we add to other people's records.
ANNOTATION = "_prov"

#: What a line must hold to have that key, escaped or not.
_MAY_HAVE_IT = re.compile(rb"_prov|\\u00")

_LINE_ENDS = (b"\n", b"\r")

_ALREADY = f"there is a column {ANNOTATION!r} already; write to a .jsonl file"

Annotation = Mapping[str, Any]


@attrs.frozen(kw_only=True, eq=False)
class Originals:
    """The input, to be read a second time.

    Attributes:
        sources: All of it.
        places: Where its articles stand.
        reread: Yields its articles once more, with all that their records say.
        stdin: What was read for ``-``, from its beginning.
    """

    sources: Sequence[Source]
    places: Places
    reread: Callable[[], Iterator[Record]]
    stdin: IO[bytes] | None = None


@attrs.frozen(kw_only=True, eq=False)
class Selection:
    """What of the input goes to one output.

    Attributes:
        chosen: bool[N], which articles.
        note: The annotation of an article, by its number; ``None`` for no annotations.
    """

    chosen: NDArray[np.bool_]
    note: Callable[[int], Annotation] | None = None


class Output(Protocol):
    """Takes articles of the input."""

    def write(self, selection: Selection) -> None:
        """Write a selection, in input order; once."""


@contextmanager
def open_output(target: str, originals: Originals, *, annotated: bool) -> Iterator[Output]:
    """Open an output; it appears when the block ends well.

    Args:
        target: A file, a folder for texts, or ``-`` for standard output.
        originals: Where the articles come from.
        annotated: The selection will have annotations.

    Raises:
        click.UsageError: The target names a format that the input cannot be written in.
        InputError: Tables with different columns cannot be put into one.
    """
    form = choose_form(target, originals.sources, annotated=annotated)
    if form == "text":
        yield _Folder(Path(target), originals)
        return
    with _stream(target) as stream:
        if form in ("csv", "tsv"):
            yield _Table(stream, originals, "," if form == "csv" else "\t", annotated)
        elif form == "parquet":
            yield _Parquet(stream, originals, annotated)
        elif all(source.format == "jsonl" for source in originals.sources):
            yield _Lines(stream, originals)
        else:
            yield _Objects(stream, originals)


def choose_form(target: str, sources: Sequence[Source], *, annotated: bool) -> FileFormat:
    """Return the format that articles of `sources` are written in.

    Raises:
        click.UsageError: The target names a format that the input cannot be written in.
    """
    formats = {source.format for source in sources}
    own: FileFormat = formats.pop() if len(formats) == 1 else "jsonl"
    if own == "text" and (target == "-" or annotated):
        own = "jsonl"
    wanted = _named_format(target)
    if wanted in (None, own, "jsonl"):
        return wanted or own
    msg = f"{target}: {own} input is written as {own}, or as JSON Lines (.jsonl), not as {wanted}"
    raise click.UsageError(msg)


def _named_format(target: str) -> FileFormat | None:
    suffixes = [suffix.lower() for suffix in Path(target).suffixes if suffix not in (".gz", ".zst")]
    named: dict[str, FileFormat] = {
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".csv": "csv",
        ".tsv": "tsv",
        ".parquet": "parquet",
    }
    return named.get(suffixes[-1]) if suffixes else None


@contextmanager
def _stream(target: str) -> Iterator[IO[bytes]]:
    if target == "-":
        yield sys.stdout.buffer
        return
    with replacing(target) as stream:
        yield stream


class _Lines:
    """JSON Lines: the lines themselves."""

    def __init__(self, stream: IO[bytes], originals: Originals) -> None:
        self._stream = stream
        self._originals = originals

    def write(self, selection: Selection) -> None:
        _copy(self._stream, self._originals, selection, _annotated_line)


class _Objects:
    """JSON Lines: articles of another format as objects."""

    def __init__(self, stream: IO[bytes], originals: Originals) -> None:
        self._stream = stream
        self._originals = originals

    def write(self, selection: Selection) -> None:
        for number, record in _chosen(self._originals, selection):
            note = selection.note(number) if selection.note else None
            self._stream.write(_dumped(_object(record, note)) + b"\n")


def _chosen(originals: Originals, selection: Selection) -> Iterator[tuple[int, Record]]:
    for number, record in enumerate(originals.reread()):
        if selection.chosen[number]:
            yield number, record


def _copy(
    stream: IO[bytes],
    originals: Originals,
    selection: Selection,
    annotated: Callable[[bytes, Annotation], bytes],
) -> None:
    """Copy records as they stood, or as `annotated` makes them."""
    places = originals.places
    firsts = places.firsts.tolist()
    with writing_behind(stream) as write:
        for source, first, last in zip(places.sources, firsts[:-1], firsts[1:], strict=True):
            numbers = first + np.flatnonzero(selection.chosen[first:last])
            if not numbers.size:
                continue
            starts, stops = places.starts[numbers], places.stops[numbers]
            with open_source(source, stdin=originals.stdin) as opened:
                if selection.note:
                    rest = iter(numbers.tolist())  # taken one by one, as many as there are pieces
                    for pieces in read_ranges(opened.stream, starts, stops, source.name):
                        raws = (_ended(bytes(piece)) for piece in pieces)
                        notes = map(selection.note, rest)
                        write(b"".join(map(annotated, raws, notes)))
                else:
                    written = b""
                    merged = merge_ranges(starts, stops)
                    for pieces in read_ranges(opened.stream, *merged, source.name):
                        written = b"".join(pieces)
                        write(written)
                    if not written.endswith(_LINE_ENDS):
                        write(b"\n")


def _object(record: Record, annotation: Annotation | None) -> dict[str, Any]:
    # An extra key may have the name of a field, where --map reads that field from another key.
    values = {**record.article.extra, **article_to_record(attrs.evolve(record.article, extra={}))}
    return {**values, ANNOTATION: annotation} if annotation else values


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=str)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, default=str).encode()


def _annotated_line(raw: bytes, annotation: Annotation) -> bytes:
    """Put one more key at the end of an object without touching the others."""
    if _MAY_HAVE_IT.search(raw):
        values = json.loads(raw)
        if ANNOTATION in values:
            return json.dumps({**values, ANNOTATION: annotation}).encode() + b"\n"
    body = raw.rstrip()
    more = orjson.dumps({ANNOTATION: annotation})
    return body.removesuffix(b"}") + b"," + more[1:] + raw[len(body) :]


def _ended(raw: bytes) -> bytes:
    """The last line of a file may lack its end; another one may follow it here."""
    return raw if raw.endswith(_LINE_ENDS) else raw + b"\n"


class _Table:
    """CSV or TSV: the header of the input, then rows as they stood."""

    def __init__(
        self, stream: IO[bytes], originals: Originals, delimiter: str, annotated: bool
    ) -> None:
        self._stream = stream
        self._originals = originals
        self._delimiter = delimiter.encode()
        raw = b""
        cells: list[str] | None = None
        for source in originals.sources:
            with open_source(source, stdin=originals.stdin) as opened:
                next_raw, next_cells = read_header(opened.stream, delimiter=delimiter)
            if cells is None:
                raw, cells = next_raw, next_cells
            elif next_cells != cells:
                reason = "its columns are not those of the first file; write to a .jsonl file"
                raise InputError(reason, source=source.name)
        if annotated and ANNOTATION in (cells or ()):
            raise InputError(_ALREADY, source=originals.sources[0].name)
        end = self._delimiter + ANNOTATION.encode() if annotated else b""
        self._stream.write(_before_end(_ended(raw), end))

    def write(self, selection: Selection) -> None:
        _copy(self._stream, self._originals, selection, self._annotated)

    def _annotated(self, raw: bytes, annotation: Annotation) -> bytes:
        quoted = orjson.dumps(annotation).replace(b'"', b'""')
        return _before_end(raw, self._delimiter + b'"' + quoted + b'"')


def _before_end(raw: bytes, addition: bytes) -> bytes:
    body = raw.rstrip(b"\r\n")
    return body + addition + raw[len(body) :]


class _Parquet:
    """Parquet: rows are copied batch by batch, with the first file's schema."""

    def __init__(self, stream: IO[bytes], originals: Originals, annotated: bool) -> None:
        self._stream = stream
        self._originals = originals
        self._annotated = annotated

    def write(self, selection: Selection) -> None:
        parquet = load_pyarrow("parquet")
        places = self._originals.places
        ends = dict(
            zip(places.sources, zip(places.firsts, places.firsts[1:], strict=False), strict=True)
        )
        with TemporaryFile() as spool, ExitStack() as stack:
            writer = None
            for source in self._originals.sources:
                with open_source(source, stdin=self._originals.stdin) as opened:
                    file = parquet.ParquetFile(opened.stream)
                    schema = self._schema(file.schema_arrow, source)
                    if writer is None:
                        writer = stack.enter_context(parquet.ParquetWriter(spool, schema))
                    elif not schema.equals(writer.schema):
                        reason = "its columns are not those of the first file"
                        raise InputError(reason, source=source.name)
                    first, last = ends.get(source, (0, 0))
                    numbers = first + np.flatnonzero(selection.chosen[first:last])
                    for table in self._chosen(file, numbers, selection):
                        writer.write_table(table)
            stack.close()
            spool.seek(0)
            shutil.copyfileobj(spool, self._stream)

    def _schema(self, schema: Any, source: Source) -> Any:
        if not self._annotated:
            return schema
        if ANNOTATION in schema.names:
            raise InputError(_ALREADY, source=source.name)
        arrow = load_pyarrow()
        return schema.append(arrow.field(ANNOTATION, arrow.string()))

    def _chosen(self, file: Any, numbers: NDArray[np.int64], selection: Selection) -> Iterator[Any]:
        arrow = load_pyarrow()
        rows = self._originals.places.starts[numbers]
        start = 0
        for batch in file.iter_batches():
            some = slice(*np.searchsorted(rows, [start, start + batch.num_rows]).tolist())
            table = arrow.Table.from_batches([batch]).take(arrow.array(rows[some] - start))
            if selection.note:
                notes = [orjson.dumps(selection.note(n)).decode() for n in numbers[some].tolist()]
                table = table.append_column(ANNOTATION, arrow.array(notes, arrow.string()))
            start += batch.num_rows
            yield table


class _Folder:
    """Texts: a file each, under the path it had."""

    def __init__(self, folder: Path, originals: Originals) -> None:
        self._folder = folder
        self._originals = originals

    def write(self, selection: Selection) -> None:
        for _number, record in _chosen(self._originals, selection):
            name = record.article.id
            path = self._folder / (name if name.endswith(".txt") else f"{name}.txt")
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as stream:
                stream.write(record.raw)
