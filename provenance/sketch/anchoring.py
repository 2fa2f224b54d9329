"""The anchors view: what of a text survives translation, as columns.

An *anchor* is a word, a number or a name with one or more *keys* that are the same in every language: a
value, a place, a month, a currency, the consonants of a name.  What a word gives is decided once for
each distinct word of a language (a *type*); texts are columns of types.

A key weighs what it is rare: the logarithm of the share of texts of its language that hold it, counted
in the batch and mixed with a prior that judges by kind and length, worth :data:`PRIOR_TEXTS` texts.
Rows too light to be found again are left out.

Limits: a name of two consonants (Kim, Obama) has no skeleton and is found only where it keeps its
letters; names in Thai, Burmese and Khmer, which put no blanks between words, are not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import attrs
import numpy as np
import numpy.typing as npt

from provenance.sketch._anchor_phrases import UNSPACED, Phrases, magnitude_tokens
from provenance.sketch._anchor_words import number_key, sizes_of, word_keys
from provenance.sketch.gazetteer import KIND_BITS, NUMBER, SKELETON
from provenance.text.columns import Columns
from provenance.text.folding import fold_text

__all__ = ["PRIOR_TEXTS", "Anchors", "anchors_of"]

PRIOR_TEXTS = 30.0
"""Texts that a prior counts for; 15 to 60 do about equally well, and 36 texts are a usable corpus."""

#: Rows that weigh less find nothing: such a key stands in every second text.
_LEAST = 0.8

#: Worth of a kind against its rarity, by number of the kind.
_KIND_WEIGHTS = np.array([1.0, 1.0, 0.9, 0.7, 1.0, 1.0, 1.0, 1.0], np.float32)

#: Share of texts that hold a key of a kind; of a skeleton, one of three classes, and each further class
#: makes it rarer by this exponent.  No key is rarer than the last.
_SHARES = np.array([0.02, 0.05, 0.1, 0.2, 0.01, 0.12, 0.25, 0.2])
_RARER, _RAREST = 1.1, 0.0015
_SHORT_NUMBERS = (0.3, 0.1, 0.03)  # of one digit, of two, of three

#: Multiplied onto the number of a language and of a case, to keep the same letters apart in a hash.
_APART = np.uint64(0x9E3779B97F4A7C15)

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]


@attrs.frozen(kw_only=True, eq=False)
class Anchors:
    """The anchors of N texts in R rows, those of a text side by side and sorted by key.

    Attributes:
        languages: Primary subtags.
        tongues: int64[N], number of each text's language.
        values: uint64[K], the keys, kind in the upper byte.
        keys: uint32[R], number of the key.
        weights: float32[R], rarity of the key in the text's language.
        factors: float32[R], how surely the word means the key.
        places: float32[R], code point in the middle of the word.
        words: uint32[R], number of the word in its text.
        offsets: int64[N + 1]; the rows of text d are ``offsets[d]`` to ``offsets[d + 1]``.
        lengths: int64[N], code points of the texts.
    """

    languages: tuple[str, ...]
    tongues: Ints
    values: Keys
    keys: npt.NDArray[np.uint32]
    weights: Floats
    factors: Floats
    places: Floats
    words: npt.NDArray[np.uint32]
    offsets: Ints
    lengths: Ints


@attrs.frozen(kw_only=True, eq=False)
class _Types:
    """Keys of each type: those of type t are rows ``starts[t]`` to ``starts[t + 1]``."""

    starts: Ints
    keys: Keys
    factors: Floats


@attrs.frozen(kw_only=True, eq=False)
class _Occurrences:
    """Types in texts, those of text d from ``offsets[d]`` to ``offsets[d + 1]``."""

    types: Ints
    places: Floats
    words: Ints
    offsets: Ints


def anchors_of(columns: Columns, texts: Sequence[str], languages: Sequence[str]) -> Anchors:
    """Find the anchors of texts.

    Args:
        columns: Their words (:func:`provenance.text.columns.columns_of`).
        texts: The texts as found.
        languages: BCP 47 tag of each, empty if unknown.

    Raises:
        ValueError: There are not as many texts or languages as columns.
    """
    if not len(texts) == len(languages) == columns.offsets.size - 1:
        msg = f"columns of {columns.offsets.size - 1} texts, {len(texts)} texts, {len(languages)} languages"
        raise ValueError(msg)
    spoken = [language.split("-", maxsplit=1)[0].lower() for language in languages]
    names = tuple(sorted(set(spoken)))
    number = {name: place for place, name in enumerate(names)}
    tongues = np.array([number[name] for name in spoken], np.int64)
    types, occurrences = _typed(columns, texts, spoken, names, tongues)
    return _weighed(types, occurrences, names, tongues, [len(text) for text in texts])


def _typed(
    columns: Columns,
    texts: Sequence[str],
    spoken: Sequence[str],
    names: Sequence[str],
    tongues: Ints,
) -> tuple[_Types, _Occurrences]:
    """Find the types of texts and where they stand."""
    from provenance.sketch._numbering import number_keys

    owners = np.repeat(np.arange(len(texts)), np.diff(columns.offsets))
    capital = _capitals(columns, texts)
    salts = (tongues[owners] * 2 + capital).astype(np.uint64) * _APART
    types, first = number_keys(columns.tokens ^ salts)
    found = [
        texts[text][start:end]
        for text, start, end in zip(
            owners[first].tolist(),
            columns.starts[first].tolist(),
            columns.ends[first].tolist(),
            strict=True,
        )
    ]
    words = list(map(fold_text, found))
    its_tongues = tongues[owners[first]]
    keyed = word_keys(
        words,
        found,
        columns.tokens[first],
        its_tongues,
        capital[first],
        names,
        coarse=not UNSPACED.isdisjoint(names),
    )
    phrases = Phrases(len(words))
    powers = [magnitude_tokens(name) for name in names]
    magnitudes = np.array(
        [
            powers[tongue].get(token, 0)
            for tongue, token in zip(
                its_tongues.tolist(), columns.tokens[first].tolist(), strict=True
            )
        ],
        np.int64,
    )
    digits = np.fromiter((word.isdigit() for word in words), np.bool_, len(words))
    if len(types) > 1:
        phrases.add_numbers(columns, texts, owners, digits[types], magnitudes[types])
    phrases.add_names(columns, owners, np.flatnonzero(keyed.begins[types]), spoken)
    for text, name in enumerate(spoken):
        if name in UNSPACED:
            phrases.add_runs(text, texts[text])

    sizes = [len(rows) for rows in phrases.types]
    its_owners = np.concatenate(
        [keyed.owners, np.repeat(np.arange(len(sizes)) + len(words), sizes)]
    ).astype(np.int64)
    order = np.argsort(its_owners, kind="stable")
    keys = [key for rows in phrases.types for key, _ in rows]
    factors = [factor for rows in phrases.types for _, factor in rows]
    counts = np.bincount(its_owners, minlength=len(words) + len(sizes))
    return (
        _Types(
            starts=np.concatenate([[0], np.cumsum(counts)]),
            keys=np.concatenate([keyed.keys, np.array(keys, np.uint64)])[order],
            factors=np.concatenate([keyed.factors, np.array(factors, np.float32)])[order],
        ),
        _placed(columns, types, owners, phrases),
    )


def _capitals(columns: Columns, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Whether each word begins with a capital letter."""
    upper = _uppercase()
    found = np.zeros(len(columns.tokens), np.bool_)
    for text, letters in enumerate(texts):
        begin, end = columns.offsets[text], columns.offsets[text + 1]
        points = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32)
        found[begin:end] = upper[np.minimum(points[columns.starts[begin:end]], len(upper) - 1)]
    return found


