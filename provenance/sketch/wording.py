"""Texts as columns of stems: what stays of a text when somebody says the same in other words.

Two translations of one article share few runs of words, but most of their content words, at about the
same places.  So each word is replaced by its stem (:mod:`provenance.text.stems`), each stem by a number,
and each number gets a weight: the rarer a stem in its language, the more it tells.

A stem is a *type* of one language; the same letters in two languages are two types, for this view
compares texts of one language.  Ideographs that touch each other are taken in pairs, overlapping,
because words of Chinese and Japanese are two of them on average.

All work on letters is done once a distinct word and remembered for the process: a second pass over the
news of the day meets few words it has not seen.

Limits: Thai and Lao words are the pieces that folding cuts; a text in two languages is read in the one
it was given.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import islice

import attrs
import numpy as np
import numpy.typing as npt
import xxhash

from provenance.text.columns import Columns
from provenance.text.folding import fold_text
from provenance.text.stems import is_ideograph, language_group, stem_words

__all__ = ["COUNTED_FROM", "Wording", "wording_of"]

#: Words remembered, about 170 bytes each; when they are more, the older half is forgotten.
_REMEMBERED = 1 << 19

COUNTED_FROM = 100
"""Texts of a language from which on their own frequencies count beside what is believed before.  In fewer,
an article on something else would change what the others are found to share."""

#: What is believed before any text is read counts like this many texts: that one text in 300 holds a stem.
#: A version of an article is then as like it among five articles as among ten thousand, and one threshold
#: serves both (``docs/wording.md``).
_PRIOR_TEXTS = 100
_UNKNOWN = 0.003

#: The same for the stems of function words.
_FUNCTION = 0.5

#: Lowest bit of a stem's key: it is a single ideograph.
_IDEOGRAPH = np.uint64(1)


@attrs.frozen(kw_only=True, eq=False)
class Wording:
    """The stems of N texts, T in all, of V types; D distinct words.

    Attributes:
        stems: uint32[T], number of each word's type; the commonest type is 0.
        words: uint32[T], number of each word as it is written, or pair of ideographs.
        starts: uint32[T], code point at which the word begins in its text; of two ideographs, the first.
        ends: uint32[T], code point after it; pairs of ideographs overlap.
        offsets: int64[N + 1]; the stems of text d are ``offsets[d]`` to ``offsets[d + 1]``.
        groups: uint16[N], number of each text's language: texts of two languages share no type.
        occurrences: uint32[V], words of each type.
        holders: uint32[V], texts that hold it.
        keys: uint64[V], digest of language and stem, the same in every batch.
        weights: float32[V], ``-ln`` of the share of texts of its language expected to hold it: above 0.
        word_holders: uint32[D], texts that hold each word.
        word_groups: uint16[D], number of its language.
    """

    stems: npt.NDArray[np.uint32]
    words: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.uint32]
    ends: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]
    groups: npt.NDArray[np.uint16]
    occurrences: npt.NDArray[np.uint32]
    holders: npt.NDArray[np.uint32]
    keys: npt.NDArray[np.uint64]
    weights: npt.NDArray[np.float32]
    word_holders: npt.NDArray[np.uint32]
    word_groups: npt.NDArray[np.uint16]


def wording_of(columns: Columns, texts: Sequence[str], languages: Sequence[str]) -> Wording:
    """Stem and weigh the words of texts.

    Args:
        columns: The words of the texts (:func:`provenance.text.columns.columns_of`).
        texts: The texts as found.
        languages: BCP 47 tag of each; empty if unknown, which is a language of its own.

    Returns:
        The stems.  Types are numbered by descending occurrences, whatever the order of the texts.

    Raises:
        ValueError: There are not as many texts or languages as columns.
    """
    from provenance.sketch._numbering import count_holders, number_keys, pair_ideographs

    offsets = columns.offsets
    if not len(texts) == len(languages) == offsets.size - 1:
        msg = f"columns of {offsets.size - 1} texts, {len(texts)} texts, {len(languages)} languages"
        raise ValueError(msg)
    names, groups = _numbered([language_group(language) for language in languages])
    salts = np.array([_salt(name) for name in names], np.uint64)
    hashes = columns.tokens ^ np.repeat(salts[groups], np.diff(offsets))
    words, first = number_keys(hashes)
    hashes = hashes[first]
    keys = _stem_keys(hashes, first, columns, texts, names, groups)
    starts, ends = columns.starts, columns.ends
    if (keys & _IDEOGRAPH).any():
        pairs, spans = np.empty((2, words.size), np.uint64), np.empty((2, words.size), np.uint32)
        offsets = np.empty_like(offsets)
        size = pair_ideographs(
            words, hashes, keys, starts, ends, columns.offsets, pairs, spans, offsets
        )
        starts, ends = spans[:, :size]
        words, first = number_keys(pairs[0, :size])
        keys = pairs[1, first]
    homes = groups[np.searchsorted(offsets, first, side="right") - 1]
    keys, shown, types = np.unique(keys, return_index=True, return_inverse=True)
    types = types.astype(np.uint32)
    _, word_holders = count_holders(words, offsets, first.size)
    occurrences, holders = count_holders(types[words], offsets, keys.size)
    order = np.argsort(-occurrences.astype(np.int64), kind="stable")
    rank = np.empty(order.size, np.uint32)
    rank[order] = np.arange(order.size)
    return Wording(
        stems=rank[types][words],
        words=words,
        starts=starts,
        ends=ends,
        offsets=offsets,
        groups=groups,
        occurrences=occurrences[order],
        holders=holders[order],
        keys=keys[order],
        weights=_weights(keys, holders, homes[shown], names, np.bincount(groups))[order],
        word_holders=word_holders,
        word_groups=homes,
    )


def _numbered(names: Sequence[str]) -> tuple[list[str], npt.NDArray[np.uint16]]:
    """Return the distinct names and the number of each."""
    distinct = sorted(set(names))
    number = {name: place for place, name in enumerate(distinct)}
    return distinct, np.array([number[name] for name in names], np.uint16)


@cache
def _salt(group: str) -> int:
    return (
        xxhash.xxh3_64_intdigest(group.encode()) & ~0xFFFF
    )  # the low bits find a place in a table


def _key(group: str, stem: str) -> int:
    digest = xxhash.xxh3_64_intdigest(f"{group} {stem}".encode("utf-8", "surrogatepass"))
    return digest | 1 if is_ideograph(stem) else digest & ~1


_remembered: dict[int, int] = {}
_remembering = threading.Lock()


def _stem_keys(
    words: npt.NDArray[np.uint64],
    first: npt.NDArray[np.uint32],
    columns: Columns,
    texts: Sequence[str],
    names: Sequence[str],
    groups: npt.NDArray[np.uint16],
) -> npt.NDArray[np.uint64]:
    """Return the key of each distinct word's stem, stemming those that are met for the first time.

    Args:
        words: Hash and language of each word.
        first: A token of each.
        columns: The tokens.
        texts: The texts.
        names: Language groups.
        groups: That of each text.
    """
    with _remembering:
        found = [_remembered.get(word, -1) for word in words.tolist()]
    missing = np.array([number for number, key in enumerate(found) if key < 0], np.int64)
    tokens = first[missing]
    homes = np.searchsorted(columns.offsets, tokens, side="right") - 1
    spans = zip(
        homes.tolist(), columns.starts[tokens].tolist(), columns.ends[tokens].tolist(), strict=True
    )
    folded = [_fold_word(texts[text][start:end]) for text, start, end in spans]
    stemmed: dict[int, int] = {}
    for group in np.unique(groups[homes]).tolist():
        members = np.flatnonzero(groups[homes] == group).tolist()
        stems = stem_words([folded[member] for member in members], names[group])
        for member, stem in zip(members, stems, strict=True):
            stemmed[int(words[missing[member]])] = _key(names[group], stem)
    with _remembering:
        _remembered.update(stemmed)
        excess = len(_remembered) - _REMEMBERED
        if excess > 0:
            for old in list(islice(_remembered, excess + _REMEMBERED // 2)):
                del _remembered[old]
    known = (stemmed.get(word, key) for word, key in zip(words.tolist(), found, strict=True))
    return np.fromiter(known, np.uint64, words.size)


def _weights(
    keys: npt.NDArray[np.uint64],
    holders: npt.NDArray[np.uint32],
    groups: npt.NDArray[np.uint16],
    names: Sequence[str],
    sizes: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    """Return the weight of each type.

    Args:
        keys: Of each type.
        holders: Texts that hold it.
        groups: Its language group.
        names: Of all groups.
        sizes: Texts of each group.
    """
    common = np.concatenate([np.empty(0, np.uint64), *map(_common_keys, names)])
    expected = np.where(np.isin(keys, common), _FUNCTION, _UNKNOWN)
    counted = (holders + _PRIOR_TEXTS * expected) / (sizes[groups] + _PRIOR_TEXTS)
    shares = np.where(sizes[groups] >= COUNTED_FROM, counted, expected)
    weights: npt.NDArray[np.float32] = -np.log(shares).astype(np.float32)
    return weights


@cache
def _common_keys(group: str) -> npt.NDArray[np.uint64]:
    stems = stem_words(sorted(_function_words(group)), group)
    return np.array([_key(group, stem) for stem in stems], np.uint64)


def _fold_word(word: str) -> str:
    """The folded form of one token, which stays one token."""
    return fold_text(word).replace(" ", "")


def _function_words(language: str) -> frozenset[str]:
    """The folded words of a language that say nothing about a text's subject."""
    table = json.loads(files("provenance.text").joinpath("data", "languages.json").read_bytes())
    words = {
        word
        for languages in table["scripts"].values()
        for word in languages.get(language, {"words": ""})["words"].split()
    }
    return frozenset(map(_fold_word, words))
