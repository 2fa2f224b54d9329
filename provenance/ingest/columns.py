"""Texts of every format as columns: one buffer of UTF-8 and where each text begins in it.

The road of :mod:`provenance.ingest.reading` makes an object an article, which is right for a newsroom and
too much for a corpus builder.  Here a block of input becomes one :class:`TextBlock`, whose buffer the
kernels of :mod:`provenance.sketch.signatures` take as it is.  What is accepted, what is rejected, and
why, is the same on both roads; a record that is not plainly good goes to the other one, which decides.

Three steps, so that blocks can be worked on in threads::

    reader = ColumnReader(sources)
    for part in reader.parts():        # one thread: reads bytes
        block = part.columns()         # any thread: parses
        admission = reader.admit(block)  # one thread, in the order of the parts: identifiers
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Protocol

import attrs
import numpy as np
import numpy.typing as npt

from provenance.ingest.arrow_columns import ArrowRows
from provenance.ingest.blocks import BLOCK, Buffers, read_blocks, read_pieces
from provenance.ingest.json_columns import JsonLines, LineParser
from provenance.ingest.names import TakenNames
from provenance.ingest.reading import (
    OnReject,
    Reject,
    names_of,
    read_guarded,
    read_rows,
    refuse,
    reject_of,
)
from provenance.ingest.row_columns import Rows, batched_rows
from provenance.ingest.rows import Row, read_batches
from provenance.ingest.sources import FileFormat, Opened, Source, expand_inputs
from provenance.ingest.textblocks import TextBlock, offsets_of

__all__ = ["Admission", "ColumnReader", "Part", "TextBlock", "read_columns"]


@attrs.frozen(kw_only=True, eq=False)
class Admission:
    """Which articles of a block are in.

    Attributes:
        fresh: bool[N], false where the identifier was read before.
        ids: The identifiers, made ones included.
        rejects: Those of the block and the articles that are not fresh, by line.
    """

    fresh: npt.NDArray[np.bool_]
    ids: Sequence[str]
    rejects: tuple[Reject, ...]


class Part(Protocol):
    """A stretch of a source that has been read and not yet parsed."""

    def columns(self) -> TextBlock:
        """Parse it; may be called in any thread, once."""


class ColumnReader:
    """Reads sources as blocks of columns, and knows which identifiers are taken.

    Args:
        sources: What to read, in this order.
        fields: Key of the records to read for a field, as in
            :func:`provenance.ingest.reading.read_articles`.
        published: Whether the dates of publication are wanted.
        stdin: Read for ``-`` instead of the process's standard input.
        size: Bytes of a block, unless a line is longer.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        *,
        fields: Mapping[str, str] | None = None,
        published: bool = False,
        stdin: IO[bytes] | None = None,
        size: int = BLOCK,
    ) -> None:
        self._sources = tuple(sources)
        self._fields = fields or {}
        self._published = published
        self._stdin = stdin
        self._parser = LineParser(self._fields)
        self._buffers = Buffers(size)
        self._position = 0
        self._taken = TakenNames()

    def parts(self) -> Iterator[Part]:
        """Read the sources, stretch by stretch; a damaged one ends with a part that says so.

        Raises:
            MissingExtra: A format needs a library that is not installed.
        """
        ways = {
            "jsonl": self._read_lines,
            "csv": self._read_table,
            "tsv": self._read_table,
            "parquet": self._read_batches,
        }
        for source in self._sources:
            broken = partial(self._rows, source)
            if read := ways.get(source.format):
                yield from read_guarded(source, partial(read, source), broken, stdin=self._stdin)
            else:
                yield from map(broken, batched_rows(read_rows(source, self._stdin)))

    def _read_lines(self, source: Source, opened: Opened) -> Iterator[tuple[int, Part]]:
        for block in read_blocks(opened.stream, self._buffers, failures=opened.failures):
            part = JsonLines(block, source, self._parser, self._buffers, self._published)
            yield part.last_line(), part

    def _read_table(self, source: Source, opened: Opened) -> Iterator[tuple[int, Part]]:
        # A kernel is compiled when its module is imported for the first time.
        from provenance.ingest.table_columns import Rest, TableCutter, TableRows

        cutter = TableCutter("," if source.format == "csv" else "\t", self._fields)
        pieces = read_pieces(opened.stream, self._buffers, cutter.cut, failures=opened.failures)
        for piece in pieces:
            if isinstance(piece, Rest):
                rests = cutter.rows_of(chain([piece], pieces))
                yield from (
                    (rows[-1].line, self._rows(source, rows)) for rows in batched_rows(rests)
                )
                return
            part = TableRows(piece, source, cutter, self._fields, self._buffers, self._published)
            yield part.last_line(), part

    def _read_batches(self, source: Source, opened: Opened) -> Iterator[tuple[int, Part]]:
        for first, batch in read_batches(opened.stream):
            part = ArrowRows(first, batch, source, self._fields, self._published)
            yield first + batch.num_rows - 1, part

    def _rows(self, source: Source, rows: Sequence[Row]) -> Part:
        return Rows(source, rows, self._fields, self._published)

    def admit(self, block: TextBlock) -> Admission:
        """Name the articles of a block, and refuse those whose name was read before.

        Blocks must come in the order of their parts: the first of a name stays, and made names count
        the records before them.
        """
        ids = list(block.ids)
        rejects = list(block.rejects)
        made = {number: self._made(block, number) for number, own in enumerate(ids) if not own}
        for number, names in made.items():
            ids[number] = next(names)
        fresh = self._taken.take(ids)
        for number, names in made.items():
            while not fresh[number] and (name := next(names, "")):
                ids[number], fresh[number] = name, self._taken.take([name])[0]
        for number in np.flatnonzero(~fresh).tolist():
            reason = f"duplicate id: {ids[number]!r} was read before"
            rejects.append(reject_of(block.source, block.row(number), reason))
        self._position += block.records
        if not fresh.all():
            # A source that broke off says so on line 0, behind all that was read of it.
            rejects.sort(key=lambda reject: reject.line or sys.maxsize)
        return Admission(fresh=fresh, ids=ids, rejects=tuple(rejects))

    def _made(self, block: TextBlock, number: int) -> Iterator[str]:
        position = self._position + int(block.numbers[number])
        return names_of("", partial(block.content, number), block.source, position)


