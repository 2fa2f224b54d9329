"""How much of what each of two texts is about is found in the other.

Each word of a text has a weight (its rarity), and a *salience*: weight times a term for repetition times
a term for standing early.  News tells its event first, so two reports of one event share their most
salient words whatever else they say.  Shares of salience ask exactly that; sums and cosines, which ask
how much is shared in total, rank pairs worse.

Two texts in one language are compared by stems, two in different languages by names, numbers and dates.
All of it runs on arrays, many pairs at once: a row is a key of a word of a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from provenance.sketch.anchors import (
    ADDRESS,
    DATE,
    LATIN,
    MONTH,
    NAME,
    NUMBER,
    STEM,
    VALUE,
    WEEKDAY,
    WORD,
    YEAR,
    AnchorKeys,
)

__all__ = ["FEATURES", "Corpus", "measure_features", "prepare_corpus"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Documents the prior of a key is worth against a batch's own counts.
PRIOR_DOCUMENTS: Final = 30.0

#: How fast the weight of a word falls with its place, in code points; the first word counts double.
LEAD_DECAY: Final = 250.0

HEAD: Final = 90  #: code points of a headline, where the text begins with one
LEAD: Final = 300  #: code points of a first paragraph

#: Shared keys lighter than this are chance.
MIN_WEIGHT: Final = 1.2

#: Words of each text that say what it is about.
SALIENT: Final = 16

#: Rows looked up at once, so that memory stays bounded however many pairs there are.
CHUNK: Final = 1 << 21

#: Worth of a kind against its rarity.
_KIND_WEIGHTS: Final = np.array([1.0, 0.5, 0.9, 0.5, 1.0, 0.9, 1.0, 1.2, 1.0, 1.0])

_STEM_VIEW: Final = (NUMBER, DATE, LATIN, ADDRESS, STEM)
_NAME_VIEW: Final = (NUMBER, YEAR, MONTH, DATE, NAME, WORD, LATIN, ADDRESS)

FEATURES: Final = (
    "salient",  # share of the salience of both texts' most salient words that is matched
    "salient_max",  # the same of the text that has the larger share
    "salient_min",
    "cosine",
    "head",  # share of the weight of the head found in the other text, larger of the two
    "lead",
    "heavy",  # sum of the eight heaviest matches
    "numbers_apart",  # numbers only one has and numbers only the other has
    "days_shared",
    "days_apart",  # days named in both, none of them shared
    "months_shared",
    "months_apart",
    "weekdays_shared",
    "years_apart",
    "length",  # logarithm of the tokens of the shorter text
)


@attrs.frozen(kw_only=True, eq=False)
class View:
    """The rows of some kinds, sorted by document and key, one row a key."""

    codes: npt.NDArray[np.uint64]
    starts: Ints
    keys: Ints
    words: Ints
    weights: Floats
    word_weights: Floats
    salience: Floats
    salient: npt.NDArray[np.bool_]
    salient_total: Floats
    norms: Floats
    head_totals: Floats
    lead_totals: Floats


@attrs.frozen(kw_only=True, eq=False)
class Corpus:
    """The keys of all texts, weighed.

    Attributes:
        languages: int64[N], number of each text's language, -1 where unknown.
        stems: View for two texts in one language.
        names: View for two texts in different languages.
    """

    languages: Ints
    lengths: Ints
    key_count: int
    positions: Ints
    stems: View
    names: View
    values: tuple[dict[int, frozenset[int]], ...]

    def same_language(self, pairs: Ints) -> npt.NDArray[np.bool_]:
        """Tell for each pair of documents whether both are in one known language."""
        first = self.languages[pairs[:, 0]]
        same: npt.NDArray[np.bool_] = (first == self.languages[pairs[:, 1]]) & (first >= 0)
        return same


def prepare_corpus(anchors: Sequence[AnchorKeys], *, counted_from: int) -> Corpus:
    """Weigh all keys.

    Args:
        anchors: Keys of each text.
        counted_from: Texts of a language from which on its own document frequencies count beside the
            priors; in fewer, a text on other things would change the weights of all.
    """
    sizes = np.array([len(a.keys) for a in anchors], np.int64)
    words_of = np.array([len(a.positions) for a in anchors], np.int64)
    documents = np.repeat(np.arange(len(anchors), dtype=np.int64), sizes)
    first_word = np.concatenate([[0], np.cumsum(words_of)]).astype(np.int64)
    raw = _joined([a.keys for a in anchors], np.uint64)
    kinds = _joined([a.kinds for a in anchors], np.uint8).astype(np.int64)
    priors = _joined([a.priors for a in anchors], np.float32).astype(np.float64)
    words = _joined([a.words for a in anchors], np.int32).astype(np.int64)
    words += np.repeat(first_word[:-1], sizes)
    positions = _joined([a.positions for a in anchors], np.int64)
    counts = _joined([a.counts for a in anchors], np.int32).astype(np.float64)
    names = sorted({a.language for a in anchors if a.language})
    number = {name: i for i, name in enumerate(names)}
    languages = np.array([number.get(a.language, -1) for a in anchors], np.int64)

    distinct, keys = np.unique(raw, return_inverse=True)
    keys = keys.astype(np.int64)
    idf = -np.log(priors)
    pool = languages[documents] + 1
    total = np.bincount(languages + 1, minlength=len(names) + 1)[pool]
    counted = total >= counted_from
    if counted.any():
        code = pool * len(distinct) + keys
        # A key counts once a document, however many words carry it.
        once = np.unique(np.stack([code[counted], documents[counted]]), axis=1)[0]
        found, frequency = np.unique(once, return_counts=True)
        df = frequency[np.searchsorted(found, code[counted])]
        idf[counted] = -np.log(
            (df + PRIOR_DOCUMENTS * priors[counted]) / (total[counted] + PRIOR_DOCUMENTS)
        )
    weights = np.maximum(idf, 0.0) * _KIND_WEIGHTS[kinds]

    word_documents = np.repeat(np.arange(len(anchors), dtype=np.int64), words_of)
    boost = (1.0 + np.log(np.maximum(counts, 1.0))) * (
        1.0 + np.exp(-np.maximum(positions, 0) / LEAD_DECAY)
    )
    views = [
        _view(
            kept, documents, keys, words, weights, word_documents, positions, boost, len(distinct)
        )
        for kept in (np.isin(kinds, _STEM_VIEW), np.isin(kinds, _NAME_VIEW))
    ]
    return Corpus(
        languages=languages,
        lengths=np.array([a.length for a in anchors], np.int64),
        key_count=len(distinct),
        positions=positions,
        stems=views[0],
        names=views[1],
        values=tuple(_values(a) for a in anchors),
    )


def _joined(parts: Sequence[npt.NDArray[np.generic]], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, dtype)


def _values(anchors: AnchorKeys) -> dict[int, frozenset[int]]:
    """Plain values by kind: numbers, days, months, weekdays, years."""
    return {
        kind: frozenset((anchors.keys[anchors.kinds == kind] & np.uint64(VALUE)).tolist())
        for kind in (NUMBER, DATE, MONTH, WEEKDAY, YEAR)
    }


def _view(
    kept: npt.NDArray[np.bool_],
    documents: Ints,
    keys: Ints,
    words: Ints,
    weights: Floats,
    word_documents: Ints,
    positions: Ints,
    boost: Floats,
    key_count: int,
) -> View:
    n = int(word_documents[-1]) + 1 if len(word_documents) else 0
    n = max(n, int(documents.max()) + 1 if len(documents) else 0)
    word_weights = np.zeros(len(word_documents))
    np.maximum.at(word_weights, words[kept], weights[kept])
    salience = word_weights * boost
    # Most salient words of each document first; ties by place.
    order = np.lexsort((positions, -salience, word_documents))
    firsts = np.searchsorted(word_documents, np.arange(n + 1))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - firsts[word_documents[order]]
    salient = (rank < SALIENT) & (salience > 0)

    def total(values: Floats, where: npt.NDArray[np.bool_]) -> Floats:
        return np.bincount(word_documents[where], values[where], minlength=n).astype(np.float64)

    everywhere = np.ones(len(salience), bool)
    # One row a key and document: the one whose word is most salient.
    rows = np.flatnonzero(kept)
    rows = rows[np.lexsort((-salience[words[rows]], keys[rows], documents[rows]))]
    code = documents[rows].astype(np.uint64) * np.uint64(max(1, key_count)) + keys[rows].astype(
        np.uint64
    )
    first = np.ones(len(rows), bool)
    first[1:] = code[1:] != code[:-1]
    rows, code = rows[first], code[first]
    return View(
        codes=code,
        starts=np.searchsorted(documents[rows], np.arange(n + 1)),
        keys=keys[rows],
        words=words[rows],
        weights=weights[rows],
        word_weights=word_weights,
        salience=salience,
        salient=salient,
        salient_total=total(salience, salient),
        norms=np.sqrt(total(salience**2, everywhere)),
        head_totals=total(word_weights, positions < HEAD),
        lead_totals=total(word_weights, positions < LEAD),
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


def _matches(corpus: Corpus, view: View, pairs: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """One-to-one matches of words: pair, word of a, word of b, weight."""
    a, b = pairs[:, 0], pairs[:, 1]
    sizes = view.starts[a + 1] - view.starts[a]
    pair = np.repeat(np.arange(len(pairs)), sizes)
    offset = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    row = np.repeat(view.starts[a], sizes) + offset
    wanted = b[pair].astype(np.uint64) * np.uint64(max(1, corpus.key_count)) + view.keys[
        row
    ].astype(np.uint64)
    other = np.minimum(np.searchsorted(view.codes, wanted), len(view.codes) - 1)
    weight = np.minimum(view.weights[row], view.weights[other])
    hit = (view.codes[other] == wanted) & (weight >= MIN_WEIGHT)
    pair, row, other, weight = pair[hit], row[hit], other[hit], weight[hit]
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
    pair, one, two, weight = _matches(corpus, view, pairs)
    n = len(pairs)
    a, b = pairs[:, 0], pairs[:, 1]

    def total(values: Floats) -> Floats:
        return np.bincount(pair, values, minlength=n).astype(np.float64)

    sa = total(view.salience[one] * view.salient[one])
    sb = total(view.salience[two] * view.salient[two])
    ta, tb = view.salient_total[a], view.salient_total[b]
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
    out = [apart / (len(numbers_a | numbers_b) + 1.0) ** 2]
    for kind in (DATE, MONTH):
        shared = len(a[kind] & b[kind])
        out += [min(2.0, shared), float(bool(a[kind]) and bool(b[kind]) and not shared)]
    out.append(float(bool(a[WEEKDAY] & b[WEEKDAY])))
    out.append(float(bool(a[YEAR]) and bool(b[YEAR]) and not a[YEAR] & b[YEAR]))
    return out
