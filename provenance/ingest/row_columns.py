"""Records read one by one as columns: tables, texts, and files that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from provenance.errors import InputError
from provenance.ingest.reading import article_of, reject_of
from provenance.ingest.rows import Row
from provenance.ingest.sources import Source
from provenance.ingest.textblocks import TextBlock, offsets_of

__all__ = ["Rows", "batched_rows"]

#: Bytes of records that make a block.
_ROOM = 1 << 19


def batched_rows(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Return the rows in lists of about half a megabyte."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.raw)
        if size >= _ROOM:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class Rows:
    """Records that were read one by one.

    Args:
        source: Where they are from.
        rows: The records.
        fields: Key of the records to read for a field, where it is not the field's own name.
        published: Whether the dates of publication are wanted.
    """

    def __init__(
        self, source: Source, rows: Sequence[Row], fields: Mapping[str, str], published: bool
    ) -> None:
        self._source = source
        self._rows = rows
        self._fields = fields
        self._published = published

    def columns(self) -> TextBlock:
        """Return them as columns."""
        articles, numbers, rejects = [], [], []
        for number, row in enumerate(self._rows):
            try:
                articles.append(article_of(row, self._fields))
            except InputError as error:
                rejects.append(reject_of(self._source, row, error.reason))
            else:
                numbers.append(number)
        rows = [self._rows[number] for number in numbers]
        texts = [article.text.encode() for article in articles]
        return TextBlock(
            source=self._source,
            data=np.frombuffer(b"".join(texts), np.uint8),
            offsets=offsets_of(map(len, texts)),
            lines=np.array([row.line for row in rows], np.int64),
            starts=np.array([row.start for row in rows], np.int64),
            stops=np.array([row.start + len(row.raw) for row in rows], np.int64),
            ids=[article.id for article in articles],
            published=[article.published for article in articles] if self._published else None,
            rejects=tuple(rejects),
            records=len(self._rows),
            numbers=np.array(numbers, np.int64),
            row=rows.__getitem__,
        )
