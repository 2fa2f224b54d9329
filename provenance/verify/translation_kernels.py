"""Order of anchors as machine code: what two texts have in common, and in which sequence.

Two texts share *points*: an anchor at place x of one and at place y of the other, both counted in
characters of English.  A translation keeps the order of its original, so its points lie along a line;
reports of one event share names and numbers in any order.  A *chain* is a sequence of points that
advances in both texts and pays for leaving its diagonal.  What a chain is worth by chance is measured
with the second text turned around or shifted.

A module of its own, because it is compiled when it is imported for the first time.
"""

from __future__ import annotations

import math

import numpy as np
from numba import boolean, float32, int64, njit, types, uint8, uint32, void

from provenance.text.kernels import readonly
from provenance.verify.bead_kernels import (
    HELD,
    OF_A,
    OF_B,
    align_sentences,
    held_by,
    misfit_of,
    sum_inside,
)

__all__ = ["COLUMNS", "KINDS", "align_pairs", "measure_pairs"]

#: Kinds of keys, as :mod:`provenance.sketch.gazetteer` counts them.
KINDS = 8

#: What is measured of a pair; see :func:`measure_pairs`.
COLUMNS = (
    "chain",
    "chance",
    "points",
    "steps",
    "span_a",
    "span_b",
    "jump",
    "missed_numbers_a",
    "met_numbers_a",
    "missed_names_a",
    "met_names_a",
    "missed_numbers_b",
    "met_numbers_b",
    "missed_names_b",
    "met_names_b",
    "in_order",
    "backwards",
    "beads",
    "fit",
    "told_a",
    "told_b",
    "sentences",
    *(f"kind_{kind}" for kind in range(KINDS)),
)
(
    _CHAIN,
    _CHANCE,
    _POINTS,
    _STEPS,
    _SPAN_A,
    _SPAN_B,
    _JUMP,
    _MISSED,
) = range(8)
_IN_ORDER = COLUMNS.index("in_order")
_BACKWARDS, _BEADS, _FIT, _TOLD_A, _TOLD_B, _SENTENCES = range(_IN_ORDER + 1, _IN_ORDER + 7)
_KIND_0 = COLUMNS.index("kind_0")

_OCCURRENCES = 400  # of a key in both texts together, beyond which it is no landmark
_ROOM = 1 << 13  # points before the best of each two words is chosen
_MOST = 400  # points of a chain's ground; the heaviest are kept
_SLACK = 25.0  # characters that a translation may move a word by for free
_GAP, _STEEPEST = 0.012, 5.0  # what leaving the diagonal costs a character, and at most
_INDEX_BITS = 13  # of a point among _ROOM
_EIGHTHS = 8.0  # of a character, in which points are ordered

#: Sentences of a text that are aligned to compare two texts, and to show what corresponds.
_COMPARED, _SHOWN = 60, 400

#: Beads from one with a point within which the lengths of sentences are trusted, how well they must fit,
#: and what is farther than anything.
_NEAR, _FITTING, _FAR = 3, 3.0, 1000

_F32, _I64, _U32, _U8, _BOOL = map(readonly, (float32, int64, uint32, uint8, boolean))
_PAIRS = types.Array(int64, 2, "C", readonly=True)


