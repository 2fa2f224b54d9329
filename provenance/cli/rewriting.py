"""Some records of the input, written as they stood.

The format of the output is that of the input, and a record is written byte for byte: JSON Lines and
tables keep their lines, Parquet its schema, texts their files.  Where that cannot be (inputs of several
formats, texts on standard output, or a name ending in ``.jsonl``), articles are written as JSON Lines.

An annotation is one more key, ``_prov``: in tables and Parquet a column of that name that holds JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

import attrs
import click
import orjson

from provenance._extras import load_pyarrow
from provenance.codec import article_to_record
from provenance.errors import InputError
from provenance.export.records import replacing
from provenance.ingest.reading import Record
from provenance.ingest.rows import read_header
from provenance.ingest.sources import FileFormat, Source, open_source

__all__ = ["ANNOTATION", "Output", "open_output"]

#: The one key that we add to other people's records.
ANNOTATION = "_prov"

_ALREADY = f"there is a column {ANNOTATION!r} already; write to a .jsonl file"

Annotation = Mapping[str, Any]


class Output(Protocol):
    """Takes records of the input, in input order."""

    def write(self, record: Record, annotation: Annotation | None = None) -> None:
        """Write one record, with the annotation where there is one."""


@contextmanager
def open_output(
    target: str, sources: Sequence[Source], *, annotated: bool, stdin: IO[bytes] | None = None
) -> Iterator[Output]:
    """Open the output for records of `sources`; it appears when the block ends well.

    Args:
        target: A file, a folder for texts, or ``-`` for standard output.
        sources: Where the records come from.
        annotated: Every record will come with an annotation.
        stdin: What was read for ``-``, from its beginning.

    Raises:
        click.UsageError: The target names a format that the input cannot be written in.
        InputError: Tables with different columns cannot be put into one.
    """
    form = _form(target, sources, annotated=annotated)
    if form == "text":
        yield _Folder(Path(target))
        return
    with _stream(target) as stream:
        if form in ("csv", "tsv"):
            yield _Table(stream, sources, "," if form == "csv" else "\t", annotated, stdin)
        elif form == "parquet":
            with TemporaryFile() as spool:
                rows = _Parquet(annotated)
                yield rows
                rows.copy(sources, spool, stdin)
                spool.seek(0)
                shutil.copyfileobj(spool, stream)
        else:
            yield _Lines(stream, as_they_stood=all(s.format == "jsonl" for s in sources))


def _form(target: str, sources: Sequence[Source], *, annotated: bool) -> FileFormat:
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
    """JSON Lines: the lines themselves, or articles of another format as objects."""

    def __init__(self, stream: IO[bytes], *, as_they_stood: bool) -> None:
        self._stream = stream
        self._as_they_stood = as_they_stood

    def write(self, record: Record, annotation: Annotation | None = None) -> None:
        if not self._as_they_stood:
            self._stream.write(_dumped(_object(record, annotation)) + b"\n")
        elif annotation is None:
            self._stream.write(_ended(record.raw))
        elif ANNOTATION in record.article.extra:
            values = {**json.loads(record.raw), ANNOTATION: annotation}
            self._stream.write(json.dumps(values).encode() + b"\n")
        else:
            self._stream.write(_spliced(record.raw, annotation))


def _object(record: Record, annotation: Annotation | None) -> dict[str, Any]:
    # An extra key may have the name of a field, where --map reads that field from another key.
    values = {**record.article.extra, **article_to_record(attrs.evolve(record.article, extra={}))}
    return {**values, ANNOTATION: annotation} if annotation else values


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=str)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, default=str).encode()


def _spliced(raw: bytes, annotation: Annotation) -> bytes:
    """Put one more key at the end of an object without touching the others."""
    body = raw.rstrip()
    more = orjson.dumps({ANNOTATION: annotation})
    return body.removesuffix(b"}") + b"," + more[1:] + _ended(raw[len(body) :])


def _ended(raw: bytes) -> bytes:
    """The last line of a file may lack its end; another one may follow it here."""
    return raw if raw.endswith(b"\n") else raw + b"\n"


class _Table:
    """CSV or TSV: the header of the input, then rows as they stood."""

    def __init__(
        self,
        stream: IO[bytes],
        sources: Sequence[Source],
        delimiter: str,
        annotated: bool,
        stdin: IO[bytes] | None,
    ) -> None:
        self._stream = stream
        self._delimiter = delimiter.encode()
        raw = b""
        cells: list[str] | None = None
        for source in sources:
            with open_source(source, stdin=stdin) as opened:
                next_raw, next_cells = read_header(opened.stream, delimiter=delimiter)
            if cells is None:
                raw, cells = next_raw, next_cells
            elif next_cells != cells:
                reason = "its columns are not those of the first file; write to a .jsonl file"
                raise InputError(reason, source=source.name)
        if annotated and ANNOTATION in (cells or ()):
            raise InputError(_ALREADY, source=sources[0].name)
        end = self._delimiter + ANNOTATION.encode() if annotated else b""
        self._stream.write(_before_end(raw, end))

    def write(self, record: Record, annotation: Annotation | None = None) -> None:
        cell = b""
        if annotation is not None:
            quoted = orjson.dumps(annotation).replace(b'"', b'""')
            cell = self._delimiter + b'"' + quoted + b'"'
        self._stream.write(_before_end(record.raw, cell))


def _before_end(raw: bytes, addition: bytes) -> bytes:
    body = raw.rstrip(b"\r\n")
    return body + addition + (raw[len(body) :] or b"\n")


class _Parquet:
    """Parquet: the rows are remembered, and copied batch by batch in the end."""

    def __init__(self, annotated: bool) -> None:
        self._annotated = annotated
        self._rows: dict[str, dict[int, bytes]] = {}

    def write(self, record: Record, annotation: Annotation | None = None) -> None:
        note = orjson.dumps(annotation) if annotation is not None else b""
        self._rows.setdefault(record.source.name, {})[record.line - 1] = note

    def copy(self, sources: Sequence[Source], target: IO[bytes], stdin: IO[bytes] | None) -> None:
        """Write the remembered rows of `sources` to `target`, with the first one's schema."""
        parquet = load_pyarrow("parquet")
        with ExitStack() as stack:
            writer = None
            for source in sources:
                with open_source(source, stdin=stdin) as opened:
                    file = parquet.ParquetFile(opened.stream)
                    schema = self._schema(file.schema_arrow, source)
                    if writer is None:
                        writer = stack.enter_context(parquet.ParquetWriter(target, schema))
                    elif not schema.equals(writer.schema):
                        reason = "its columns are not those of the first file"
                        raise InputError(reason, source=source.name)
                    for table in self._chosen(file, source):
                        writer.write_table(table)

    def _schema(self, schema: Any, source: Source) -> Any:
        if not self._annotated:
            return schema
        if ANNOTATION in schema.names:
            raise InputError(_ALREADY, source=source.name)
        arrow = load_pyarrow()
        return schema.append(arrow.field(ANNOTATION, arrow.string()))

    def _chosen(self, file: Any, source: Source) -> Iterator[Any]:
        arrow = load_pyarrow()
        chosen = self._rows.get(source.name, {})
        start = 0
        for batch in file.iter_batches():
            rows = [n for n in range(start, start + batch.num_rows) if n in chosen]
            places = arrow.array([n - start for n in rows], arrow.int64())
            table = arrow.Table.from_batches([batch]).take(places)
            if self._annotated:
                notes = arrow.array([chosen[n].decode() for n in rows], arrow.string())
                table = table.append_column(ANNOTATION, notes)
            start += batch.num_rows
            yield table


class _Folder:
    """Texts: a file each, under the path it had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, record: Record, annotation: Annotation | None = None) -> None:
        del annotation  # a text has no place for it; open_output chooses JSON Lines instead
        name = record.article.id
        path = self._folder / (name if name.endswith(".txt") else f"{name}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as stream:
            stream.write(record.raw)
