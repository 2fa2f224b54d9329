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

from collections.abc import Iterator, Sequence
from functools import cache

import attrs
import numpy as np
import numpy.typing as npt
import xxhash

from provenance.sketch._anchor_memory import WordRows, current_memory
from provenance.sketch._anchor_phrases import COARSELY, UNSPACED, Phrases, magnitude_tokens
from provenance.sketch._anchor_words import number_key, word_keys
from provenance.sketch.gazetteer import KIND_BITS
from provenance.sketch.wording import COUNTED_FROM
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

#: Code points looked at together, and the last of those that are told apart by :func:`_signs`.
_SLICE, _SIGNS = 1 << 20, 0x2000

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
    types, occurrences = _typed(columns, texts, names, tongues)
    return _weighed(types, occurrences, names, tongues, [len(text) for text in texts])


def _typed(
    columns: Columns, texts: Sequence[str], names: tuple[str, ...], tongues: Ints
) -> tuple[_Types, _Occurrences]:
    """Find the types of texts and where they stand."""
    from provenance.sketch._numbering import number_keys

    owners = np.repeat(np.arange(len(texts)), np.diff(columns.offsets))
    marked = _marked(columns, texts, owners)
    salts = np.array([[_salt(name), _salt(f"{name} marked")] for name in names], np.uint64)
    hashes = columns.tokens ^ salts.reshape(-1, 2)[tongues[owners], marked.astype(np.intp)]
    types, first = number_keys(hashes)
    known = _known_words(hashes[first], columns, texts, names, tongues, marked, first)
    phrases = Phrases(len(first))
    phrases.add_numbers(columns, texts, owners, known.digits[types], known.magnitudes[types])
    phrases.add_names(columns, known.openers[types], tongues, names)
    for text, letters in enumerate(texts):
        phrases.add_links(text, letters)
        if names[tongues[text]] == "he":
            phrases.add_marked(text, letters)
    for text in np.flatnonzero(np.array([name in UNSPACED for name in names])[tongues]).tolist():
        phrases.add_runs(text, texts[text])
    more = [row for its_rows in phrases.types for row in its_rows]
    sizes = np.concatenate([known.sizes, np.array(list(map(len, phrases.types)), np.int64)])
    return (
        _Types(
            starts=np.concatenate([[0], np.cumsum(sizes)]),
            keys=np.concatenate([known.keys, np.array([key for key, _ in more], np.uint64)]),
            factors=np.concatenate([known.factors, np.array([f for _, f in more], np.float32)]),
        ),
        _placed(columns, types, owners, phrases),
    )


def _known_words(
    hashes: Keys,
    columns: Columns,
    texts: Sequence[str],
    names: tuple[str, ...],
    tongues: Ints,
    marked: npt.NDArray[np.bool_],
    first: npt.NDArray[np.uint32],
) -> WordRows:
    """Return what distinct words give, reading those that are met for the first time.

    Args:
        hashes: Of each word, its language and whether it is marked.
        columns: The tokens.
        texts: The texts.
        names: Languages.
        tongues: Number of each text's.
        marked: Of each token.
        first: A token of each word.
    """
    memory = current_memory()
    numbers = memory.numbers(hashes)
    new = np.flatnonzero(numbers < 0)
    if new.size:
        tokens = first[new]
        homes = np.searchsorted(columns.offsets, tokens, side="right") - 1
        spans = zip(
            homes.tolist(),
            columns.starts[tokens].tolist(),
            columns.ends[tokens].tolist(),
            strict=True,
        )
        found = [texts[text][start:end] for text, start, end in spans]
        words = list(map(fold_text, found))
        its_tongues, its_tokens = tongues[homes], columns.tokens[tokens]
        powers = [magnitude_tokens(name) for name in names]
        magnitudes = [
            powers[tongue].get(token, 0)
            for tongue, token in zip(its_tongues.tolist(), its_tokens.tolist(), strict=True)
        ]
        numbers[new] = memory.add(
            hashes[new],
            word_keys(words, found, its_tokens, its_tongues, marked[tokens], names),
            np.fromiter((word.isdigit() for word in words), np.bool_, len(words)),
            np.array(magnitudes, np.int64),
        )
    return memory.rows(numbers, coarse=not COARSELY.isdisjoint(names))