@njit
def _collect(  # type: ignore[no-untyped-def]
    a, b, keys, weights, factors, places, words, offsets, kinds, scale_a, scale_b, least,
    xs, ys, ws, us, vs, ks,
):  # fmt: skip
    """Write the points of two texts; return how many, and a weight that no chain of them exceeds."""
    i, j = offsets[a], offsets[b]
    end_a, end_b = offsets[a + 1], offsets[b + 1]
    count, bound = 0, 0.0
    while i < end_a and j < end_b:
        if keys[i] < keys[j]:
            i += 1
            continue
        if keys[i] > keys[j]:
            j += 1
            continue
        key = keys[i]
        i2, j2 = i, j
        while i2 < end_a and keys[i2] == key:
            i2 += 1
        while j2 < end_b and keys[j2] == key:
            j2 += 1
        weight = min(weights[i], weights[j])
        if (i2 - i) * (j2 - j) <= _OCCURRENCES:
            # What occurs again and again tells little about order, wherever it stands.
            often = np.float32(1 / math.sqrt(max(i2 - i, j2 - j)))
            top = np.float32(0)
            for u in range(i, i2):
                for v in range(j, j2):
                    worth = weight * min(factors[u], factors[v])
                    if worth > least and count < _ROOM:
                        xs[count], ys[count] = places[u] * scale_a, places[v] * scale_b
                        ws[count], ks[count] = worth * often, kinds[key]
                        us[count], vs[count] = words[u], words[v]
                        top = max(top, worth * often)
                        count += 1
            bound += top * min(i2 - i, j2 - j)
        i, j = i2, j2
    return count, bound


@njit
def _arrange(count, codes, xs, ys, ws, us, vs, ks, ranked, px, py, pw, pu, pv, pk):  # type: ignore[no-untyped-def]
    """Put the best point of each two words in order of advance, the heaviest if too many."""
    for q in range(count):
        codes[q] = np.int64((xs[q] + ys[q]) * _EIGHTHS) << _INDEX_BITS | q
    codes[:count].sort()
    size = 0
    for rank in range(count):
        q = codes[rank] & (_ROOM - 1)
        # Points of two words stand at one place, so they come together.
        at = size - 1
        while (
            at >= 0
            and px[at] + py[at] == xs[q] + ys[q]
            and not (pu[at] == us[q] and pv[at] == vs[q])
        ):
            at -= 1
        if at >= 0 and pu[at] == us[q] and pv[at] == vs[q]:
            if ws[q] > pw[at]:
                pw[at], pk[at] = ws[q], ks[q]
        else:
            px[size], py[size], pw[size] = xs[q], ys[q], ws[q]
            pu[size], pv[size], pk[size] = us[q], vs[q], ks[q]
            size += 1
    if size > _MOST:
        ranked[:size] = pw[:size]
        ranked[:size].sort()
        bar = ranked[size - _MOST]
        kept = 0
        for at in range(size):
            if pw[at] >= bar and kept < _MOST:
                px[kept], py[kept], pw[kept] = px[at], py[at], pw[at]
                pu[kept], pv[kept], pk[kept] = pu[at], pv[at], pk[at]
                kept += 1
        size = kept
    return size


@njit
def _heaviest(size, px, py, pw, pu, pv, sums, tops, backs):  # type: ignore[no-untyped-def]
    """Find the last point of the heaviest chain; `backs` leads from there to its first."""
    best = 0
    for late in range(size):
        x, y, u, v = px[late], py[late], pu[late], pv[late]
        top, back = np.float32(0), -1
        for early in range(late - 1, -1, -1):
            if tops[early] <= top:  # nor does anything before it weigh more
                break
            if sums[early] <= top or pu[early] == u or pv[early] == v:
                continue
            ahead_x, ahead_y = px[early] - x, py[early] - y
            if ahead_x > _SLACK or ahead_y > _SLACK:
                continue
            jump = abs(ahead_y - ahead_x) - np.float32(_SLACK)
            worth = sums[early]
            if jump > 0:
                worth -= min(np.float32(_STEEPEST), jump * np.float32(_GAP))
            if worth > top:
                top, back = worth, early
        sums[late], backs[late] = pw[late] + top, back
        tops[late] = max(sums[late], tops[late - 1] if late else np.float32(0))
        if sums[late] > sums[best]:
            best = late
    return best


