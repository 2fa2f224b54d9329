"""Texts as rows of weighed keys: what texts in one language share, and what all do.

A row is a key of a word of a text.  Every word has a weight, its rarity, and a *salience*: weight times
a term for repetition times a term for standing early, since news tells its event first.

Three views: stems, for two texts in one language; anchors, for two in different ones; and meanings, which
every language shares but which say little.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from provenance.sketch.anchoring import Anchors
from provenance.sketch.figures import Figures
from provenance.sketch.gazetteer import DELETION, KIND_BITS, NUMBER, SKELETON, key_of
from provenance.sketch.meanings import meanings_of
from provenance.sketch.wording import Wording
from provenance.text.stems import language_group

__all__ = ["HEAD", "LEAD", "MIN_WEIGHT", "Corpus", "Floats", "Ints", "View", "prepare_corpus"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Keys lighter than this are shared by chance: a third of all texts hold them.
MIN_WEIGHT: Final = 1.2

#: Code points read.  News tells its event first; more text adds background that other events share.
LIMIT: Final = 2_500

#: How fast the weight of a word falls with its place, in code points; the first word counts double.
LEAD_DECAY: Final = 250.0

HEAD: Final = 90  #: code points of a headline, where the text begins with one
LEAD: Final = 300  #: code points of a first paragraph

#: Words of a text that say what it is about.
SALIENT: Final = 16

#: Texts that what is believed of a key counts for; 15 to 60 do equally well.
_PRIOR_TEXTS: Final = 30.0

#: Share of texts believed to have a meaning.
_MEANT: Final = 0.05

#: Share of texts expected to hold an anchor, by kind: number, place, month or weekday, unit, letters of a
#: name, consonants of one (three of them; each further makes it rarer by the exponent), these with one left
#: out, in coarse classes.  No anchor is rarer than the last.
_EXPECTED: Final = (0.02, 0.05, 0.1, 0.2, 0.01, 0.12, 0.25, 0.2)
_RARER: Final = 1.1
_RAREST: Final = 0.0015
_SHORT_NUMBERS: Final = (0.3,) * 10 + (0.1,) * 90 + (0.03,) * 900


@attrs.frozen(kw_only=True, eq=False)
class View:
    """N documents of W words with R rows, rows sorted by document and key.

    Attributes:
        starts: int64[N+1], rows of document i are ``starts[i]..starts[i+1]``.
        keys: uint32[R], keys numbered from 0.
        key_count: Keys.
        weights: float32[R].
        words: int32[R], number of the word that holds the key, in its document.
        word_starts: int64[N+1], words of each document.
        masses: float32[W], weight of the heaviest key.
        salience: float32[W].
        salient: bool[W], whether the word is one of its document's most salient.
        places: float32[W], place of each word's first occurrence.
        salient_totals: float64[N], salience of these words.
        norms: float64[N], Euclidean norm of the salience.
        head_totals: float64[N], weight of the words of the head.
        lead_totals: float64[N], the same of the lead.
    """

    starts: Ints
    keys: npt.NDArray[np.uint32]
    key_count: int
    weights: npt.NDArray[np.float32]
    words: npt.NDArray[np.int32]
    word_starts: Ints
    masses: npt.NDArray[np.float32]
    salience: npt.NDArray[np.float32]
    salient: Flags
    places: npt.NDArray[np.float32]
    salient_totals: Floats
    norms: Floats
    head_totals: Floats
    lead_totals: Floats

    def row_words(self) -> Ints:
        """int64[R]: number of each row's word among all."""
        return np.repeat(self.word_starts[:-1], np.diff(self.starts)) + self.words


@attrs.frozen(kw_only=True, eq=False)
class Meant:
    """Weighed meanings of N documents, sorted by document and meaning."""

    starts: Ints
    keys: npt.NDArray[np.uint16]
    weights: npt.NDArray[np.float32]
    norms: Floats


@attrs.frozen(kw_only=True, eq=False)
class Corpus:
    """All texts.

    Attributes:
        languages: int64[N], number of each text's language, -1 where unknown.
        lengths: int64[N], tokens read.
        stems: View for two texts in one language.
        names: View for two texts in different languages; the same as `stems` without anchors.
        meant: What the words of both mean.
        figures: Plain values of each text.
    """

    languages: Ints
    lengths: Ints
    stems: View
    names: View
    meant: Meant
    figures: Figures

    def same_language(self, pairs: Ints) -> Flags:
        """Tell for each pair of documents whether both are in one known language."""
        first = self.languages[pairs[:, 0]]
        same: Flags = (first == self.languages[pairs[:, 1]]) & (first >= 0)
        return same


