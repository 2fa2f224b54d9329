"""How much of what each of two texts is about is found in the other.

Two reports of one event share their most salient words whatever else they say.  Shares of salience ask
exactly that; sums and cosines, which ask how much is shared in total, rank pairs worse.

Two texts in one language are compared by stems, two in different languages by names, numbers and dates;
many pairs at once, on the rows of :mod:`provenance.lineage._rows`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from provenance.lineage._rows import HEAD, LEAD, Corpus, Floats, Ints, View
from provenance.sketch.anchors import DATE, MONTH, NUMBER, YEAR

__all__ = ["FEATURES", "measure_features"]

#: Shared keys lighter than this are chance.
MIN_WEIGHT: Final = 1.2

#: Rows looked up at once, so that memory stays bounded however many pairs there are.
CHUNK: Final = 1 << 21

FEATURES: Final = (
    "salient",  # share of the salience of both texts' most salient words that is matched
    "salient_max",  # the same of the text that has the larger share
    "salient_min",
    "cosine",
    "head",  # share of the weight of the head found in the other text, larger of the two
    "lead",
    "heavy",  # sum of the eight heaviest matches
    "numbers_apart",  # numbers only one has and numbers only the other has
    "days_apart",  # both name days of a month, none of them shared
    "months_shared",
    "months_apart",
    "years_apart",
    "length",  # logarithm of the tokens of the shorter text
)


def measure_features(corpus: Corpus, pairs: Ints) -> Floats:
    """Return float64[P, F], the :data:`FEATURES` of each pair of document numbers."""
    out = np.zeros((len(pairs), len(FEATURES)))
    if not len(pairs):
        return out
    same = corpus.same_language(pairs)
    for view, chosen in (
        (corpus.stems, np.flatnonzero(same)),
        (corpus.names, np.flatnonzero(~same)),
    ):
        rows = (view.starts[1:] - view.starts[:-1])[pairs[chosen, 0]]
        chunk = np.cumsum(rows) // CHUNK
        for part in np.unique(chunk):
            some = chosen[chunk == part]
            out[some] = _shares(corpus, view, pairs[some])
    return out


def _shared_rows(view: View, pairs: Ints) -> tuple[Ints, Ints, Ints]:
    """Keys that both texts of a pair hold: pair, row of the first text, row of the second."""
    a, b = pairs[:, 0], pairs[:, 1]
    sizes = view.starts[a + 1] - view.starts[a]
    pair = np.repeat(np.arange(len(pairs)), sizes)
    offset = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    row = np.repeat(view.starts[a], sizes) + offset
    wanted = b[pair] * view.key_count + view.keys[row]
    other = np.minimum(np.searchsorted(view.codes, wanted), len(view.codes) - 1)
    hit = view.codes[other] == wanted
    return pair[hit], row[hit], other[hit]


def _matches(view: View, pairs: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """One-to-one matches of words: pair, word of a, word of b, weight."""
    pair, row, other = _shared_rows(view, pairs)
    weight = np.minimum(view.weights[row], view.weights[other])
    heavy = weight >= MIN_WEIGHT
    pair, row, other, weight = pair[heavy], row[heavy], other[heavy], weight[heavy]
    one, two = view.words[row], view.words[other]
    kept = _heaviest(pair, one, two, weight)
    pair, one, two, weight = pair[kept], one[kept], two[kept], weight[kept]
    kept = _heaviest(pair, two, one, weight)
    return pair[kept], one[kept], two[kept], weight[kept]


def _heaviest(pair: Ints, word: Ints, partner: Ints, weight: Floats) -> Ints:
    """Rows of the heaviest match of each word of each pair; ties by the partner's place."""
    order = np.lexsort((partner, -weight, word, pair))
    first = np.ones(len(order), bool)
    first[1:] = (pair[order][1:] != pair[order][:-1]) | (word[order][1:] != word[order][:-1])
    return order[first]


def _shares(corpus: Corpus, view: View, pairs: Ints) -> Floats:
    pair, one, two, weight = _matches(view, pairs)
    n = len(pairs)
    a, b = pairs[:, 0], pairs[:, 1]

    def total(values: Floats) -> Floats:
        return np.bincount(pair, values, minlength=n).astype(np.float64)

    sa = total(view.salience[one] * view.salient[one])
    sb = total(view.salience[two] * view.salient[two])
    ta, tb = view.salient_totals[a], view.salient_totals[b]
    share_a, share_b = sa / (ta + 1e-9), sb / (tb + 1e-9)
    cosine = total(view.salience[one] * view.salience[two]) / (view.norms[a] * view.norms[b] + 1e-9)
    found = []
    for until, totals in ((HEAD, view.head_totals), (LEAD, view.lead_totals)):
        of_a = total(view.word_weights[one] * (corpus.positions[one] < until)) / (totals[a] + 3.0)
        of_b = total(view.word_weights[two] * (corpus.positions[two] < until)) / (totals[b] + 3.0)
        found.append(np.maximum(of_a, of_b))
    order = np.lexsort((-weight, pair))
    rank = np.arange(len(order)) - np.searchsorted(pair[order], np.arange(n))[pair[order]]
    eight = order[rank < 8]
    heavy = np.bincount(pair[eight], weight[eight], minlength=n)
    return np.column_stack(
        [
            (sa + sb) / (ta + tb + 1e-9),
            np.maximum(share_a, share_b),
            np.minimum(share_a, share_b),
            cosine,
            *found,
            heavy,
            np.array(
                [_value_features(corpus.values[x], corpus.values[y]) for x, y in pairs.tolist()]
            ),
            np.log(np.minimum(corpus.lengths[a], corpus.lengths[b]) + 5.0),
        ]
    )


def _value_features(a: dict[int, frozenset[int]], b: dict[int, frozenset[int]]) -> list[float]:
    numbers_a, numbers_b = a[NUMBER], b[NUMBER]
    apart = len(numbers_a - numbers_b) * len(numbers_b - numbers_a)
    shared = a[MONTH] & b[MONTH]
    return [
        apart / (len(numbers_a | numbers_b) + 1.0) ** 2,
        _disagree(a[DATE], b[DATE]),
        min(2.0, len(shared)),
        _disagree(a[MONTH], b[MONTH]),
        _disagree(a[YEAR], b[YEAR]),
    ]


def _disagree(a: frozenset[int], b: frozenset[int]) -> float:
    return float(bool(a) and bool(b) and not a & b)