@njit
def _by_chance(size, length, codes, px, py, pw, pu, pv, qx, qy, qw, qu, qv, sums, tops, backs):  # type: ignore[no-untyped-def]
    """Weigh the chain as it would be with the second text in three wrong orders."""
    total = np.float32(0)
    turned = np.empty(size, np.float32)
    for order in range(3):
        for at in range(size):
            if order == 0:
                turned[at] = length - py[at]
            elif order == 1:
                turned[at] = (py[at] + length * np.float32(0.37)) % length
            else:
                turned[at] = (length * np.float32(1.5) - py[at]) % length
            codes[at] = np.int64((px[at] + turned[at]) * _EIGHTHS) << _INDEX_BITS | at
        codes[:size].sort()
        for rank in range(size):
            at = codes[rank] & (_ROOM - 1)
            qx[rank], qy[rank], qw[rank] = px[at], turned[at], pw[at]
            qu[rank], qv[rank] = pu[at], pv[at]
        total += sums[_heaviest(size, qx, qy, qw, qu, qv, sums, tops, backs)]
    return total / np.float32(3)


@njit
def _traced(best, px, py, pw, pu, pv, backs, qx, qy, qw, qu, qv):  # type: ignore[no-untyped-def]
    """Copy the chain that ends at `best`, its last point first; return how many points it has."""
    steps, at = 0, best
    while at >= 0:
        qx[steps], qy[steps], qw[steps] = px[at], py[at], pw[at]
        qu[steps], qv[steps] = pu[at], pv[at]
        steps += 1
        at = backs[at]
    return steps


@njit
def _look_for_details(  # type: ignore[no-untyped-def]
    text,
    low,
    high,
    chosen,
    solid_words,
    solid_places,
    solid_weights,
    solid_numbers,
    solid_offsets,
    out,
):
    """Add up the details of a text inside the stretch, numbers missed and met, names missed and met."""
    for solid in range(solid_offsets[text], solid_offsets[text + 1]):
        if solid_places[solid] < low or solid_places[solid] > high:
            continue
        met = False
        for word in chosen:
            met |= word == solid_words[solid]
        out[2 * (not solid_numbers[solid]) + met] += solid_weights[solid]


@njit
def _lengths_before(text, most, starts, ends, offsets, scale, backwards, sums):  # type: ignore[no-untyped-def]
    """Sum the lengths of a text's first sentences, in characters of English; return how many there are."""
    count = min(most, offsets[text + 1] - offsets[text])
    for at in range(count):
        sentence = offsets[text] + (count - 1 - at if backwards else at)
        sums[at + 1] = sums[at] + (ends[sentence] - starts[sentence]) * scale
    return count


@njit
def _enter_chain(a, b, n, m, steps, qx, qy, qw, scale_a, scale_b, ends, offsets, inside):  # type: ignore[no-untyped-def]
    """Sum the weights of a chain over the sentences before which its points stand."""
    inside[: n + 1, : m + 1] = 0
    ends_a = ends[offsets[a] : offsets[a] + n]
    ends_b = ends[offsets[b] : offsets[b] + m]
    for step in range(steps):
        i = np.searchsorted(ends_a, qx[step] / scale_a)
        j = np.searchsorted(ends_b, qy[step] / scale_b)
        if i < n and j < m:
            inside[i + 1, j + 1] += qw[step]
    sum_inside(n, m, inside)


@njit
def _judge_beads(n, m, lengths_a, lengths_b, inside, moves, out):  # type: ignore[no-untyped-def]
    """Measure how well the lengths of beads fit, and what share of each text beads with a point hold."""
    i, j, beads = n, m, 0
    told_a = told_b = fit = 0.0
    while i > 0 or j > 0:
        di, dj = OF_A[moves[i, j]], OF_B[moves[i, j]]
        if di and dj:
            beads += 1
            fit += misfit_of(lengths_a, lengths_b, i, j, di, dj)
            if held_by(inside, i, j, di, dj) > HELD:
                told_a += lengths_a[i] - lengths_a[i - di]
                told_b += lengths_b[j] - lengths_b[j - dj]
        i -= di
        j -= dj
    out[_FIT] = fit / max(beads, 1)
    out[_TOLD_A] = told_a / max(lengths_a[n], 1)
    out[_TOLD_B] = told_b / max(lengths_b[m], 1)


