"""What reading by columns gives: the texts of a stretch of input, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

import attrs
import numpy as np
import numpy.typing as npt

from provenance.ingest.reading import Reject
from provenance.ingest.rows import Row
from provenance.ingest.sources import Source

__all__ = ["TextBlock", "offsets_of"]


@attrs.frozen(kw_only=True, eq=False)
class TextBlock:
    """The usable articles of a stretch of one source, N of them, in input order.

    Attributes:
        source: Where they are from.
        data: uint8, UTF-8, all texts behind one another; more bytes may follow.
        offsets: int64[N + 1]; text d is ``data[offsets[d]:offsets[d + 1]]``.
        lines: int64[N], the line each begins on, or its row number, from 1.
        starts: int64[N], the byte of the uncompressed source that its record begins at; 0 for Parquet.
        stops: int64[N], the byte behind the record and its line end; 0 for Parquet.
        ids: Its own identifiers, empty where it has none.
        published: Its dates as they stand, empty where there is none; ``None`` if not asked for.
        rejects: Records of the stretch that cannot be used, by line.
        records: How many records the stretch has, rejected ones included.
        numbers: int64[N], which of these records each text is, from 0.
        row: Gives the record of text d, for whoever must show it.
    """

    source: Source
    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    ids: Sequence[str]
    published: Sequence[str] | None
    rejects: tuple[Reject, ...]
    records: int
    numbers: npt.NDArray[np.int64]
    row: Callable[[int], Row]

    def __len__(self) -> int:
        """Return the number of texts."""
        return self.offsets.size - 1

    def text(self, number: int) -> str:
        """Return one text as a string."""
        return self.content(number).decode()

    def content(self, number: int) -> bytes:
        """Return one text in UTF-8."""
        return self.data[self.offsets[number] : self.offsets[number + 1]].tobytes()


def offsets_of(sizes: Iterable[int]) -> npt.NDArray[np.int64]:
    """Return where pieces of these sizes begin when laid behind one another, and the end."""
    return np.fromiter(accumulate(sizes, initial=0), np.int64)
