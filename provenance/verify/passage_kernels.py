"""The loops of passage alignment, compiled: two texts as numbers in, boxes of both out.

A *box* is a stretch of one text and a stretch of the other.  A word of one stretch scores by whether
the other stretch has it anywhere: ``ln(p1 / p0)`` if so, ``ln((1 - p1) / (1 - p0))`` if not, where
``p1`` is the chance that a word of a reused passage was kept and ``p0`` the chance that it stands in
any stretch of that length.  Words that every stretch has score nothing, and order does not matter.
Boxes are found and fitted by looking from one text to the other and back; :mod:`passages
<provenance.verify.passages>` tells how they become passages.

``p0`` is ``1 - exp(-x)`` with ``x`` the rate of the word times the length.  Its logarithm is
``ln x - x/2 + x**2/24 - x**4/2880`` to five digits wherever it is used, so that no exponential and no
logarithm is taken word by word; the score of a missing word is ``x + ln(1 - p1)`` exactly.

All kernels are in this file: Numba's cache does not notice an edit of another one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import float64, int64, njit, types, uint32
from numpy.typing import NDArray

from provenance.text.kernels import readonly

__all__ = ["COLUMNS", "SETTINGS", "find_rows"]

#: Of a row of the result: pair, first and last word of both stretches (half-open), and the measures.
COLUMNS = ("pair", "a", "a_end", "b", "b_end", "strength", "coverage", "order")

#: Boxes of a pair; further ones are not looked for.  Real pairs of 6,000 words had at most 60.
_BOXES = 512

# Columns of a box while it is worked on.
_A, _A_END, _B, _B_END, _WEIGHT, _COVER, _ORDER = range(7)

#: How often a box is fitted to one text and then to the other; nine in ten rest after four times.
_ROUNDS = 8

#: A box that was found keeps this part of the weight that a segment needs, when it is cut anew.
_RECUT = 0.6

#: Cutting the ends off a segment: inner segments fall less below their maximum, and may be short.
_INNER_DROP, _INNER_LEAST = 8.0, 6.0

#: Words beyond a box that are looked at when it is fitted: this part of it, and no fewer than so many.
_MARGIN, _LEAST_MARGIN = 0.3, 30

#: A side may be longer than the other by this factor while a box is fitted.
_SLACK = 1.1

#: Boxes are told from chance alignments by less than passages: part of the strength, and words.
_BOX_STRENGTH, _BOX_WORDS = 0.5, 12

#: Parts of boxes that lie apart by more in one text than in the other, relative to that, stay apart.
_BEND = 0.3

#: Boxes of a shuffled passage, and how much of the hull in the second text they must fill.
_SHUFFLED, _FILLED = 3, 0.5

#: Tightening a passage may cost these parts of its weight: to its chain, to the shorter side.
_CHAINED, _TIGHT = 0.95, 0.98

#: Growing a passage: words skipped between two that are the same, and the fall that ends it.
_REACH, _GROWTH_DROP = 5, 10.0


class _Settings(NamedTuple):
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


SETTINGS = _Settings._fields
"""Names of the settings of :class:`~provenance.config.PassageSpec` that the kernel reads, in order."""


class _Text(NamedTuple):
    stems: NDArray[np.int32]
    words: NDArray[np.int32]
    rates: NDArray[np.float64]  # of the stem and its logarithm, of the word and its logarithm
    scores: NDArray[np.float64]
    counts: NDArray[np.int32]  # by stem; zeros between calls


class _Room(NamedTuple):
    stems: NDArray[np.int64]  # by stem: the latest stamp
    words: NDArray[np.int64]  # by word: the same
    stamp: NDArray[np.int64]
    outer: NDArray[np.float64]
    middle: NDArray[np.float64]
    inner: NDArray[np.float64]
    cuts: NDArray[np.float64]


@njit
def _weight(text, place, same_word, length, log_length, settings):  # type: ignore[no-untyped-def]
    """Return what a word scores if the other stretch has its stem, and perhaps the very word."""
    kind = 2 if same_word else 0
    x = text.rates[place, kind] * length
    if x >= -math.log(1 - settings.kept):
        return 0.0
    log_chance = text.rates[place, kind + 1] + log_length - x / 2 + x * x / 24 - x**4 / 2880
    log_kept = math.log(settings.kept if same_word else settings.inflected)
    return min(settings.cap, max(0.0, log_kept - log_chance))


@njit
def _mark(text, first, stop, room):  # type: ignore[no-untyped-def]
    """Note which stems and words a stretch has; returns the stamp they bear."""
    room.stamp[0] += 1
    stamp = room.stamp[0]
    for place in range(first, stop):
        room.stems[text.stems[place]] = stamp
        room.words[text.words[place]] = stamp
    return stamp


@njit
def _score(text, first, stop, other, other_first, other_stop, room, settings):  # type: ignore[no-untyped-def]
    """Score the words of a stretch against the sets of stems and words of another."""
    stamp = _mark(other, other_first, other_stop, room)
    length = other_stop - other_first
    log_length = math.log(length)
    most = -math.log(1 - settings.kept)
    for place in range(first, stop):
        if room.stems[text.stems[place]] == stamp:
            same_word = room.words[text.words[place]] == stamp
            text.scores[place] = _weight(text, place, same_word, length, log_length, settings)
        else:
            text.scores[place] = min(0.0, text.rates[place, 0] * length - most)


@njit
def _segments(scores, first, stop, drop, least, found):  # type: ignore[no-untyped-def]
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
def _overlap(a, a0, a1, b, b0, b1, length_a, length_b, room, settings):  # type: ignore[no-untyped-def]
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
    stamp = _mark(a, a0, a1, room)
    for place in range(a0, a1):
        a.counts[a.stems[place]] += 1
        whole_a += _weight(a, place, True, length_b, log_b, settings)
    for place in range(b0, b1):
        own = _weight(b, place, True, length_a, log_a, settings)
        whole_b += own
        if a.counts[b.stems[place]] > 0:
            a.counts[b.stems[place]] -= 1
            common += own
            if room.words[b.words[place]] == stamp:
                shared += own
            else:
                shared += _weight(b, place, False, length_a, log_a, settings)
    for place in range(a0, a1):
        a.counts[a.stems[place]] = 0
    return shared, common / max(whole_a, whole_b, 1e-9)


@njit
def _shrink(text, first, stop, other, other_first, other_stop, slack, room, settings):  # type: ignore[no-untyped-def]
    """Cut the stretch of `text` to about the length of the other, where they share most."""
    length = other_stop - other_first
    log_length = math.log(length)
    window = int(slack * length) + 2
    have = text.counts
    want = other.counts
    stamp = _mark(other, other_first, other_stop, room)
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
                shared += _weight(text, place, same_word, length, log_length, settings)
            have[stem] += 1
            left = place - window
            if left >= first:
                stem = text.stems[left]
                have[stem] -= 1
                if have[stem] < want[stem]:
                    same_word = room.words[text.words[left]] == stamp
                    shared -= _weight(text, left, same_word, length, log_length, settings)
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


@njit
def _fit(text, first, stop, other, other_first, other_stop, room, settings):  # type: ignore[no-untyped-def]
    """Fit one side of a box to the other: its new stretch and score; the score is 0 if there is none."""
    margin = max(_LEAST_MARGIN, int(_MARGIN * (other_stop - other_first)))
    first = max(0, first - margin)
    stop = min(text.stems.size, stop + margin)
    _score(text, first, stop, other, other_first, other_stop, room, settings)
    count = _segments(text.scores, first, stop, settings.drop, _INNER_LEAST, room.cuts)
    if count == 0:
        return first, stop, 0.0
    best = 0
    for row in range(count):
        if room.cuts[row, 2] > room.cuts[best, 2]:
            best = row
    first = int(room.cuts[best, 0])
    stop = int(room.cuts[best, 1])
    score = room.cuts[best, 2]
    count = _segments(text.scores, first, stop, _INNER_DROP, _INNER_LEAST, room.cuts)
    if count > 0:
        first = int(room.cuts[0, 0])
        stop = int(room.cuts[count - 1, 1])
    if stop - first > _SLACK * (other_stop - other_first):
        first, stop = _shrink(
            text, first, stop, other, other_first, other_stop, _SLACK, room, settings
        )
    return first, stop, score


@njit
def _settle(a, a0, a1, b, b0, b1, room, settings, boxes, count):  # type: ignore[no-untyped-def]
    """Fit a box until it rests; write it if it is worth it and new.  Returns the number of boxes."""
    score_a = 0.0
    score_b = 0.0
    for _ in range(_ROUNDS):
        to_b0, to_b1, score_b = _fit(b, b0, b1, a, a0, a1, room, settings)
        if score_b == 0.0:
            return count
        to_a0, to_a1, score_a = _fit(a, a0, a1, b, to_b0, to_b1, room, settings)
        if score_a == 0.0:
            return count
        rests = to_a0 == a0 and to_a1 == a1 and to_b0 == b0 and to_b1 == b1
        a0, a1, b0, b1 = to_a0, to_a1, to_b0, to_b1
        if rests:
            break
    shared, coverage = _overlap(a, a0, a1, b, b0, b1, a1 - a0, b1 - b0, room, settings)
    if min(score_a, score_b, shared) < settings.seed or count == boxes.shape[0]:
        return count
    for row in range(count):
        box = boxes[row]
        if box[_A] == a0 and box[_A_END] == a1 and box[_B] == b0 and box[_B_END] == b1:
            return count
    boxes[count, _A] = a0
    boxes[count, _A_END] = a1
    boxes[count, _B] = b0
    boxes[count, _B_END] = b1
    boxes[count, _WEIGHT] = shared
    boxes[count, _COVER] = coverage
    return count + 1


@njit
def _inside(boxes, count, a0, a1, b0, b1):  # type: ignore[no-untyped-def]
    for row in range(count):
        box = boxes[row]
        if box[_A] <= a0 and box[_A_END] >= a1 and box[_B] <= b0 and box[_B_END] >= b1:
            return True
    return False


@njit
def _find_boxes(a, b, room, settings, boxes):  # type: ignore[no-untyped-def]
    """Look for every block of the second text in the first, and back; blocks overlap by half."""
    count = 0
    block = int(settings.block)
    start = 0
    while True:
        stop = min(b.stems.size, start + block)
        _score(a, 0, a.stems.size, b, start, stop, room, settings)
        outer = _segments(a.scores, 0, a.stems.size, settings.drop, settings.seed, room.outer)
        for x in range(outer):
            a0 = int(room.outer[x, 0])
            a1 = int(room.outer[x, 1])
            _score(b, start, stop, a, a0, a1, room, settings)
            middle = _segments(b.scores, start, stop, settings.drop, settings.seed, room.middle)
            for y in range(middle):
                b0 = int(room.middle[y, 0])
                b1 = int(room.middle[y, 1])
                if _inside(boxes, count, a0, a1, b0, b1):
                    continue
                _score(a, a0, a1, b, b0, b1, room, settings)
                least = _RECUT * settings.seed
                inner = _segments(a.scores, a0, a1, settings.drop, least, room.inner)
                for z in range(inner):
                    c0 = int(room.inner[z, 0])
                    c1 = int(room.inner[z, 1])
                    count = _settle(a, c0, c1, b, b0, b1, room, settings, boxes, count)
        if stop == b.stems.size:
            return count
        start += block // 2


@njit
def _common(x, y, side):  # type: ignore[no-untyped-def]
    """Return how many words two boxes have in common on a side; below 0, what lies between them."""
    return min(x[side + 1], y[side + 1]) - max(x[side], y[side])


@njit
def _sort(boxes, count, column, sign):  # type: ignore[no-untyped-def]
    """Sort the rows by a column, stable; they are few and nearly sorted."""
    for row in range(1, count):
        place = row
        while place > 0 and sign * boxes[place, column] < sign * boxes[place - 1, column]:
            for at in range(boxes.shape[1]):
                kept = boxes[place, at]
                boxes[place, at] = boxes[place - 1, at]
                boxes[place - 1, at] = kept
            place -= 1


@njit
def _drop_echoes(boxes, count, settings):  # type: ignore[no-untyped-def]
    """Keep the boxes that may be passages, and of those for one stretch of the first text the heaviest."""
    kept = 0
    for row in range(count):
        box = boxes[row]
        words = min(box[_A_END] - box[_A], box[_B_END] - box[_B])
        heavy = box[_WEIGHT] >= _BOX_STRENGTH * settings.strength
        if heavy and box[_COVER] >= settings.cover and words >= _BOX_WORDS:
            boxes[kept] = box
            kept += 1
    count = kept
    for row in range(count):  # a wide box around several passages is heavier than each, but sparse
        boxes[row, _ORDER] = boxes[row, _WEIGHT] * boxes[row, _COVER]
    _sort(boxes, count, _ORDER, -1)
    kept = 0
    for row in range(count):
        box = boxes[row]
        echo = False
        for heavier in range(kept):
            smaller = min(box[_A_END] - box[_A], boxes[heavier, _A_END] - boxes[heavier, _A])
            if 2 * _common(box, boxes[heavier], _A) > smaller:
                echo = True
                break
        if not echo:
            boxes[kept] = box
            kept += 1
    return kept


@njit
def _belong(x, y, gap):  # type: ignore[no-untyped-def]
    """Whether two boxes are parts of one passage: near in both texts, in the same order, equally far."""
    common_a = _common(x, y, _A)
    common_b = _common(x, y, _B)
    if min(common_a, common_b) < -gap:
        return False
    small_a = min(x[_A_END] - x[_A], y[_A_END] - y[_A])
    small_b = min(x[_B_END] - x[_B], y[_B_END] - y[_B])
    if 2 * common_a > small_a and 2 * common_b > small_b:
        return True
    ahead_a = (y[_A] + y[_A_END] - x[_A] - x[_A_END]) / 2
    ahead_b = (y[_B] + y[_B_END] - x[_B] - x[_B_END]) / 2
    bend = abs(ahead_a - ahead_b)
    return ahead_a * ahead_b > 0 and bend <= gap + _BEND * max(abs(ahead_a), abs(ahead_b))


@njit
def _unite(x, y):  # type: ignore[no-untyped-def]
    """Make the first box the hull of both."""
    x[_A] = min(x[_A], y[_A])
    x[_A_END] = max(x[_A_END], y[_A_END])
    x[_B] = min(x[_B], y[_B])
    x[_B_END] = max(x[_B_END], y[_B_END])


@njit
def _merge_neighbors(boxes, count, gap):  # type: ignore[no-untyped-def]
    """Merge boxes that belong together, until none do; returns how many are left, in order of `a`."""
    _sort(boxes, count, _A, 1)
    row = 0
    while row < count:
        other = row + 1
        while other < count and not _belong(boxes[row], boxes[other], gap):
            other += 1
        if other == count:
            row += 1
            continue
        _unite(boxes[row], boxes[other])
        for place in range(other, count - 1):
            boxes[place] = boxes[place + 1]
        count -= 1
        _sort(boxes, count, _A, 1)
        row = 0
    return count


@njit
def _merge_shuffled(boxes, count, gap):  # type: ignore[no-untyped-def]
    """Merge runs of boxes, neighbors in the first text, that fill one stretch of the second."""
    kept = 0
    first = 0
    while first < count:
        hull = boxes[first].copy()
        found = hull.copy()
        last = first
        filled = hull[_B_END] - hull[_B]
        row = first + 1
        while row < count and boxes[row, _A] - hull[_A_END] <= gap:
            new = boxes[row, _B_END] - boxes[row, _B]
            for earlier in range(first, row):
                new -= max(0.0, _common(boxes[row], boxes[earlier], _B))
            filled += max(0.0, new)
            _unite(hull, boxes[row])
            enough = filled >= _FILLED * (hull[_B_END] - hull[_B])
            if enough and row - first + 1 >= _SHUFFLED:
                found[:] = hull
                last = row
            row += 1
        boxes[kept] = found
        kept += 1
        first = last + 1
    return kept


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
            weight = _weight(a, at, same_word, length, log_length, settings)
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
        total += _weight(a, at_a, same_word, length, log_length, settings)
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
    shared = _overlap(a, a0, a1, b, b0, b1, length_a, length_b, room, settings)[0]
    first, last = _core(chain_a, chain_b, weights, settings)
    c0, c1, d0, d1 = _grow(
        a, chain_a[first], chain_a[last] + 1, b, chain_b[first], chain_b[last] + 1, settings
    )
    if _overlap(a, c0, c1, b, d0, d1, length_a, length_b, room, settings)[0] >= _CHAINED * shared:
        return c0, c1, d0, d1
    c0, c1, d0, d1 = a0, a1, b0, b1
    if length_b > length_a:
        d0, d1 = _shrink(b, b0, b1, a, a0, a1, 1.0, room, settings)
    elif length_a > length_b:
        c0, c1 = _shrink(a, a0, a1, b, b0, b1, 1.0, room, settings)
    if _overlap(a, c0, c1, b, d0, d1, length_a, length_b, room, settings)[0] < _TIGHT * shared:
        c0, c1, d0, d1 = a0, a1, b0, b1
    return _grow(a, c0, c1, b, d0, d1, settings)


@njit
def _finish(a, b, room, settings, boxes, count):  # type: ignore[no-untyped-def]
    """Give every passage its exact ends, measure it, and keep those that are strong enough."""
    kept = 0
    for row in range(count):
        a0, a1 = int(boxes[row, _A]), int(boxes[row, _A_END])
        b0, b1 = int(boxes[row, _B]), int(boxes[row, _B_END])
        chain_a, chain_b, weights, order = _chain(a, a0, a1, b, b0, b1, settings)
        if weights.size == 0:
            continue
        a0, a1, b0, b1 = _tighten(a, a0, a1, b, b0, b1, chain_a, chain_b, weights, room, settings)
        shared, coverage = _overlap(a, a0, a1, b, b0, b1, a1 - a0, b1 - b0, room, settings)
        if shared < settings.strength or min(a1 - a0, b1 - b0) < settings.words:
            continue
        if coverage < settings.dense and coverage + order < settings.agreement:
            continue
        boxes[kept, _A] = a0
        boxes[kept, _A_END] = a1
        boxes[kept, _B] = b0
        boxes[kept, _B_END] = b1
        boxes[kept, _WEIGHT] = shared
        boxes[kept, _COVER] = coverage
        boxes[kept, _ORDER] = order
        kept += 1
    return kept


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
        values: The settings, in the order of :data:`SETTINGS`.
        found: Room for rows of :data:`COLUMNS`; at least 512 of them.

    Returns:
        The pair behind the last one done, and how many rows are written.
    """
    settings = _Settings(
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
    room = _Room(
        np.zeros(2 * longest + 1, np.int64),
        np.zeros(2 * longest + 1, np.int64),
        np.zeros(1, np.int64),
        np.empty((_BOXES, 3), np.float64),
        np.empty((_BOXES, 3), np.float64),
        np.empty((_BOXES, 3), np.float64),
        np.empty((_BOXES, 3), np.float64),
    )
    boxes = np.empty((_BOXES, 7), np.float64)
    written = 0
    for row in range(begin, pairs.shape[0]):
        if written + _BOXES > found.shape[0]:
            return row, written
        a0, a1 = offsets[pairs[row, 0]], offsets[pairs[row, 0] + 1]
        b0, b1 = offsets[pairs[row, 1]], offsets[pairs[row, 1] + 1]
        if min(a1 - a0, b1 - b0) < max(1, settings.words):
            continue
        known = _load(stems, a0, a1, b0, b1, stem_numbers, own_stems)
        _load(words, a0, a1, b0, b1, word_numbers, own_words)
        _rate(stems, words, a0, a1, stem_rates, word_rates, rates[0])
        _rate(stems, words, b0, b1, stem_rates, word_rates, rates[1])
        a = _Text(
            own_stems[0, : a1 - a0],
            own_words[0, : a1 - a0],
            rates[0, : a1 - a0],
            scores[0, : a1 - a0],
            counts[0, : known + 1],
        )
        b = _Text(
            own_stems[1, : b1 - b0],
            own_words[1, : b1 - b0],
            rates[1, : b1 - b0],
            scores[1, : b1 - b0],
            counts[1, : known + 1],
        )
        count = _find_boxes(a, b, room, settings, boxes)
        count = _drop_echoes(boxes, count, settings)
        count = _merge_neighbors(boxes, count, settings.gap)
        count = _merge_shuffled(boxes, count, settings.gap)
        count = _finish(a, b, room, settings, boxes, count)
        _sort(boxes, count, _A, 1)
        for box in range(count):
            found[written, 0] = row
            found[written, 1:] = boxes[box]
            written += 1
    return pairs.shape[0], written