@njit(
    void(
        _PAIRS, _U32, _F32, _F32, _F32, _U32, _I64, _U8, _F32, _F32,
        _U32, _F32, _F32, _BOOL, _I64, _I64, _I64, _I64, float32, float32, float32[:, ::1],
    ),
    nogil=True,
    cache=True,
)  # fmt: skip
def measure_pairs(  # type: ignore[no-untyped-def]
    pairs, keys, weights, factors, places, words, offsets, kinds, lengths, scales,
    solid_words, solid_places, solid_weights, solid_numbers, solid_offsets,
    sentence_starts, sentence_ends, sentence_offsets, least, floor, out,
):  # fmt: skip
    """Measure what pairs of texts have in common, and in which order.

    The columns are those of :class:`~provenance.sketch.anchoring.Anchors` and of
    :class:`~provenance.text.sentences.Sentences`, and the details that
    :func:`~provenance.verify.detail_kernels.weigh_words` found.
    `lengths` are in characters of English, and `scales` are such characters to one of the text.  Points of
    less worth than `least` are left out; of pairs whose chain weighs less than `floor`, only that is measured.

    `out`, float32[P, len(COLUMNS)], is filled in the order of COLUMNS: weight of the chain; mean weight of the
    chains by chance; points; points of the chain; share of each text that the chain spans; mean step off
    the diagonal, in characters of English; weights of details inside the stretch that the other text
    lacks or has, numbers and names, of the first text and of the second; cost of the beads by length
    alone, over the number of sentences, in order and backwards; the same with the points of the chain;
    mean misfit of a bead; share of each text in beads with a point; sentences of the text that has fewer;
    weight of the chain by kind.
    """
    xs, ys, ws = (
        np.empty(_ROOM, np.float32),
        np.empty(_ROOM, np.float32),
        np.empty(_ROOM, np.float32),
    )
    us, vs, ks = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint8)
    px, py, pw = (
        np.empty(_ROOM, np.float32),
        np.empty(_ROOM, np.float32),
        np.empty(_ROOM, np.float32),
    )
    pu, pv, pk = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint8)
    qx, qy, qw = (
        np.empty(_MOST, np.float32),
        np.empty(_MOST, np.float32),
        np.empty(_MOST, np.float32),
    )
    qu, qv = np.empty(_MOST, np.uint32), np.empty(_MOST, np.uint32)
    codes, ranked = np.empty(_ROOM, np.int64), np.empty(_ROOM, np.float32)
    sums, tops, backs = (
        np.empty(_MOST, np.float32),
        np.empty(_MOST, np.float32),
        np.empty(_MOST, np.int64),
    )
    before_a, before_b = np.zeros(_COMPARED + 1), np.zeros(_COMPARED + 1)
    inside = np.zeros((_COMPARED + 1, _COMPARED + 1), np.float32)
    nothing = np.zeros((_COMPARED + 1, _COMPARED + 1), np.float32)
    costs = np.empty((_COMPARED + 1, _COMPARED + 1))
    moves = np.empty((_COMPARED + 1, _COMPARED + 1), np.int8)
    for pair in range(len(pairs)):
        a, b = pairs[pair, 0], pairs[pair, 1]
        scale_a, scale_b = scales[a], scales[b]
        out[pair] = 0
        count, bound = _collect(
            a, b, keys, weights, factors, places, words, offsets, kinds, scale_a, scale_b, least,
            xs, ys, ws, us, vs, ks,
        )  # fmt: skip
        if bound < floor:
            continue
        size = _arrange(count, codes, xs, ys, ws, us, vs, ks, ranked, px, py, pw, pu, pv, pk)
        if not size:
            continue
        best = _heaviest(size, px, py, pw, pu, pv, sums, tops, backs)
        out[pair, _CHAIN] = sums[best]
        if sums[best] < floor:
            continue
        at = best
        while at >= 0:
            out[pair, _KIND_0 + pk[at]] += pw[at]
            at = backs[at]
        steps = _traced(best, px, py, pw, pu, pv, backs, qx, qy, qw, qu, qv)
        jumps = np.float32(0)
        for step in range(1, steps):
            jumps += abs((qx[step] - qy[step]) - (qx[step - 1] - qy[step - 1]))
        first = steps - 1
        out[pair, _POINTS] = size
        out[pair, _STEPS] = steps
        out[pair, _SPAN_A] = (qx[0] - qx[first]) / lengths[a]
        out[pair, _SPAN_B] = (qy[0] - qy[first]) / lengths[b]
        out[pair, _JUMP] = jumps / steps
        details = (solid_words, solid_places, solid_weights, solid_numbers, solid_offsets)
        _look_for_details(
            a, qx[first] / scale_a, qx[0] / scale_a, qu[:steps], *details, out[pair, _MISSED:]
        )
        _look_for_details(
            b, qy[first] / scale_b, qy[0] / scale_b, qv[:steps], *details, out[pair, _MISSED + 4 :]
        )

        shape = (sentence_starts, sentence_ends, sentence_offsets)
        n = _lengths_before(a, _COMPARED, *shape, scale_a, False, before_a)
        m = _lengths_before(b, _COMPARED, *shape, scale_b, True, before_b)
        share = 2 / max(n + m, 1)
        out[pair, _BACKWARDS] = (
            align_sentences(n, m, before_a, before_b, nothing, costs, moves) * share
        )
        m = _lengths_before(b, _COMPARED, *shape, scale_b, False, before_b)
        out[pair, _IN_ORDER] = (
            align_sentences(n, m, before_a, before_b, nothing, costs, moves) * share
        )
        _enter_chain(
            a, b, n, m, steps, qx, qy, qw, scale_a, scale_b, sentence_ends, sentence_offsets, inside
        )
        out[pair, _BEADS] = align_sentences(n, m, before_a, before_b, inside, costs, moves) * share
        out[pair, _SENTENCES] = min(n, m)
        _judge_beads(n, m, before_a, before_b, inside, moves, out[pair])
        out[pair, _CHANCE] = _by_chance(
            size, lengths[b], codes, px, py, pw, pu, pv, qx, qy, qw, qu, qv, sums, tops, backs
        )


