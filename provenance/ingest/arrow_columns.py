"""Parquet as columns: the text column of a record batch is what the kernels take already.

Batches whose columns are plainly those of articles take this road: strings where fields are strings,
all of it valid UTF-8.  Any other batch goes row by row, through :mod:`provenance.ingest.row_columns`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from provenance._extras import load_pyarrow
from provenance.ingest.fields import FIELDS
from provenance.ingest.row_columns import Rows
from provenance.ingest.rows import Row, batch_rows
from provenance.ingest.sources import Source
from provenance.ingest.textblocks import TextBlock

__all__ = ["ArrowRows"]


class ArrowRows:
    """A record batch of a Parquet file.

    Args:
        first: Number of its first row, from 1.
        batch: The batch.
        source: The file.
        fields: Key of the records to read for a field, where it is not the field's own name.
        published: Whether the dates of publication are wanted.
    """

    def __init__(
        self, first: int, batch: Any, source: Source, fields: Mapping[str, str], published: bool
    ) -> None:
        self._first = first
        self._batch = batch
        self._source = source
        self._fields = fields
        self._published = published

    def columns(self) -> TextBlock:
        """Return the texts as they lie in the batch, or copies where it has odd rows."""
        if not self._is_plain():
            return self._by_row(range(self._batch.num_rows))
        texts = self._column("text").cast(load_pyarrow().large_string())
        present = texts.is_valid().to_numpy(zero_copy_only=False)
        numbers = np.flatnonzero(present)
        texts = texts.drop_null()
        _, offsets, data = texts.buffers()
        nothing = np.zeros(len(numbers), np.int64)
        return TextBlock(
            source=self._source,
            data=np.frombuffer(data or b"", np.uint8),
            offsets=np.frombuffer(offsets, np.int64)[texts.offset :][: len(texts) + 1],
            lines=numbers + self._first,
            starts=nothing,
            stops=nothing,
            ids=self._strings("id", present),
            published=self._strings("published", present) if self._published else None,
            rejects=self._by_row(np.flatnonzero(~present).tolist()).rejects,
            records=self._batch.num_rows,
            numbers=numbers,
            row=lambda number: self._row(int(numbers[number])),
        )

    def _by_row(self, numbers: Iterable[int]) -> TextBlock:
        rows = [self._row(number) for number in numbers]
        return Rows(self._source, rows, self._fields, self._published).columns()

    def _column(self, field: str) -> Any:
        return self._batch.column(self._fields.get(field, field))

    def _is_plain(self) -> bool:
        arrow = load_pyarrow()
        kinds = load_pyarrow("types")
        schema = self._batch.schema
        if len(set(schema.names)) < len(schema.names):
            return False
        for field in FIELDS:
            key = self._fields.get(field, field)
            if key not in schema.names:
                if field == "text" or "." in key:
                    return False
                continue
            kind = schema.field(key).type
            if kinds.is_dictionary(kind):
                kind = kind.value_type
            strings = (kinds.is_string, kinds.is_large_string, kinds.is_string_view)
            if not (
                any(check(kind) for check in strings)
                or (field == "id" and kinds.is_integer(kind))
                or (field != "text" and kinds.is_null(kind))
            ):
                return False
        try:
            self._batch.validate(full=True)  # UTF-8 in all columns
        except arrow.ArrowInvalid:
            return False
        return True

    def _strings(self, field: str, present: Any) -> list[str]:
        if self._fields.get(field, field) not in self._batch.schema.names:
            return [""] * int(present.sum())
        column = self._column(field).filter(load_pyarrow().array(present))
        return ["" if value is None else str(value) for value in column.to_pylist()]

    def _row(self, number: int) -> Row:
        [row] = batch_rows(self._first + number, self._batch.slice(number, 1))
        return row
