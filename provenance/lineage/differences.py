"""Where two copies differ, and which of the two readings a third text has.

Every small difference between two copies was made by somebody.  A reading that a third text shares is
older than one that stands alone: if the child reads like the others and the candidate parent does not,
the child cannot have it from there.  The study of manuscripts has used this for two centuries; here a
reading is the three-word sequences around the place, and a witness is any text of the story that has
one of them.

Limits: two texts by themselves have no witness; an error that was made twice misleads.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from provenance.text.columns import Columns

__all__ = ["COUNTS", "count_differences", "number_grams"]

#: What is counted for a pair (a, b), in this order.
COUNTS = (
    "events",  # small differences, long ones counted by eight words
    "alone_a",  # only b's reading has a witness: a changed it
    "alone_b",  # only a's reading has one
    "both",
    "neither",
    "equal",  # words in place in both
    "changed_a",  # words of a in small differences
    "changed_b",
    "blocks_a",  # runs of a dozen and more words of a that b lacks
    "inner_blocks_a",  # those with common words on both sides
    "blocks_b",
    "inner_blocks_b",
    "exclusive",  # sequences that a and b have and no other text has
)


def number_grams(columns: Columns) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Number the three-word sequences of some texts, and count the texts that hold each.

    Returns:
        By word, the number of the sequence that begins there, -1 for the last two words of a text; and
        by number, how many of the texts hold the sequence.
    """
    tokens, offsets = columns.tokens, columns.offsets
    numbers = np.full(tokens.size, -1, np.int64)
    begins = np.ones(tokens.size, dtype=bool)
    for back in (1, 2):
        ends = offsets[1:] - back
        begins[ends[ends >= offsets[:-1]]] = False
    places = np.flatnonzero(begins)
    if not places.size:
        return numbers, np.zeros(0, np.int32)
    # Odd multipliers keep the order of the three words in the hash.
    mixed = (
        tokens[places] * np.uint64(0x9E3779B97F4A7C15)
        + tokens[places + 1] * np.uint64(0xC2B2AE3D27D4EB4F)
        + tokens[places + 2]
    )
    _, inverse = np.unique(mixed, return_inverse=True)
    numbers[places] = inverse
    owner = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))[places]
    held = np.unique(inverse.astype(np.int64) * (offsets.size - 1) + owner) // (offsets.size - 1)
    return numbers, np.bincount(held).astype(np.int32)


def count_differences(
    columns: Columns,
    pairs: npt.NDArray[np.int64],
    spans: Sequence[Sequence[tuple[int, int, int, int]]],
) -> npt.NDArray[np.int64]:
    """Count how two texts differ inside the passages that they have in common.

    Args:
        columns: The words of a story's texts.
        pairs: int64[P, 2], numbers of texts.
        spans: For each pair its passages: first word and the one behind the last in `a`, then in `b`,
            counted from the beginning of each text.

    Returns:
        int64[P, len(COUNTS)].
    """
    from provenance.lineage.difference_kernels import compare_readings

    numbers, holders = number_grams(columns)
    offsets = np.zeros(len(spans) + 1, np.int64)
    np.cumsum([len(found) for found in spans], out=offsets[1:])
    flat = np.array([span for found in spans for span in found], np.int64).reshape(-1, 4)
    counts = np.zeros((len(pairs), len(COUNTS)), np.int64)
    compare_readings(
        columns.tokens,
        columns.offsets,
        numbers,
        _sorted_by_text(numbers, columns.offsets),
        holders,
        np.ascontiguousarray(pairs, np.int64),
        flat,
        offsets,
        counts,
    )
    return counts


def _sorted_by_text(
    numbers: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The same numbers, ascending inside each text."""
    owner = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))
    return numbers[np.lexsort((numbers, owner))]
