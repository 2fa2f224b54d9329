"""Where a passage begins and ends, and whether it is one, compiled.

Where nearly all that two stretches share stands in order, the heaviest chain of common words tells the ends;
elsewhere the longer stretch is cut to the length of the shorter.  From there a passage grows while both texts
agree word by word.

After an edit here, `passage_kernels` must be saved as well: Numba's cache looks at no other file.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from provenance.verify.passage_scores import (
    A_END,
    B_END,
    COVER,
    ORDER,
    WEIGHT,
    A,
    B,
    shrink_stretch,
    weigh_overlap,
    weigh_word,
)

__all__ = ["finish_passages"]

#: Tightening a passage may cost these parts of its weight: to its chain, to the shorter side.
_CHAINED, _TIGHT = 0.95, 0.98

#: Growing a passage: words skipped between two that are the same, and the fall that ends it.
_REACH, _GROWTH_DROP = 5, 10.0


@njit
def _chain(a, a0, a1, b, b0, b1, settings):  # type: ignore[no-untyped-def]
    """Find the heaviest chain of equal words that stand in the same order in both stretches.

    Returns:
        Places in `a` and in `b`, the weight of each link, and what part of the weight of all words of
        `a` that `b` has the chain holds.
    """
    length = b1 - b0
    log_length = math.log(length)
    head = np.full(a.counts.size, -1, np.int32)
    following = np.empty(length, np.int32)
    for place in range(length):
        stem = b.stems[b0 + place]
        following[place] = head[stem]
        head[stem] = place
    room = 0
    for at in range(a0, a1):
        place = head[a.stems[at]]
        while place >= 0:
            room += 1
            place = following[place]
    link_a = np.empty(room, np.int32)
    link_b = np.empty(room, np.int32)
    weights = np.empty(room, np.float64)
    before = np.empty(room, np.int32)
    heaviest = np.zeros(length + 1, np.float64)  # a Fenwick tree of maxima, by place in `b`
    holder = np.full(length + 1, -1, np.int32)
    links = 0
    last = -1
    most = 0.0
    total = 0.0
    for at in range(a0, a1):
        heavier = 0.0
        place = head[a.stems[at]]
        while place >= 0:  # last place first, so that no word follows itself
            same_word = a.words[at] == b.words[b0 + place]
            weight = weigh_word(a, at, same_word, length, log_length, settings)
            heavier = max(heavier, weight)
            if weight > 0:
                best = 0.0
                link = -1
                node = place
                while node > 0:
                    if heaviest[node] > best:
                        best = heaviest[node]
                        link = holder[node]
                    node -= node & -node
                best += weight
                link_a[links] = at
                link_b[links] = b0 + place
                weights[links] = weight
                before[links] = link
                node = place + 1
                while node <= length:
                    if best > heaviest[node]:
                        heaviest[node] = best
                        holder[node] = links
                    node += node & -node
                if best > most:
                    most = best
                    last = links
                links += 1
            place = following[place]
        total += heavier
    size = 0
    link = last
    while link >= 0:
        size += 1
        link = before[link]
    chain_a = np.empty(size, np.int32)
    chain_b = np.empty(size, np.int32)
    chain_weights = np.empty(size, np.float64)
    link = last
    for place in range(size - 1, -1, -1):
        chain_a[place] = link_a[link]
        chain_b[place] = link_b[link]
        chain_weights[place] = weights[link]
        link = before[link]
    return chain_a, chain_b, chain_weights, most / max(total, 1e-9)


@njit
def _core(chain_a, chain_b, weights, settings):  # type: ignore[no-untyped-def]
    """Return first and last link of the heaviest part of a chain; words skipped cost as missing ones."""
    missing = -math.log(1 - settings.kept)
    total = 0.0
    most = -1.0
    start = 0
    first = 0
    last = 0
    for link in range(weights.size):
        if link > 0:
            skipped = max(chain_a[link] - chain_a[link - 1], chain_b[link] - chain_b[link - 1]) - 1
            total -= missing * skipped
        if total <= 0:
            total = 0.0
            start = link
        total += weights[link]
        if total > most:
            most = total
            first = start
            last = link
    return first, last


@njit
def _next_equal(a, b, at_a, at_b, step):  # type: ignore[no-untyped-def]
    """Return the nearest equal words ahead as steps in both texts; (-1, -1) if there are none."""
    for far in range(_REACH + 1):
        for near in range(far + 1):
            for side in range(2):
                ahead_a = far if side == 0 else near
                ahead_b = near if side == 0 else far
                x = at_a + step * ahead_a
                y = at_b + step * ahead_b
                if 0 <= x < a.stems.size and 0 <= y < b.stems.size and a.stems[x] == b.stems[y]:
                    return ahead_a, ahead_b
    return -1, -1


@njit
def _walk(a, b, at_a, at_b, step, settings):  # type: ignore[no-untyped-def]
    """Go on from the first words outside a passage while the texts agree word by word.

    Order counts here, so that words which say nothing in a bag of hundreds do count: the chance of
    one within `_REACH` words is small.

    Returns:
        The first words outside of the grown passage.
    """
    missing = -math.log(1 - settings.kept)
    length = 2 * _REACH + 1
    log_length = math.log(length)
    total = 0.0
    most = 0.0
    end_a = at_a
    end_b = at_b
    while 0 <= at_a < a.stems.size and 0 <= at_b < b.stems.size and most - total <= _GROWTH_DROP:
        ahead_a, ahead_b = _next_equal(a, b, at_a, at_b, step)
        if ahead_a < 0:
            total -= missing * (_REACH + 1)
            at_a += step * (_REACH + 1)
            at_b += step * (_REACH + 1)
            continue
        at_a += step * ahead_a
        at_b += step * ahead_b
        total -= missing * max(ahead_a, ahead_b)
        same_word = a.words[at_a] == b.words[at_b]
        total += weigh_word(a, at_a, same_word, length, log_length, settings)
        at_a += step
        at_b += step
        if total >= most:
            most = total
            end_a = at_a
            end_b = at_b
    return end_a, end_b


@njit
def _grow(a, a0, a1, b, b0, b1, settings):  # type: ignore[no-untyped-def]
    first_a, first_b = _walk(a, b, a0 - 1, b0 - 1, -1, settings)
    stop_a, stop_b = _walk(a, b, a1, b1, 1, settings)
    return first_a + 1, stop_a, first_b + 1, stop_b


@njit
def _tighten(a, a0, a1, b, b0, b1, chain_a, chain_b, weights, room, settings):  # type: ignore[no-untyped-def]
    """Cut what does not belong to a passage, and grow it.

    If nearly all that is shared stands in order, the chain tells where the passage begins and ends;
    else the longer side is cut to the length of the shorter.
    """
    length_a = a1 - a0
    length_b = b1 - b0
    shared = weigh_overlap(a, a0, a1, b, b0, b1, length_a, length_b, room, settings)[0]
    first, last = _core(chain_a, chain_b, weights, settings)
    c0, c1, d0, d1 = _grow(
        a, chain_a[first], chain_a[last] + 1, b, chain_b[first], chain_b[last] + 1, settings
    )
    if (
        weigh_overlap(a, c0, c1, b, d0, d1, length_a, length_b, room, settings)[0]
        >= _CHAINED * shared
    ):
        return c0, c1, d0, d1
    c0, c1, d0, d1 = a0, a1, b0, b1
    if length_b > length_a:
        d0, d1 = shrink_stretch(b, b0, b1, a, a0, a1, 1.0, room, settings)
    elif length_a > length_b:
        c0, c1 = shrink_stretch(a, a0, a1, b, b0, b1, 1.0, room, settings)
    if weigh_overlap(a, c0, c1, b, d0, d1, length_a, length_b, room, settings)[0] < _TIGHT * shared:
        c0, c1, d0, d1 = a0, a1, b0, b1
    return _grow(a, c0, c1, b, d0, d1, settings)


@njit
def finish_passages(a, b, room, settings, boxes, count):  # type: ignore[no-untyped-def]
    """Give every passage its exact ends, measure it, and keep those that are strong enough."""
    kept = 0
    for row in range(count):
        a0, a1 = int(boxes[row, A]), int(boxes[row, A_END])
        b0, b1 = int(boxes[row, B]), int(boxes[row, B_END])
        chain_a, chain_b, weights, order = _chain(a, a0, a1, b, b0, b1, settings)
        if weights.size == 0:
            continue
        a0, a1, b0, b1 = _tighten(a, a0, a1, b, b0, b1, chain_a, chain_b, weights, room, settings)
        shared, coverage = weigh_overlap(a, a0, a1, b, b0, b1, a1 - a0, b1 - b0, room, settings)
        if shared < settings.strength or min(a1 - a0, b1 - b0) < settings.words:
            continue
        if coverage < settings.dense and coverage + order < settings.agreement:
            continue
        boxes[kept, A] = a0
        boxes[kept, A_END] = a1
        boxes[kept, B] = b0
        boxes[kept, B_END] = b1
        boxes[kept, WEIGHT] = shared
        boxes[kept, COVER] = coverage
        boxes[kept, ORDER] = order
        kept += 1
    return kept
