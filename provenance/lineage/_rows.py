"""Texts as rows of weighed keys, two views of them: what texts in one language share, and what all do.

A row is a key of a word of a text.  Every word has a weight, its rarity, and a *salience*: weight times
a term for repetition times a term for standing early, since news tells its event first.

Rarity is the negative logarithm of the share of texts that hold a key.  Where a language has few texts
that share is the key's prior; where it has many, the prior counts as :data:`PRIOR_DOCUMENTS` texts more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from provenance.sketch.anchors import (
    ADDRESS,
    CONCEPT,
    DATE,
    LATIN,
    MONTH,
    NAME,
    NUMBER,
    STEM,
    VALUE,
    WORD,
    YEAR,
    AnchorKeys,
)

__all__ = ["HEAD", "LEAD", "Corpus", "Floats", "Ints", "View", "prepare_corpus"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Documents the prior of a key is worth against a batch's own counts; 15 to 30 do equally well.
PRIOR_DOCUMENTS: Final = 30.0

#: How fast the weight of a word falls with its place, in code points; the first word counts double.
LEAD_DECAY: Final = 250.0

HEAD: Final = 90  #: code points of a headline, where the text begins with one
LEAD: Final = 300  #: code points of a first paragraph

#: Words of a text that say what it is about.
SALIENT: Final = 16

#: Worth of a kind against its rarity, by number of the kind: years and weekdays recur in all news of
#: a week, a Latin word in another script was worth keeping to its writer.
_KIND_WEIGHTS: Final = np.array([1.0, 0.5, 0.9, 0.5, 1.0, 0.9, 1.0, 1.2, 1.0, 1.0, 0.7])

_STEM_VIEW: Final = (NUMBER, DATE, LATIN, ADDRESS, STEM)
_NAME_VIEW: Final = (NUMBER, YEAR, MONTH, DATE, NAME, WORD, LATIN, ADDRESS, CONCEPT)


@attrs.frozen(kw_only=True, eq=False)
class View:
    """N documents of W words with R rows, rows sorted by document and key, no key twice in a document.

    Attributes:
        keys: int64[R], keys numbered from 0.
        key_count: Distinct keys.
        codes: int64[R], ``document * key_count + key``, ascending.
        starts: int64[N+1], rows of document i are ``starts[i]..starts[i+1]``.
        words: int64[R], word of the corpus that holds the key.
        weights: float64[R].
        word_weights: float64[W], weight of the heaviest key.
        salience: float64[W].
        salient: bool[W], whether the word is one of its document's most salient.
        salient_totals: float64[N], salience of these words.
        norms: float64[N], Euclidean norm of the salience.
        head_totals: float64[N], weight of the words of the head.
        lead_totals: float64[N], the same of the lead.
    """

    keys: Ints
    key_count: int
    codes: Ints
    starts: Ints
    words: Ints
    weights: Floats
    word_weights: Floats
    salience: Floats
    salient: Flags
    salient_totals: Floats
    norms: Floats
    head_totals: Floats
    lead_totals: Floats


@attrs.frozen(kw_only=True, eq=False)
class Corpus:
    """All texts.

    Attributes:
        languages: int64[N], number of each text's language, -1 where unknown.
        lengths: int64[N], tokens read.
        positions: int64[W], place of each word's first occurrence.
        stems: View for two texts in one language.
        names: View for two texts in different languages; the same as `stems` where there is but one.
        values: Plain values of each text by kind: numbers, years, months, weekdays, days.
    """

    languages: Ints
    lengths: Ints
    positions: Ints
    stems: View
    names: View
    values: tuple[dict[int, frozenset[int]], ...]

    def same_language(self, pairs: Ints) -> Flags:
        """Tell for each pair of documents whether both are in one known language."""
        first = self.languages[pairs[:, 0]]
        same: Flags = (first == self.languages[pairs[:, 1]]) & (first >= 0)
        return same


def prepare_corpus(anchors: Sequence[AnchorKeys], *, counted_from: int) -> Corpus:
    """Weigh all keys.

    Args:
        anchors: Keys of each text.
        counted_from: Texts of a language from which on its own document frequencies count beside the
            priors; in fewer, a text on other things would change the weights of all.
    """
    names = sorted({a.language for a in anchors if a.language})
    number = {name: i for i, name in enumerate(names)}
    languages = np.array([number.get(a.language, -1) for a in anchors], np.int64)
    words_of = np.array([len(a.positions) for a in anchors], np.int64)
    owners = np.repeat(np.arange(len(anchors), dtype=np.int64), words_of)
    positions = _joined([a.positions for a in anchors], np.int64)
    counts = _joined([a.counts for a in anchors], np.float64)
    boost = (1.0 + np.log(np.maximum(counts, 1.0))) * (
        1.0 + np.exp(-np.maximum(positions, 0) / LEAD_DECAY)
    )

    def view_of(kinds: Sequence[int]) -> View:
        kept = [np.isin(a.kinds, kinds) for a in anchors]
        words = _joined([a.words[k] for a, k in zip(anchors, kept, strict=True)], np.int64)
        words += np.repeat(np.cumsum(words_of) - words_of, [int(k.sum()) for k in kept])
        its_kinds = _joined([a.kinds[k] for a, k in zip(anchors, kept, strict=True)], np.int64)
        priors = _joined([a.priors[k] for a, k in zip(anchors, kept, strict=True)], np.float64)
        raw = _joined([a.keys[k] for a, k in zip(anchors, kept, strict=True)], np.uint64)
        distinct, keys = np.unique(raw, return_inverse=True)
        # One row a key and document: the earliest word that holds it.
        key_count = max(1, len(distinct))
        codes = owners[words] * key_count + keys
        rows = np.argsort(codes, kind="stable")
        rows = rows[_firsts(codes[rows])]
        codes, words = codes[rows], words[rows]
        shares = _shares(codes, priors[rows], languages, key_count, counted_from)
        weights = np.maximum(-np.log(shares), 0.0) * _KIND_WEIGHTS[its_kinds[rows]]
        return _view(codes, key_count, words, weights, owners, positions, boost, len(anchors))

    stems = view_of(_STEM_VIEW)
    one_language = len(names) == 1 and bool((languages >= 0).all())
    return Corpus(
        languages=languages,
        lengths=np.array([a.length for a in anchors], np.int64),
        positions=positions,
        stems=stems,
        names=stems if one_language else view_of(_NAME_VIEW),
        values=tuple(_values(a) for a in anchors),
    )


def _joined(parts: Sequence[npt.NDArray[Any]], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.concatenate(parts).astype(dtype) if parts else np.empty(0, dtype)


def _firsts(ordered: npt.NDArray[Any]) -> Flags:
    """Mark the first of each run of equal values."""
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return first


def _values(anchors: AnchorKeys) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {kind: set() for kind in range(DATE + 1)}
    some = anchors.kinds <= DATE
    for kind, key in zip(anchors.kinds[some].tolist(), anchors.keys[some].tolist(), strict=True):
        found[kind].add(key & VALUE)
    return {kind: frozenset(values) for kind, values in found.items()}


def _shares(
    codes: Ints, priors: Floats, languages: Ints, key_count: int, counted_from: int
) -> Floats:
    """Share of the texts of a row's language that hold its key."""
    pool = languages[codes // key_count] + 1
    total = np.bincount(languages + 1)[pool]
    counted = total >= counted_from
    shares = priors.copy()
    if counted.any():
        held = pool[counted] * key_count + codes[counted] % key_count
        _, place, frequency = np.unique(held, return_inverse=True, return_counts=True)
        shares[counted] = (frequency[place] + PRIOR_DOCUMENTS * priors[counted]) / (
            total[counted] + PRIOR_DOCUMENTS
        )
    return shares


def _view(
    codes: Ints,
    key_count: int,
    words: Ints,
    weights: Floats,
    owners: Ints,
    positions: Ints,
    boost: Floats,
    size: int,
) -> View:
    word_weights = np.zeros(len(owners))
    np.maximum.at(word_weights, words, weights)
    salience = word_weights * boost
    # The most salient words of each document first; ties by place.
    order = np.lexsort((positions, -salience, owners))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(owners, np.arange(size))[owners[order]]
    salient = (rank < SALIENT) & (salience > 0)

    def total(values: Floats) -> Floats:
        return np.bincount(owners, values, minlength=size).astype(np.float64)

    return View(
        keys=codes % key_count,
        key_count=key_count,
        codes=codes,
        starts=np.searchsorted(codes // key_count, np.arange(size + 1)),
        words=words,
        weights=weights,
        word_weights=word_weights,
        salience=salience,
        salient=salient,
        salient_totals=total(salience * salient),
        norms=np.sqrt(total(salience**2)),
        head_totals=total(word_weights * (positions < HEAD)),
        lead_totals=total(word_weights * (positions < LEAD)),
    )