@cache
def _uppercase() -> npt.NDArray[np.bool_]:
    """Which code points are capitals; beyond these there are hardly any."""
    return np.fromiter((chr(point).isupper() for point in range(0x2000)), np.bool_, 0x2000)


def _placed(
    columns: Columns, types: npt.NDArray[np.uint32], owners: Ints, phrases: Phrases
) -> _Occurrences:
    """Merge the words of columns with what was found beside them."""
    kept = np.ones(len(types), np.bool_)
    kept[phrases.replaced] = False
    numbers = np.arange(len(types)) - columns.offsets[owners]
    middles = (columns.starts.astype(np.float32) + columns.ends) / 2
    found = np.array(phrases.found, np.float64).reshape(-1, 4)
    texts = np.concatenate([owners[kept], found[:, 0].astype(np.int64)])
    order = np.argsort(texts, kind="stable")
    counts = np.bincount(texts, minlength=columns.offsets.size - 1)
    return _Occurrences(
        types=np.concatenate([types[kept], found[:, 3]]).astype(np.int64)[order],
        places=np.concatenate([middles[kept], found[:, 2]]).astype(np.float32)[order],
        words=np.concatenate([numbers[kept], found[:, 1]]).astype(np.int64)[order],
        offsets=np.concatenate([[0], np.cumsum(counts)]),
    )