def read_columns(
    inputs: Iterable[str | Path] | str | Path,
    *,
    file_format: FileFormat | None = None,
    fields: Mapping[str, str] | None = None,
    published: bool = False,
    on_reject: OnReject | None = None,
    stdin: IO[bytes] | None = None,
    size: int = BLOCK,
) -> Iterator[TextBlock]:
    """Read the texts of files, folders, patterns, or ``-``, in this thread.

    Articles, rejects and errors are those of :func:`provenance.ingest.reading.read_articles`, and so are
    the arguments, but for those of :class:`ColumnReader`.

    Yields:
        Blocks with complete, unique identifiers.
    """
    given = [inputs] if isinstance(inputs, str | Path) else inputs
    sources = expand_inputs(given, file_format=file_format)
    reader = ColumnReader(sources, fields=fields, published=published, stdin=stdin, size=size)
    return _admitted(reader, on_reject or refuse)


def _admitted(reader: ColumnReader, on_reject: OnReject) -> Iterator[TextBlock]:
    for part in reader.parts():
        block = part.columns()
        admission = reader.admit(block)
        for reject in admission.rejects:
            on_reject(reject)
        yield _chosen(block, admission)


def _chosen(block: TextBlock, admission: Admission) -> TextBlock:
    block = attrs.evolve(block, ids=admission.ids, rejects=admission.rejects)
    if admission.fresh.all():
        return block
    chosen = np.flatnonzero(admission.fresh)
    kept = chosen.tolist()
    pieces = [block.data[block.offsets[d] : block.offsets[d + 1]] for d in kept]
    return attrs.evolve(
        block,
        data=np.concatenate([block.data[:0], *pieces]),
        offsets=offsets_of([piece.size for piece in pieces]),
        lines=block.lines[chosen],
        starts=block.starts[chosen],
        stops=block.stops[chosen],
        ids=[admission.ids[d] for d in kept],
        published=block.published and [block.published[d] for d in kept],
        numbers=block.numbers[chosen],
        row=lambda number: block.row(kept[number]),
    )