@njit
def _trace_beads(n, m, lengths_a, lengths_b, inside, moves, beads, away):  # type: ignore[no-untyped-def]
    """Write the beads in order, and how far each is from one with a point; return how many there are.

    Sentences without a counterpart, and those whose lengths do not go together, are as far as can be, and
    nothing beyond the former is near.
    """
    count, i, j = 0, n, m
    while i > 0 or j > 0:
        i, j, count = i - OF_A[moves[i, j]], j - OF_B[moves[i, j]], count + 1
    i, j = n, m
    for bead in range(count - 1, -1, -1):
        di, dj = OF_A[moves[i, j]], OF_B[moves[i, j]]
        beads[bead, 0], beads[bead, 1], beads[bead, 2], beads[bead, 3] = i - di, i, j - dj, j
        away[bead] = _FAR
        if di and dj and held_by(inside, i, j, di, dj) > HELD:
            away[bead] = 0
        i, j = i - di, j - dj
    for side in range(2):
        steps = _FAR
        for at in range(count):
            bead = count - 1 - at if side else at
            di, dj = beads[bead, 1] - beads[bead, 0], beads[bead, 3] - beads[bead, 2]
            if di == 0 or dj == 0:
                steps = _FAR
                continue
            steps = 0 if away[bead] == 0 else min(steps + 1, _FAR)
            if misfit_of(lengths_a, lengths_b, beads[bead, 1], beads[bead, 3], di, dj) <= _FITTING:
                away[bead] = min(away[bead], steps)
    return count