def _weighed(
    types: _Types,
    occurrences: _Occurrences,
    names: tuple[str, ...],
    tongues: Ints,
    lengths: Sequence[int],
) -> Anchors:
    """Count who holds which key, language by language, and keep the rows that weigh enough."""
    from provenance.sketch.anchor_kernels import count_keys, emit_rows

    values, keys = np.unique(types.keys, return_inverse=True)
    keys = keys.astype(np.uint32)
    priors = _priors(values)
    worth = _KIND_WEIGHTS[(values >> np.uint64(KIND_BITS)).astype(np.int64)]
    seen = np.full(len(values), -1, np.int64)
    sizes = np.zeros(len(lengths), np.int64)
    members = [np.flatnonzero(tongues == tongue) for tongue in range(len(names))]
    parts = []
    for group in members:
        held = np.zeros(len(values), np.int64)
        count_keys(group, occurrences.offsets, occurrences.types, types.starts, keys, seen, held)
        shares = (held + PRIOR_TEXTS * priors) / (len(group) + PRIOR_TEXTS)
        rarity = (np.maximum(-np.log(shares), 0) * worth).astype(np.float32)
        parts.append(
            emit_rows(
                group,
                occurrences.offsets,
                occurrences.types,
                occurrences.places,
                occurrences.words,
                types.starts,
                keys,
                types.factors,
                rarity,
                np.float32(_LEAST),
                sizes,
            )
        )
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    # Rows were emitted language by language; now they stand text by text.
    emitted = np.concatenate([*members, np.empty(0, np.int64)])
    begins = np.zeros(len(lengths), np.int64)
    begins[emitted] = np.cumsum(sizes[emitted]) - sizes[emitted]
    gather = np.repeat(begins - offsets[:-1], sizes) + np.arange(offsets[-1])
    empty = (np.empty(0, np.uint32), *np.empty((3, 0), np.float32), np.empty(0, np.uint32))
    columns = [np.concatenate(column)[gather] for column in zip(empty, *parts, strict=True)]
    return Anchors(
        languages=names,
        tongues=tongues,
        values=values,
        keys=columns[0],
        weights=columns[1],
        factors=columns[2],
        places=columns[3],
        words=columns[4],
        offsets=offsets,
        lengths=np.array(lengths, np.int64),
    )


def _priors(values: Keys) -> npt.NDArray[np.float64]:
    """Share of texts expected to hold each key."""
    kinds = (values >> np.uint64(KIND_BITS)).astype(np.int64)
    lettered = kinds >= SKELETON
    classes = sizes_of(np.where(lettered, values & np.uint64((1 << 48) - 1), np.uint64(0)))
    rarer = np.exp(-_RARER * (np.minimum(classes, 8) - 3.0))
    shares = _SHARES[kinds] * np.where(lettered, rarer, 1.0)
    numbers = np.flatnonzero(kinds == NUMBER)
    short = _short_numbers()
    shares[numbers] = [short.get(value, _SHARES[NUMBER]) for value in values[numbers].tolist()]
    bounded: npt.NDArray[np.float64] = np.maximum(shares, _RAREST)
    return bounded


@cache
def _short_numbers() -> dict[int, float]:
    return {number_key(str(value)): _SHORT_NUMBERS[len(str(value)) - 1] for value in range(1_000)}
