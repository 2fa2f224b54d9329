"""Where two texts may share a passage, compiled: boxes, each a stretch of one text and one of the other.

A box is found and fitted by looking from one text to the other and back until it rests.  Boxes that belong
together are merged: neighbors in both texts, and the parts of a passage in another order.

After an edit here, `passage_kernels` must be saved as well: Numba's cache looks at no other file.
"""

from __future__ import annotations

from numba import njit

from provenance.verify.passage_scores import (
    A_END,
    B_END,
    COVER,
    ORDER,
    WEIGHT,
    A,
    B,
    find_segments,
    score_stretch,
    shrink_stretch,
    weigh_overlap,
)

__all__ = ["drop_echoes", "find_boxes", "merge_neighbors", "merge_shuffled", "sort_boxes"]

#: How often at most a box is fitted to one text and then to the other.
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


@njit
def _fit(text, first, stop, other, other_first, other_stop, room, settings):  # type: ignore[no-untyped-def]
    """Fit one side of a box to the other: its new stretch and score; the score is 0 if there is none."""
    margin = max(_LEAST_MARGIN, int(_MARGIN * (other_stop - other_first)))
    first = max(0, first - margin)
    stop = min(text.stems.size, stop + margin)
    score_stretch(text, first, stop, other, other_first, other_stop, room, settings)
    count = find_segments(text.scores, first, stop, settings.drop, _INNER_LEAST, room.cuts)
    if count == 0:
        return first, stop, 0.0
    best = 0
    for row in range(count):
        if room.cuts[row, 2] > room.cuts[best, 2]:
            best = row
    first = int(room.cuts[best, 0])
    stop = int(room.cuts[best, 1])
    score = room.cuts[best, 2]
    count = find_segments(text.scores, first, stop, _INNER_DROP, _INNER_LEAST, room.cuts)
    if count > 0:
        first = int(room.cuts[0, 0])
        stop = int(room.cuts[count - 1, 1])
    if stop - first > _SLACK * (other_stop - other_first):
        first, stop = shrink_stretch(
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
    shared, coverage = weigh_overlap(a, a0, a1, b, b0, b1, a1 - a0, b1 - b0, room, settings)
    if min(score_a, score_b, shared) < settings.seed or count == boxes.shape[0]:
        return count
    for row in range(count):
        box = boxes[row]
        if box[A] == a0 and box[A_END] == a1 and box[B] == b0 and box[B_END] == b1:
            return count
    boxes[count, A] = a0
    boxes[count, A_END] = a1
    boxes[count, B] = b0
    boxes[count, B_END] = b1
    boxes[count, WEIGHT] = shared
    boxes[count, COVER] = coverage
    return count + 1


@njit
def _inside(boxes, count, a0, a1, b0, b1):  # type: ignore[no-untyped-def]
    for row in range(count):
        box = boxes[row]
        if box[A] <= a0 and box[A_END] >= a1 and box[B] <= b0 and box[B_END] >= b1:
            return True
    return False


@njit
def find_boxes(a, b, room, settings, boxes):  # type: ignore[no-untyped-def]
    """Look for every block of the second text in the first, and back; blocks overlap by half."""
    count = 0
    block = int(settings.block)
    start = 0
    while True:
        stop = min(b.stems.size, start + block)
        score_stretch(a, 0, a.stems.size, b, start, stop, room, settings)
        outer = find_segments(a.scores, 0, a.stems.size, settings.drop, settings.seed, room.outer)
        for x in range(outer):
            a0 = int(room.outer[x, 0])
            a1 = int(room.outer[x, 1])
            score_stretch(b, start, stop, a, a0, a1, room, settings)
            middle = find_segments(b.scores, start, stop, settings.drop, settings.seed, room.middle)
            for y in range(middle):
                b0 = int(room.middle[y, 0])
                b1 = int(room.middle[y, 1])
                if _inside(boxes, count, a0, a1, b0, b1):
                    continue
                score_stretch(a, a0, a1, b, b0, b1, room, settings)
                least = _RECUT * settings.seed
                inner = find_segments(a.scores, a0, a1, settings.drop, least, room.inner)
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
def sort_boxes(boxes, count, column, sign):  # type: ignore[no-untyped-def]
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
def drop_echoes(boxes, count, settings):  # type: ignore[no-untyped-def]
    """Keep the boxes that may be passages, and of those for one stretch of the first text the heaviest."""
    kept = 0
    for row in range(count):
        box = boxes[row]
        words = min(box[A_END] - box[A], box[B_END] - box[B])
        heavy = box[WEIGHT] >= _BOX_STRENGTH * settings.strength
        if heavy and box[COVER] >= settings.cover and words >= _BOX_WORDS:
            boxes[kept] = box
            kept += 1
    count = kept
    for row in range(count):  # a wide box around several passages is heavier than each, but sparse
        boxes[row, ORDER] = boxes[row, WEIGHT] * boxes[row, COVER]
    sort_boxes(boxes, count, ORDER, -1)
    kept = 0
    for row in range(count):
        box = boxes[row]
        echo = False
        for heavier in range(kept):
            smaller = min(box[A_END] - box[A], boxes[heavier, A_END] - boxes[heavier, A])
            if 2 * _common(box, boxes[heavier], A) > smaller:
                echo = True
                break
        if not echo:
            boxes[kept] = box
            kept += 1
    return kept


@njit
def _belong(x, y, gap):  # type: ignore[no-untyped-def]
    """Whether two boxes are parts of one passage: near in both texts, in the same order, equally far."""
    common_a = _common(x, y, A)
    common_b = _common(x, y, B)
    if min(common_a, common_b) < -gap:
        return False
    small_a = min(x[A_END] - x[A], y[A_END] - y[A])
    small_b = min(x[B_END] - x[B], y[B_END] - y[B])
    if 2 * common_a > small_a and 2 * common_b > small_b:
        return True
    ahead_a = (y[A] + y[A_END] - x[A] - x[A_END]) / 2
    ahead_b = (y[B] + y[B_END] - x[B] - x[B_END]) / 2
    bend = abs(ahead_a - ahead_b)
    return ahead_a * ahead_b > 0 and bend <= gap + _BEND * max(abs(ahead_a), abs(ahead_b))


@njit
def _unite(x, y):  # type: ignore[no-untyped-def]
    """Make the first box the hull of both."""
    x[A] = min(x[A], y[A])
    x[A_END] = max(x[A_END], y[A_END])
    x[B] = min(x[B], y[B])
    x[B_END] = max(x[B_END], y[B_END])


@njit
def merge_neighbors(boxes, count, gap):  # type: ignore[no-untyped-def]
    """Merge boxes that belong together, until none do; returns how many are left, in order of `a`."""
    sort_boxes(boxes, count, A, 1)
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
        sort_boxes(boxes, count, A, 1)
        row = 0
    return count


@njit
def merge_shuffled(boxes, count, gap):  # type: ignore[no-untyped-def]
    """Merge runs of boxes, neighbors in the first text, that fill one stretch of the second."""
    kept = 0
    first = 0
    while first < count:
        hull = boxes[first].copy()
        found = hull.copy()
        last = first
        filled = hull[B_END] - hull[B]
        row = first + 1
        while row < count and boxes[row, A] - hull[A_END] <= gap:
            new = boxes[row, B_END] - boxes[row, B]
            for earlier in range(first, row):
                new -= max(0.0, _common(boxes[row], boxes[earlier], B))
            filled += max(0.0, new)
            _unite(hull, boxes[row])
            enough = filled >= _FILLED * (hull[B_END] - hull[B])
            if enough and row - first + 1 >= _SHUFFLED:
                found[:] = hull
                last = row
            row += 1
        boxes[kept] = found
        kept += 1
        first = last + 1
    return kept