@njit(
    int64(
        _PAIRS, _U32, _F32, _F32, _F32, _U32, _I64, _U8, _F32,
        _I64, _I64, _I64, _I64, float32, int64[:, ::1],
    ),
    nogil=True,
    cache=True,
)  # fmt: skip
def align_pairs(  # type: ignore[no-untyped-def]
    pairs, keys, weights, factors, places, words, offsets, kinds, scales,
    sentence_starts, sentence_ends, sentence_lines, sentence_offsets, least, out,
):  # fmt: skip
    """Find the passages of two texts that go together, in beads of sentences.

    Takes what :func:`measure_pairs` takes, and the line of each sentence.  `out`, int64[S, 5], is filled as far
    as needed: row of the pair, start and end in the first text, start and end in the second.  Beads of one
    line that follow each other are one passage.  As many rows as the second texts have sentences are enough.

    Returns:
        How many passages there are.
    """
    xs, ys, ws = (
        np.empty(_ROOM, np.float32),
        np.empty(_ROOM, np.float32),
        np.empty(_ROOM, np.float32),
    )
    us, vs, ks = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint8)
    px, py, pw = (
        np.empty(_ROOM, np.float32),
        np.empty(_ROOM, np.float32),
        np.empty(_ROOM, np.float32),
    )
    pu, pv, pk = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint8)
    qx, qy, qw = (
        np.empty(_MOST, np.float32),
        np.empty(_MOST, np.float32),
        np.empty(_MOST, np.float32),
    )
    qu, qv = np.empty(_MOST, np.uint32), np.empty(_MOST, np.uint32)
    codes, ranked = np.empty(_ROOM, np.int64), np.empty(_ROOM, np.float32)
    sums, tops, backs = (
        np.empty(_MOST, np.float32),
        np.empty(_MOST, np.float32),
        np.empty(_MOST, np.int64),
    )
    before_a, before_b = np.zeros(_SHOWN + 1), np.zeros(_SHOWN + 1)
    inside = np.zeros((_SHOWN + 1, _SHOWN + 1), np.float32)
    costs = np.empty((_SHOWN + 1, _SHOWN + 1))
    moves = np.empty((_SHOWN + 1, _SHOWN + 1), np.int8)
    beads, away = np.empty((2 * _SHOWN, 4), np.int64), np.empty(2 * _SHOWN, np.int64)
    rows = 0
    for pair in range(len(pairs)):
        a, b = pairs[pair, 0], pairs[pair, 1]
        scale_a, scale_b = scales[a], scales[b]
        count, _ = _collect(
            a, b, keys, weights, factors, places, words, offsets, kinds, scale_a, scale_b, least,
            xs, ys, ws, us, vs, ks,
        )  # fmt: skip
        size = _arrange(count, codes, xs, ys, ws, us, vs, ks, ranked, px, py, pw, pu, pv, pk)
        if not size:
            continue
        best = _heaviest(size, px, py, pw, pu, pv, sums, tops, backs)
        steps = _traced(best, px, py, pw, pu, pv, backs, qx, qy, qw, qu, qv)
        shape = (sentence_starts, sentence_ends, sentence_offsets)
        n = _lengths_before(a, _SHOWN, *shape, scale_a, False, before_a)
        m = _lengths_before(b, _SHOWN, *shape, scale_b, False, before_b)
        _enter_chain(
            a, b, n, m, steps, qx, qy, qw, scale_a, scale_b, sentence_ends, sentence_offsets, inside
        )
        align_sentences(n, m, before_a, before_b, inside, costs, moves)
        first_a, first_b = sentence_offsets[a], sentence_offsets[b]
        last_i = last_j = -1
        for bead in range(_trace_beads(n, m, before_a, before_b, inside, moves, beads, away)):
            i, end_i, j, end_j = beads[bead]
            if away[bead] > _NEAR:
                continue
            follows = (
                i == last_i
                and j == last_j
                and sentence_lines[first_a + i] == sentence_lines[first_a + i - 1]
                and sentence_lines[first_b + j] == sentence_lines[first_b + j - 1]
            )
            if not follows:
                out[rows, 0] = pair
                out[rows, 1], out[rows, 3] = (
                    sentence_starts[first_a + i],
                    sentence_starts[first_b + j],
                )
                rows += 1
            out[rows - 1, 2] = sentence_ends[first_a + end_i - 1]
            out[rows - 1, 4] = sentence_ends[first_b + end_j - 1]
            last_i, last_j = end_i, end_j
    return rows
