"""The loop of passage alignment, compiled: many pairs of texts in, their passages out.

Types of a pair are numbered anew, so that all tables are as small as the two texts.
"""

from __future__ import annotations

import numpy as np
from numba import float64, int64, njit, types, uint32

from provenance.text.kernels import readonly
from provenance.verify.passage_boxes import (
    drop_echoes,
    find_boxes,
    merge_neighbors,
    merge_shuffled,
    sort_boxes,
)
from provenance.verify.passage_ends import finish_passages
from provenance.verify.passage_scores import BOXES, A, Room, Settings, Text

__all__ = ["COLUMNS", "find_rows"]

COLUMNS = ("pair", "a", "a_end", "b", "b_end", "strength", "coverage", "order")
"""Of a row of the result: pair, first word and the one behind the last of both stretches, and measures."""


@njit
def _number(types, first, stop, numbers, known, own):  # type: ignore[no-untyped-def]
    """Number the types of a text within its pair, from 1; returns how many numbers are given now."""
    for place in range(first, stop):
        if numbers[types[place]] == 0:
            known += 1
            numbers[types[place]] = known
        own[place - first] = numbers[types[place]]
    return known


@njit
def _load(types, first_a, stop_a, first_b, stop_b, numbers, own):  # type: ignore[no-untyped-def]
    """Number the types of a pair; `numbers` are zeros before and after."""
    known = _number(types, first_a, stop_a, numbers, 0, own[0])
    known = _number(types, first_b, stop_b, numbers, known, own[1])
    for place in range(first_a, stop_a):
        numbers[types[place]] = 0
    for place in range(first_b, stop_b):
        numbers[types[place]] = 0
    return known


@njit
def _rate(stems, words, first, stop, stem_rates, word_rates, rates):  # type: ignore[no-untyped-def]
    for place in range(first, stop):
        rates[place - first, :2] = stem_rates[stems[place]]
        rates[place - first, 2:] = word_rates[words[place]]


_PAIRS = types.Array(uint32, 2, "C", readonly=True)
_RATES = types.Array(float64, 2, "C", readonly=True)


@njit(
    types.UniTuple(int64, 2)(  # type: ignore[no-untyped-call]
        _PAIRS,
        int64,
        readonly(uint32),
        readonly(uint32),
        readonly(int64),
        _RATES,
        _RATES,
        readonly(float64),
        float64[:, ::1],
    ),
    nogil=True,
    cache=True,
)
def find_rows(pairs, begin, stems, words, offsets, stem_rates, word_rates, values, found):  # type: ignore[no-untyped-def]
    """Find the passages of many pairs of texts.

    Args:
        pairs: Document numbers.
        begin: The first pair to look at.
        stems: By word of all texts, its stem; below ``len(stem_rates)``.
        words: By word of all texts, its number as written; below ``len(word_rates)``.
        offsets: Where each document's words begin.
        stem_rates: By stem, its share of all words, and the logarithm of that.
        word_rates: The same by word.
        values: The settings, in the order of :data:`~provenance.verify.passage_scores.SETTINGS`.
        found: Room for rows of :data:`COLUMNS`; at least 512 of them.

    Returns:
        The pair behind the last one done, and how many rows are written.
    """
    settings = Settings(
        values[0],
        values[1],
        values[2],
        values[3],
        values[4],
        values[5],
        values[6],
        values[7],
        values[8],
        values[9],
        values[10],
        values[11],
    )
    longest = 0
    for row in range(begin, pairs.shape[0]):
        for side in range(2):
            document = pairs[row, side]
            longest = max(longest, offsets[document + 1] - offsets[document])
    stem_numbers = np.zeros(stem_rates.shape[0], np.int32)
    word_numbers = np.zeros(word_rates.shape[0], np.int32)
    own_stems = np.empty((2, longest), np.int32)
    own_words = np.empty((2, longest), np.int32)
    rates = np.empty((2, longest, 4), np.float64)
    scores = np.empty((2, longest), np.float64)
    counts = np.zeros((2, 2 * longest + 1), np.int32)
    room = Room(
        np.zeros(2 * longest + 1, np.int64),
        np.zeros(2 * longest + 1, np.int64),
        np.zeros(1, np.int64),
        np.empty((BOXES, 3), np.float64),
        np.empty((BOXES, 3), np.float64),
        np.empty((BOXES, 3), np.float64),
        np.empty((BOXES, 3), np.float64),
    )
    boxes = np.empty((BOXES, 7), np.float64)
    written = 0
    for row in range(begin, pairs.shape[0]):
        if written + BOXES > found.shape[0]:
            return row, written
        a0, a1 = offsets[pairs[row, 0]], offsets[pairs[row, 0] + 1]
        b0, b1 = offsets[pairs[row, 1]], offsets[pairs[row, 1] + 1]
        if min(a1 - a0, b1 - b0) < max(1, settings.words):
            continue
        known = _load(stems, a0, a1, b0, b1, stem_numbers, own_stems)
        _load(words, a0, a1, b0, b1, word_numbers, own_words)
        _rate(stems, words, a0, a1, stem_rates, word_rates, rates[0])
        _rate(stems, words, b0, b1, stem_rates, word_rates, rates[1])
        a = Text(
            own_stems[0, : a1 - a0],
            own_words[0, : a1 - a0],
            rates[0, : a1 - a0],
            scores[0, : a1 - a0],
            counts[0, : known + 1],
        )
        b = Text(
            own_stems[1, : b1 - b0],
            own_words[1, : b1 - b0],
            rates[1, : b1 - b0],
            scores[1, : b1 - b0],
            counts[1, : known + 1],
        )
        count = find_boxes(a, b, room, settings, boxes)
        count = drop_echoes(boxes, count, settings)
        count = merge_neighbors(boxes, count, settings.gap)
        count = merge_shuffled(boxes, count, settings.gap)
        count = finish_passages(a, b, room, settings, boxes, count)
        sort_boxes(boxes, count, A, 1)
        for box in range(count):
            found[written, 0] = row
            found[written, 1:] = boxes[box]
            written += 1
    return pairs.shape[0], written