def prepare_corpus(
    languages: Sequence[str],
    wording: Wording,
    anchors: Anchors | None,
    figures: Figures,
    *,
    counted_from: int,
) -> Corpus:
    """Weigh all keys.

    Args:
        languages: BCP 47 tag of each text.
        wording: Their stems.
        anchors: Their anchors, nothing if all are in one language.
        figures: Their values.
        counted_from: Texts of a language from which on its own frequencies count beside the priors; in
            fewer, a text on other things would change the weights of all.
    """
    groups = [language_group(language) for language in languages]
    number = {name: i if name else -1 for i, name in enumerate(sorted(set(groups)))}
    stems, lengths = _stem_view(wording)
    return Corpus(
        languages=np.array([number[group] for group in groups], np.int64),
        lengths=lengths,
        stems=stems,
        names=_name_view(anchors, wording, counted_from) if anchors else stems,
        meant=_meant(wording, stems, groups, counted_from),
        figures=figures,
    )


def _stem_view(wording: Wording) -> tuple[View, Ints]:
    from provenance.lineage._row_kernels import gather_keys

    starts, keys, words, places, counts, lengths = gather_keys(
        wording.stems, wording.starts, wording.offsets, wording.weights, LIMIT, MIN_WEIGHT
    )
    weights = wording.weights[keys]
    masses = np.empty_like(weights)
    masses[words + np.repeat(starts[:-1], np.diff(starts))] = weights
    view = _view(starts, keys, len(wording.weights), weights, words, starts, masses, places, counts)
    return view, lengths


def _name_view(anchors: Anchors, wording: Wording, counted_from: int) -> View:
    from provenance.lineage._row_kernels import gather_names

    owners = np.repeat(np.arange(len(anchors.lengths)), np.diff(anchors.offsets))
    kinds = (anchors.values >> np.uint64(KIND_BITS)).astype(np.int64)[anchors.keys]
    weights = (
        anchors.factors * _rarity(anchors, counted_from)[anchors.tongues[owners], anchors.keys]
    )
    weak = (kinds == DELETION) | (weights < MIN_WEIGHT) | _common(anchors, wording, owners)
    weights[weak] = 0
    starts, keys, words, weights, word_starts, places, counts = gather_names(
        anchors.offsets,
        anchors.keys,
        weights,
        anchors.places,
        anchors.words,
        LIMIT,
        np.full(len(anchors.values), -1, np.int64),
    )
    masses = np.zeros(len(places), np.float32)
    np.maximum.at(masses, words + np.repeat(word_starts[:-1], np.diff(starts)), weights)
    return _view(
        starts, keys, len(anchors.values), weights, words, word_starts, masses, places, counts
    )


def _rarity(anchors: Anchors, counted_from: int) -> npt.NDArray[np.float32]:
    """float32[L, K]: weight of each anchor in each language."""
    from provenance.lineage._row_kernels import count_texts

    held = np.zeros((len(anchors.languages), len(anchors.values)), np.int32)
    count_texts(anchors.offsets, anchors.keys, anchors.tongues, held)
    texts = np.bincount(anchors.tongues, minlength=len(anchors.languages))[:, None]
    expected = _expected(anchors.values)
    counted = (held + _PRIOR_TEXTS * expected) / (texts + _PRIOR_TEXTS)
    weights: npt.NDArray[np.float32] = -np.log(
        np.where(texts >= counted_from, counted, expected)
    ).astype(np.float32)
    return weights


def _common(anchors: Anchors, wording: Wording, owners: Ints) -> Flags:
    """Which anchors are common words: an article at the head of a sentence looks like a name."""
    tokens = wording.offsets[owners] + anchors.words
    inside = np.flatnonzero(tokens < wording.offsets[owners + 1])
    tokens, places = tokens[inside], anchors.places[inside]
    # Where ideographs are paired, the tokens of a text are counted otherwise.
    same = (wording.starts[tokens] <= places) & (places <= wording.ends[tokens])
    common = np.zeros(len(owners), np.bool_)
    common[inside] = same & (wording.weights < MIN_WEIGHT)[wording.stems[tokens]]
    return common


