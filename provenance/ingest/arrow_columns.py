"""Parquet as columns: the text column of a record batch is what the kernels take already.

Batches whose columns are plainly those of articles take this road: strings where fields are strings,
all of it valid UTF-8.  Any other batch goes row by row, through :mod:`provenance.ingest.row_columns`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from provenance._extras import load_pyarrow
from provenance.ingest.fields import FIELDS
from provenance.ingest.kernels import is_utf8
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
        texts = (
            self._column("text").cast(load_pyarrow().large_string()) if self._is_plain() else None
        )
        if texts is None or not _is_sound(texts):
            return self._by_row(range(self._batch.num_rows))
        present = texts.is_valid().to_numpy(zero_copy_only=False)
        numbers = np.flatnonzero(present)
        data, offsets = _buffers(texts.drop_null())
        nothing = np.zeros(len(numbers), np.int64)
        return TextBlock(
            source=self._source,
            data=data,
            offsets=offsets,
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
            for key in set(schema.names) - {self._fields.get("text", "text")}:
                self._batch.column(key).validate(full=True)  # UTF-8 among the rest
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


def _buffers(texts: Any) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of a column of large strings, and where each begins; nulls are empty."""
    _, offsets, data = texts.buffers()
    if not len(texts):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    places = np.frombuffer(offsets, np.int64)[texts.offset :][: len(texts) + 1]
    return np.frombuffer(data or b"", np.uint8), places


def _is_sound(texts: Any) -> bool:
    """Return whether all texts are UTF-8; Arrow's own look takes eight times as long."""
    data, offsets = _buffers(texts)
    used = data[offsets[0] : offsets[-1]]
    begins = offsets[offsets < offsets[-1]] - offsets[0]
    # No character may lie across two texts.
    return bool(is_utf8(used)) and not ((used[begins] & 0xC0) == 0x80).any()
