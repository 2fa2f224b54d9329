"""What words and stretches of two texts score against each other, compiled.

A word scores by whether the other stretch has it anywhere: ``ln(p1 / p0)`` if so,
``ln((1 - p1) / (1 - p0))`` if not, where ``p1`` is the chance that a word of a reused passage was kept and
``p0`` the chance that it stands in any stretch of that length.  If the other stretch has its stem in another
form, ``p1`` and ``p0`` are those of that.  Words that every stretch has score nothing, and order does not
matter.

``p0`` is ``1 - exp(-x)`` with ``x`` the rate of the word times the length.  Its logarithm is
``ln x - x/2 + x**2/24 - x**4/2880`` to four digits wherever it is used, so that no exponential and no
logarithm of a rate is taken word by word; the score of a missing word is ``x + ln(1 - p1)`` exactly.

After an edit here, `passage_kernels` must be saved as well: Numba's cache looks at no other file.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "A_END",
    "BOXES",
    "B_END",
    "COVER",
    "ORDER",
    "SETTINGS",
    "WEIGHT",
    "A",
    "B",
    "Room",
    "Settings",
    "Text",
    "find_segments",
    "mark_stretch",
    "score_stretch",
    "shrink_stretch",
    "weigh_overlap",
    "weigh_word",
]

BOXES = 512
"""Boxes of a pair; further ones are not looked for."""

# Columns of a box: two stretches, half-open, and measures.
A, A_END, B, B_END, WEIGHT, COVER, ORDER = range(7)


class Settings(NamedTuple):
    """The numbers of :class:`~provenance.config.PassageSpec` that kernels read."""

    kept: float  # p1
    inflected: float
    cap: float
    drop: float
    seed: float
    block: float
    cover: float
    gap: float
    strength: float
    words: float
    dense: float
    agreement: float


SETTINGS = Settings._fields
"""Their names, in order."""


class Text(NamedTuple):
    """One text of a pair, word by word; stems and words are numbered within the pair."""

    stems: NDArray[np.int32]
    words: NDArray[np.int32]
    rates: NDArray[np.float64]  # of the stem and its logarithm, of the word and its logarithm
    scores: NDArray[np.float64]
    counts: NDArray[np.int32]  # by stem; zeros between calls


class Room(NamedTuple):
    """Scratch of a pair."""

    stems: NDArray[np.int64]  # by stem: the latest stamp
    words: NDArray[np.int64]  # by word: the same
    stamp: NDArray[np.int64]
    outer: NDArray[np.float64]
    middle: NDArray[np.float64]
    inner: NDArray[np.float64]
    cuts: NDArray[np.float64]


@njit
def weigh_word(text, place, same_word, length, log_length, settings):  # type: ignore[no-untyped-def]
    """Return what a word scores if the other stretch has its stem, and perhaps the very word."""
    kind = 2 if same_word else 0
    x = text.rates[place, kind] * length
    if x >= -math.log(1 - settings.kept):
        return 0.0
    log_chance = text.rates[place, kind + 1] + log_length - x / 2 + x * x / 24 - x**4 / 2880
    log_kept = math.log(settings.kept if same_word else settings.inflected)
    return min(settings.cap, max(0.0, log_kept - log_chance))


@njit
def mark_stretch(text, first, stop, room):  # type: ignore[no-untyped-def]
    """Note which stems and words a stretch has; returns the stamp they bear."""
    room.stamp[0] += 1
    stamp = room.stamp[0]
    for place in range(first, stop):
        room.stems[text.stems[place]] = stamp
        room.words[text.words[place]] = stamp
    return stamp


@njit
def score_stretch(text, first, stop, other, other_first, other_stop, room, settings):  # type: ignore[no-untyped-def]
    """Score the words of a stretch against the sets of stems and words of another."""
    stamp = mark_stretch(other, other_first, other_stop, room)
    length = other_stop - other_first
    log_length = math.log(length)
    most = -math.log(1 - settings.kept)
    for place in range(first, stop):
        if room.stems[text.stems[place]] == stamp:
            same_word = room.words[text.words[place]] == stamp
            text.scores[place] = weigh_word(text, place, same_word, length, log_length, settings)
        else:
            text.scores[place] = min(0.0, text.rates[place, 0] * length - most)


@njit
def find_segments(scores, first, stop, drop, least, found):  # type: ignore[no-untyped-def]
    """Find the maximal segments: a sum that never falls `drop` below its maximum, nor to nothing."""
    count = 0
    start = first
    while start < stop:
        if scores[start] <= 0:
            start += 1
            continue
        total = 0.0
        best = 0.0
        end = start
        place = start
        while place < stop:
            total += scores[place]
            if total > best:
                best = total
                end = place
            elif total <= 0 or best - total > drop:
                break
            place += 1
        if best >= least and count < found.shape[0]:
            found[count, 0] = start
            found[count, 1] = end + 1
            found[count, 2] = best
            count += 1
        start = end + 1
    return count


@njit
def weigh_overlap(a, a0, a1, b, b0, b1, length_a, length_b, room, settings):  # type: ignore[no-untyped-def]
    """Weigh what two stretches share, every stem as often as both have it.

    Returns:
        The weight, and what part of the heavier stretch the words with a common stem are.
    """
    log_a = math.log(length_a)
    log_b = math.log(length_b)
    shared = 0.0
    common = 0.0
    whole_a = 0.0
    whole_b = 0.0
    stamp = mark_stretch(a, a0, a1, room)
    for place in range(a0, a1):
        a.counts[a.stems[place]] += 1
        whole_a += weigh_word(a, place, True, length_b, log_b, settings)
    for place in range(b0, b1):
        own = weigh_word(b, place, True, length_a, log_a, settings)
        whole_b += own
        if a.counts[b.stems[place]] > 0:
            a.counts[b.stems[place]] -= 1
            common += own
            if room.words[b.words[place]] == stamp:
                shared += own
            else:
                shared += weigh_word(b, place, False, length_a, log_a, settings)
    for place in range(a0, a1):
        a.counts[a.stems[place]] = 0
    return shared, common / max(whole_a, whole_b, 1e-9)


@njit
def shrink_stretch(text, first, stop, other, other_first, other_stop, slack, room, settings):  # type: ignore[no-untyped-def]
    """Cut the stretch of `text` to about the length of the other, where they share most."""
    length = other_stop - other_first
    log_length = math.log(length)
    window = int(slack * length) + 2
    have = text.counts
    want = other.counts
    stamp = mark_stretch(other, other_first, other_stop, room)
    for place in range(other_first, other_stop):
        want[other.stems[place]] += 1
    if stop - first > window:
        shared = 0.0
        most = -1.0
        end = first
        for place in range(first, stop):
            stem = text.stems[place]
            if have[stem] < want[stem]:
                same_word = room.words[text.words[place]] == stamp
                shared += weigh_word(text, place, same_word, length, log_length, settings)
            have[stem] += 1
            left = place - window
            if left >= first:
                stem = text.stems[left]
                have[stem] -= 1
                if have[stem] < want[stem]:
                    same_word = room.words[text.words[left]] == stamp
                    shared -= weigh_word(text, left, same_word, length, log_length, settings)
            if shared > most:
                most = shared
                end = place
        for place in range(first, stop):
            have[text.stems[place]] = 0
        first = max(first, end - window + 1)
        stop = end + 1
    for place in range(first, stop):
        have[text.stems[place]] += 1
    start = first
    end = stop
    while stop - first > 1 and have[text.stems[first]] > want[text.stems[first]]:
        have[text.stems[first]] -= 1
        first += 1
    while stop - first > 1 and have[text.stems[stop - 1]] > want[text.stems[stop - 1]]:
        have[text.stems[stop - 1]] -= 1
        stop -= 1
    for place in range(start, end):
        have[text.stems[place]] = 0
    for place in range(other_first, other_stop):
        want[other.stems[place]] = 0
    return first, stop
