"""Where two texts are the same, as spans of both originals.

Runs of equal words are found first: maximal, longest first, each word used once, in whatever order
the second text has them.  Runs that follow each other in both texts with only a few words between
become one *passage*, so that a changed name does not cut a paragraph in two; passages of a few words
are dropped, because any two reports of one event share such phrases.

Limits: only equal words (after folding) match, so a paraphrase is not seen; a passage that stands
twice in one text and once in the other is aligned once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.config import VerifySpec
from provenance.model import AlignedSpan
from provenance.text.columns import Columns
from provenance.verify import kernels

__all__ = ["align_pair", "equal_runs", "passages_of"]

#: Places of one phrase that are tried in all combinations, eight in each text; beyond, a phrase is
#: filling, and pairing all of it would cost quadratic time.
_CROWD = 64


def equal_runs(
    columns: Columns, a: int, b: int, spec: VerifySpec | None = None
) -> NDArray[np.int64]:
    """Return the runs of equal words of two texts.

    Args:
        columns: Words of all texts.
        a: Number of the first text.
        b: Number of the second.
        spec: Settings; the defaults where left out.

    Returns:
        ``int64[R, 3]``: place in the first text, place in the second, number of words; words are
        counted from the beginning of each text.  Sorted by place in the first text; no word of either
        text is in two runs; every run has ``spec.min_run`` words, or all words of a shorter text.
    """
    settings = spec or VerifySpec()
    words_a = columns.tokens[columns.offsets[a] : columns.offsets[a + 1]]
    words_b = columns.tokens[columns.offsets[b] : columns.offsets[b + 1]]
    shortest = max(1, min(settings.min_run, words_a.size, words_b.size))
    runs = np.empty((words_a.size // shortest + 1, 3), dtype=np.int64)
    count = kernels.match_runs(words_a, words_b, settings.min_run, _CROWD, runs)
    return runs[:count]


def align_pair(
    columns: Columns, a: int, b: int, spec: VerifySpec | None = None
) -> tuple[AlignedSpan, ...]:
    """Return the passages that two texts have in common.

    Args:
        columns: Words of all texts.
        a: Number of the first text.
        b: Number of the second.
        spec: Settings; the defaults where left out.

    Returns:
        Spans of both texts, sorted by place in the first.  No two overlap in the first text, and no two
        in the second unless a passage of one is inside a gap of another.  A passage begins and ends
        with equal words, holds at least ``spec.min_passage`` of them (or, where none does, is the
        longest there is), and at most ``spec.max_gap`` words of either text stand between two of its
        runs.
    """
    return passages_of(columns, a, b, equal_runs(columns, a, b, spec), spec)


def passages_of(
    columns: Columns, a: int, b: int, runs: NDArray[np.int64], spec: VerifySpec | None = None
) -> tuple[AlignedSpan, ...]:
    """Return what :func:`align_pair` does, from runs that are known already."""
    settings = spec or VerifySpec()
    passages = _passages(runs.tolist(), settings.max_gap)
    if not passages:
        return ()
    enough = min(settings.min_passage, max(passage[4] for passage in passages))
    base_a, base_b = int(columns.offsets[a]), int(columns.offsets[b])
    return tuple(
        AlignedSpan(
            a=_span(columns, base_a + first_a, base_a + stop_a),
            b=_span(columns, base_b + first_b, base_b + stop_b),
        )
        for first_a, stop_a, first_b, stop_b, equal in passages
        if equal >= enough
    )


def _passages(runs: list[list[int]], max_gap: int) -> list[list[int]]:
    """Merge runs that follow each other in both texts: ``[first a, stop a, first b, stop b, equal]``."""
    passages: list[list[int]] = []
    for place_a, place_b, words in runs:
        if passages:
            last = passages[-1]
            follows = 0 <= place_b - last[3] <= max_gap and place_a - last[1] <= max_gap
            if follows:
                last[1], last[3] = place_a + words, place_b + words
                last[4] += words
                continue
        passages.append([place_a, place_a + words, place_b, place_b + words, words])
    return passages


def _span(columns: Columns, first: int, stop: int) -> tuple[int, int]:
    """From the beginning of a word to the end of the one before `stop`, in code points."""
    return int(columns.starts[first]), int(columns.ends[stop - 1])