@cache
def _salt(name: str) -> int:
    return xxhash.xxh3_64_intdigest(name.encode()) & ~0xFFFF  # the low bits find a place in a table


def _marked(columns: Columns, texts: Sequence[str], owners: Ints) -> npt.NDArray[np.bool_]:
    """Whether each word begins with a capital letter, or holds an Indic sign for a nasal."""
    capital, nasal = _signs()
    found = np.zeros(len(columns.tokens), np.bool_)
    lengths = np.array([0, *map(len, texts)], np.int64)
    begin = 0
    for end in _slices(lengths):
        bases = np.cumsum(lengths[begin : end + 1]) - lengths[begin]
        tokens = slice(columns.offsets[begin], columns.offsets[end])
        joined = "".join(texts[begin:end]).encode("utf-32-le", "surrogatepass")
        points = np.minimum(np.frombuffer(joined, np.uint32), _SIGNS)
        base = bases[owners[tokens] - begin]
        starts, ends = base + columns.starts[tokens], base + columns.ends[tokens]
        found[tokens] = capital[points[starts]]
        signs = nasal[points]
        if signs.any():
            before = np.concatenate([[0], np.cumsum(signs)])
            found[tokens] |= before[ends] > before[starts]
        begin = end
    return found


def _slices(lengths: Ints) -> Iterator[int]:
    """Yield the ends of slices of texts of about :data:`_SLICE` code points each."""
    total = np.cumsum(lengths[1:])
    end = 0
    while end < len(total):
        reached = total[end - 1] if end else 0
        end = max(end + 1, int(np.searchsorted(total, reached + _SLICE, side="right")))
        yield end


@cache
def _signs() -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which code points are capitals, and which are nasal signs; beyond these there are hardly any."""
    capital = np.fromiter((chr(point).isupper() for point in range(_SIGNS + 1)), np.bool_)
    nasal = np.zeros(_SIGNS + 1, np.bool_)
    for block in range(
        0x900, 0xD80, 0x80
    ):  # Devanagari to Malayalam: the same signs at the same places
        nasal[block + 1 : block + 3] = True
    return capital, nasal


def _placed(
    columns: Columns, types: npt.NDArray[np.uint32], owners: Ints, phrases: Phrases
) -> _Occurrences:
    """Merge the words of columns with what was found beside them, which comes last in its text."""
    offsets = columns.offsets
    places = ((columns.starts.astype(np.float64) + columns.ends) / 2).astype(np.float32)
    words = np.arange(len(types)) - offsets[owners]
    if not phrases.found:
        return _Occurrences(
            types=types.astype(np.int64), places=places, words=words, offsets=offsets
        )
    kept = np.ones(len(types), np.bool_)
    kept[phrases.replaced] = False
    found = np.array(phrases.found, np.float64)
    texts = np.concatenate([owners[kept], found[:, 0].astype(np.int64)])
    counts = np.bincount(texts, minlength=len(offsets) - 1)
    # Both parts are sorted already but for what different finders found.
    order = np.argsort(texts, kind="stable")
    return _Occurrences(
        types=np.concatenate([types[kept], found[:, 3]]).astype(np.int64)[order],
        places=np.concatenate([places[kept], found[:, 2]]).astype(np.float32)[order],
        words=np.concatenate([words[kept], found[:, 1]]).astype(np.int64)[order],
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
        # In few texts, one on something else must not decide which rows the others keep.
        few = len(group) < COUNTED_FROM
        telling = (-np.log(priors) * worth).astype(np.float32) if few else rarity
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
                telling,
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
    from provenance.sketch.anchor_kernels import expect_shares

    shares: npt.NDArray[np.float64] = expect_shares(values, _SHARES, _RARER, *_short_numbers())
    return np.maximum(shares, _RAREST)


@cache
def _short_numbers() -> tuple[Keys, npt.NDArray[np.float64]]:
    """Keys of numbers of up to three digits, sorted, and the share of texts expected to hold each."""
    keys = np.array([number_key(str(value)) for value in range(1_000)], np.uint64)
    shares = np.array([_SHORT_NUMBERS[len(str(value)) - 1] for value in range(1_000)])
    order = np.argsort(keys)
    return keys[order], shares[order]