def _expected(values: npt.NDArray[np.uint64]) -> Floats:
    """Share of texts expected to hold each anchor, judged by kind and length alone."""
    kinds = (values >> np.uint64(KIND_BITS)).astype(np.int64)
    shares = np.array(_EXPECTED)[kinds]
    numbers = np.flatnonzero(kinds == NUMBER)
    short = {key_of(NUMBER, str(n)): share for n, share in enumerate(_SHORT_NUMBERS)}
    shares[numbers] = [
        short.get(key, shares[n]) for n, key in zip(numbers, values[numbers].tolist(), strict=True)
    ]
    lettered = np.flatnonzero(kinds >= SKELETON)
    # A class of consonants takes four bits: the place of the highest tells how many there are.
    letters = values[lettered] & np.uint64((1 << 48) - 1)
    classes = np.minimum((np.frexp(letters.astype(np.float64))[1] + 3) // 4, 8)
    shares[lettered] *= np.exp(-_RARER * (classes - 3.0))
    bounded: Floats = np.maximum(shares, _RAREST)
    return bounded


def _view(
    starts: Ints,
    keys: npt.NDArray[np.uint32],
    key_count: int,
    weights: npt.NDArray[np.float32],
    words: npt.NDArray[np.int32],
    word_starts: Ints,
    masses: npt.NDArray[np.float32],
    places: npt.NDArray[np.float32],
    counts: npt.NDArray[np.float32],
) -> View:
    from provenance.lineage._row_kernels import most_salient

    salience = masses * (1 + np.log(counts)) * (1 + np.exp(-places / np.float32(LEAD_DECAY)))
    salient = most_salient(word_starts, salience, places, SALIENT)
    owners = np.repeat(np.arange(len(starts) - 1), np.diff(word_starts))

    def total(values: npt.NDArray[Any]) -> Floats:
        return np.bincount(owners, values, minlength=len(starts) - 1).astype(np.float64)

    return View(
        starts=starts,
        keys=keys,
        key_count=key_count,
        weights=weights,
        words=words,
        word_starts=word_starts,
        masses=masses,
        salience=salience,
        salient=salient,
        places=places,
        salient_totals=total(salience * salient),
        norms=np.sqrt(total(salience**2)),
        head_totals=total(masses * (places < HEAD)),
        lead_totals=total(masses * (places < LEAD)),
    )


def _meant(wording: Wording, stems: View, groups: Sequence[str], counted_from: int) -> Meant:
    meanings = meanings_of(wording, groups)
    texts = len(groups)
    sizes = (meanings.starts[1:] - meanings.starts[:-1])[stems.keys]
    owners = np.repeat(np.repeat(np.arange(texts), np.diff(stems.starts)), sizes)
    first = np.cumsum(sizes) - sizes
    rows = np.repeat(meanings.starts[:-1][stems.keys] - first, sizes) + np.arange(sizes.sum())
    words = stems.row_words()
    boost = stems.salience[words] / np.maximum(stems.masses[words], 1e-9)
    codes = owners * meanings.count + meanings.numbers[rows]
    codes, place = np.unique(codes, return_inverse=True)
    mass = np.zeros(len(codes))
    np.maximum.at(mass, place, np.repeat(boost, sizes))
    owners, keys = codes // max(1, meanings.count), codes % max(1, meanings.count)
    pools = np.unique(np.array(groups, object).astype(str), return_inverse=True)[1]
    held = np.unique(pools[owners] * meanings.count + keys, return_inverse=True, return_counts=True)
    sizes = np.bincount(pools)[pools[owners]]
    counted = (held[2][held[1]] + _PRIOR_TEXTS * _MEANT) / (sizes + _PRIOR_TEXTS)
    weights = mass * -np.log(np.where(sizes >= counted_from, counted, _MEANT))
    return Meant(
        starts=np.searchsorted(owners, np.arange(texts + 1)),
        keys=keys.astype(np.uint16),
        weights=weights.astype(np.float32),
        norms=np.sqrt(np.bincount(owners, weights**2, minlength=texts)),
    )
