"""Sentences of two texts side by side, as machine code.

A *bead* is one, two or three sentences of one text that say what one of the other says, or one that the
other text lacks.  The cheapest sequence of beads is found by lengths, as in Gale and Church (1993, "A
program for aligning sentences in bilingual corpora"), and by weights that are known to correspond.

A module of its own, because it is compiled when it is imported for the first time.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["HELD", "OF_A", "OF_B", "align_sentences", "held_by", "misfit_of", "sum_inside"]

#: Beads: sentences of the first text, of the second, and what that costs.  After Gale and Church, who
#: have no three against one.
_MOVES = ((1, 1, 0.0), (1, 2, 2.0), (2, 1, 2.0), (1, 0, 4.5), (0, 1, 4.5), (1, 3, 3.5), (3, 1, 3.5))
OF_A = np.array([move[0] for move in _MOVES])
OF_B = np.array([move[1] for move in _MOVES])
_PENALTIES = np.array([move[2] for move in _MOVES])

#: Variance of a sentence's length by character of its counterpart, and of the shortest; a misfit that
#: costs more than this is as bad as any, for sentences are cut and extended too.
_SPREAD, _LEAST_SPREAD, _MISFIT = 2.5, 25.0, 6.0

#: Weight of a bead below which nothing is known of it: sums of floats do not cancel out.
HELD = 0.01


@njit
def held_by(inside, i, j, di, dj):  # type: ignore[no-untyped-def]
    """Weight of a bead that ends before sentence i and j."""
    return inside[i, j] - inside[i - di, j] - inside[i, j - dj] + inside[i - di, j - dj]


@njit
def misfit_of(lengths_a, lengths_b, i, j, di, dj):  # type: ignore[no-untyped-def]
    """How ill the lengths of a bead fit, at most ``_MISFIT``."""
    x, y = lengths_a[i] - lengths_a[i - di], lengths_b[j] - lengths_b[j - dj]
    return min(_MISFIT, (x - y) ** 2 / (_SPREAD * (x + y) + 2 * _LEAST_SPREAD))


@njit
def sum_inside(n, m, inside):  # type: ignore[no-untyped-def]
    """Sum weights of cells, each at row i + 1 and column j + 1, over rows and columns before."""
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            inside[i, j] += inside[i - 1, j] + inside[i, j - 1] - inside[i - 1, j - 1]


@njit
def align_sentences(n, m, lengths_a, lengths_b, inside, costs, moves):  # type: ignore[no-untyped-def]
    """Find the cheapest beads of n sentences with m; return their cost.

    `lengths_a` and `lengths_b` hold the characters before each sentence and behind the last; `inside`
    holds the weights that correspond, summed over the sentences before i and before j.  `costs` and
    `moves` have room for n + 1 rows of m + 1; `moves` is filled with the bead that ends before i and j.
    """
    for i in range(n + 1):
        for j in range(m + 1):
            least, chosen = 1e9, 0
            if i == 0 and j == 0:
                least = 0.0
            for move in range(OF_A.size):
                di, dj = OF_A[move], OF_B[move]
                if i < di or j < dj:
                    continue
                cost = costs[i - di, j - dj] + _PENALTIES[move]
                if di and dj:
                    cost += misfit_of(lengths_a, lengths_b, i, j, di, dj)
                    held = held_by(inside, i, j, di, dj)
                    if held > HELD:
                        cost -= math.log1p(held)
                if cost < least:
                    least, chosen = cost, move
            costs[i, j], moves[i, j] = least, chosen
    return costs[n, m]
