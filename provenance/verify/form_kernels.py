"""Judging forms, compiled: what :mod:`provenance.verify.forms` describes, in numbers.

A module of its own, because it is compiled when it is imported for the first time.
"""

from __future__ import annotations

import numpy as np
from numba import boolean, int64, njit, types, uint8, uint32, uint64, void

from provenance.text.kernels import readonly

__all__ = ["judge_forms"]

#: The limits were set on 370 forms among 12,086 linked pairs of Arabic news (``docs/matching.md``).
#: Words before the first and behind the last common run, over the words of the shorter text: a place
#: line or an end mark, not a paragraph.
_MOST_LOOSE = 0.15

#: Words of the longest gap, over the same: a sentence of three.
_LONGEST_GAP = 0.35

#: Rare words of a filling, over the words in common; and so many that nothing else need be asked.
_LEAST_NAMED, _NAMED = 0.02, 0.08

#: Texts that hold what only one of the two has, in the median of its shingles.  With three, lists that
#: two desks wrote in two notations pass for forms.
_LEAST_PRINTED = 4

#: Texts that know the frame, over those with one filling or the other.  An item in two versions has one:
#: whoever prints it prints either.
_KNOWN_FRAME = 1.5

#: Share of neighboring words that stood side by side before in the same text; half of all news has 0.04.
_REPEATED = 0.09

#: Words of a common opening: the formula and what is filled in first.
_OPENING = 20

#: Texts of more words and pairs of more runs are no forms; this bounds the time a pair takes.
_MOST_WORDS, _MOST_RUNS = 2_000, 300

#: 2**64 over the golden ratio, made odd: the multiplier of Fibonacci hashing (Knuth, TAOCP 3, 6.4).
_GOLDEN = uint64(0x9E3779B97F4A7C15)

_PAIRS = types.Array(uint32, 2, "C", readonly=True)
_RUNS = types.Array(int64, 2, "C", readonly=True)


@njit
def _chain(runs):  # type: ignore[no-untyped-def]
    """Return the runs that have the most words of all sets that follow each other in both texts."""
    count = runs.shape[0]
    most = np.empty(count, np.int64)
    before = np.full(count, -1, np.int64)
    row = 0
    for late in range(count):
        most[late] = runs[late, 2]
        for early in range(late):
            follows = runs[early, 1] + runs[early, 2] <= runs[late, 1]
            if follows and most[early] + runs[late, 2] > most[late]:
                most[late] = most[early] + runs[late, 2]
                before[late] = early
        if most[late] > most[row]:
            row = late
    chain = np.empty((count, 3), np.int64)
    first = count
    while row >= 0:
        first -= 1
        chain[first] = runs[row]
        row = before[row]
    return chain[first:]


@njit
def _ordered(values):  # type: ignore[no-untyped-def]
    """Return a sorted copy; of one type for words and shingles, so that sorting is compiled once."""
    copy = values.astype(np.uint64)
    copy.sort()
    return copy


@njit
def _holds(ordered, value):  # type: ignore[no-untyped-def]
    low = 0
    high = ordered.size
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < ordered.size and ordered[low] == value


@njit
def _distinct(ordered):  # type: ignore[no-untyped-def]
    count = min(1, ordered.size)
    for at in range(1, ordered.size):
        count += ordered[at] != ordered[at - 1]
    return count


@njit
def _count_named(chain, side, words, holders, other, rare):  # type: ignore[no-untyped-def]
    """Count the rare words in the gaps of one text that the other one has nowhere."""
    found = np.empty(words.size, np.uint64)
    count = 0
    for row in range(1, chain.shape[0]):
        for at in range(chain[row - 1, side] + chain[row - 1, 2], chain[row, side]):
            if holders[at] <= rare and not _holds(other, words[at]):
                found[count] = words[at]
                count += 1
    return _distinct(_ordered(found[:count]))


@njit
def _median_spread(shingles, spread, other, shared):  # type: ignore[no-untyped-def]
    """Return how many texts hold the shingles that the other text has, or has not: the median."""
    counts = np.zeros(256, np.int64)
    for at in range(shingles.size):
        if _holds(other, uint64(shingles[at])) == shared:
            counts[spread[at]] += 1
    half = (counts.sum() + 1) // 2
    median = 0
    while half > counts[median]:
        half -= counts[median]
        median += 1
    return median


