"""How much of what each of two texts is about is found in the other.

Two reports of one event share their most salient words whatever else they say.  Shares of salience ask
exactly that; sums and cosines, which ask how much is shared in total, rank pairs worse.

Two texts in one language are compared by stems, two in different languages by anchors and
meanings; on the rows of :mod:`provenance.lineage._rows`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from provenance.lineage._rows import HEAD, LEAD, MIN_WEIGHT, Corpus, Floats, Ints
from provenance.sketch.figures import DAY, MONTH, NUMBER

__all__ = ["FEATURES", "measure_features"]

_WORDS: Final = (
    "salient",  # share of the salience of both texts' most salient words that is matched
    "salient_max",  # the same of the text that has the larger share
    "salient_min",
    "cosine",
    "head",  # share of the weight of the head found in the other text, larger of the two
    "lead",
    "heavy",  # sum of the eight heaviest matches
)

FEATURES: Final = (
    *_WORDS,
    "meant",  # cosine of meanings
    "numbers_apart",  # numbers only one has and numbers only the other has
    "months_shared",
    "months_apart",  # both name months, none of them shared
    "length",  # logarithm of the tokens of the shorter text
)


def measure_features(corpus: Corpus, pairs: Ints) -> Floats:
    """Return float64[P, F], the :data:`FEATURES` of each pair of document numbers."""
    from provenance.lineage._row_kernels import compare_words, cosines

    pairs = np.ascontiguousarray(pairs, np.int64).reshape(-1, 2)
    words = np.zeros((len(pairs), len(_WORDS)))
    same = corpus.same_language(pairs)
    for view, chosen in ((corpus.stems, same), (corpus.names, ~same)):
        found = np.zeros((int(chosen.sum()), len(_WORDS)))
        compare_words(
            pairs[chosen],
            view.starts,
            view.keys,
            view.weights,
            view.words,
            view.word_starts,
            view.masses,
            view.salience,
            view.salient,
            view.places,
            view.salient_totals,
            view.norms,
            view.head_totals,
            view.lead_totals,
            HEAD,
            LEAD,
            MIN_WEIGHT,
            found,
        )
        words[chosen] = found
    meant = np.zeros(len(pairs))
    its = corpus.meant
    cosines(pairs, its.starts, its.keys, its.weights, its.norms, meant)
    shorter = corpus.lengths[pairs].min(axis=1)
    return np.column_stack([words, meant, *_value_features(corpus, pairs), np.log(shorter + 5.0)])


def _value_features(corpus: Corpus, pairs: Ints) -> tuple[Floats, ...]:
    from provenance.lineage._row_kernels import compare_values

    figures = corpus.figures
    counts = np.zeros((len(pairs), DAY >> 16, 3))
    compare_values(pairs, figures.offsets, figures.values, counts)
    numbers, months = counts[:, NUMBER >> 16], counts[:, MONTH >> 16]
    return (
        numbers[:, 0] * numbers[:, 1] / (numbers.sum(axis=1) + 1.0) ** 2,
        np.minimum(2.0, months[:, 2]),
        ((months[:, 2] == 0) & (months[:, :2].min(axis=1) > 0)).astype(np.float64),
    )
