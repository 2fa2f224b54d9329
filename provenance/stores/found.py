"""What servers answer: each probe asked once, more told of a crowded key than a look-up gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.stores.contract import FEW, FULL, Found

__all__ = ["few_of_crowded", "spread"]


def few_of_crowded(found: Found) -> tuple[NDArray[np.int64], Found]:
    """Keep the first few documents of each probe that more than ``FULL`` were told of.

    Returns:
        Those probes, and the answers, by probe and document.
    """
    order = np.lexsort((found.documents, found.rows))
    rows, documents = found.rows[order], found.documents[order]
    count = np.bincount(rows, minlength=1)
    rank = np.arange(rows.size) - (np.cumsum(count) - count)[rows]
    kept = (count[rows] <= FULL) | (rank < FEW)
    return np.flatnonzero(count > FULL), Found(rows=rows[kept], documents=documents[kept])


def spread(found: Found, place: NDArray[np.int64]) -> Found:
    """Give the answers to different probes to all that ask the same.

    Args:
        found: Answers.
        place: int64[N], for each probe as it was asked which of the different ones it is.
    """
    count = np.bincount(found.rows, minlength=int(place.max(initial=-1)) + 1)
    order = np.argsort(found.rows, kind="stable")
    starts = np.cumsum(count) - count
    rows = np.repeat(np.arange(place.size), count[place])
    first = np.repeat(np.cumsum(count[place]) - count[place], count[place])
    inside = np.arange(rows.size) - first
    documents = found.documents[order][starts[place[rows]] + inside]
    return Found(rows=rows, documents=documents)