@njit
def _repeated_share(words):  # type: ignore[no-untyped-def]
    """Return the share of the neighbors of a text that stood side by side in it before."""
    neighbors = _ordered((words[:-1] * _GOLDEN) ^ words[1:])
    return 1 - _distinct(neighbors) / max(1, neighbors.size)


@njit
def _is_form(  # type: ignore[no-untyped-def]
    runs,
    words_a,
    words_b,
    holders_a,
    holders_b,
    shingles_a,
    shingles_b,
    spread_a,
    spread_b,
    rare,
    outlet,
):
    """Judge one pair; the cheap questions first."""
    if max(words_a.size, words_b.size) > _MOST_WORDS or not 0 < runs.shape[0] <= _MOST_RUNS:
        return False
    chain = _chain(runs)
    shorter = min(words_a.size, words_b.size)
    last = chain[-1]
    behind = max(words_a.size - last[0], words_b.size - last[1]) - last[2]
    before = max(chain[0, 0], chain[0, 1])
    if max(before, behind) > _MOST_LOOSE * shorter:
        return False
    if before == 0 and chain[0, 2] >= _OPENING and not outlet:
        return False
    equal = chain[0, 2]
    for row in range(1, chain.shape[0]):
        equal += chain[row, 2]
        for side in range(2):
            end = chain[row - 1, side] + chain[row - 1, 2]
            if chain[row, side] - end > _LONGEST_GAP * shorter:
                return False
    named = min(
        _count_named(chain, 0, words_a, holders_a, _ordered(words_b), rare),
        _count_named(chain, 1, words_b, holders_b, _ordered(words_a), rare),
    )
    if named < _LEAST_NAMED * equal:
        return False
    ordered_b = _ordered(shingles_b)
    filling_a = _median_spread(shingles_a, spread_a, ordered_b, False)
    filling_b = _median_spread(shingles_b, spread_b, _ordered(shingles_a), False)
    if min(filling_a, filling_b) < _LEAST_PRINTED:
        return False
    if named >= _NAMED * equal:
        return True
    frame = _median_spread(shingles_a, spread_a, ordered_b, True)
    if frame < _KNOWN_FRAME * (filling_a + filling_b):
        return False
    return min(_repeated_share(words_a), _repeated_share(words_b)) >= _REPEATED


@njit(
    void(
        _PAIRS,
        _RUNS,
        readonly(int64),
        readonly(uint64),
        readonly(int64),
        readonly(uint8),
        readonly(uint32),
        readonly(int64),
        readonly(uint8),
        int64,
        readonly(boolean),
        boolean[::1],
    ),
    nogil=True,
    cache=True,
)
def judge_forms(  # type: ignore[no-untyped-def]
    pairs, runs, bounds, words, offsets, holders, shingles, starts, spread, rare, same_outlet, forms
):
    """Set ``forms[i]`` to whether pair `i` is one form, filled in twice.

    Args:
        pairs: Document numbers.
        runs: Runs of all pairs, one pair after another.
        bounds: Where each pair's runs begin.
        words: Words of all documents.
        offsets: Where each document's words begin.
        holders: By word, how many documents hold it.
        shingles: All shingles.
        starts: Where each document's shingles begin.
        spread: By shingle, how many documents hold it.
        rare: Documents that may hold a rare word.
        same_outlet: By pair, whether both documents are known to come from one outlet.
        forms: The result.
    """
    for number in range(pairs.shape[0]):
        a = int64(pairs[number, 0])
        b = int64(pairs[number, 1])
        words_a = slice(offsets[a], offsets[a + 1])
        words_b = slice(offsets[b], offsets[b + 1])
        shingles_a = slice(starts[a], starts[a + 1])
        shingles_b = slice(starts[b], starts[b + 1])
        forms[number] = _is_form(
            runs[bounds[number] : bounds[number + 1]],
            words[words_a],
            words[words_b],
            holders[words_a],
            holders[words_b],
            shingles[shingles_a],
            shingles[shingles_b],
            spread[shingles_a],
            spread[shingles_b],
            rare,
            same_outlet[number],
        )
