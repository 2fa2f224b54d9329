"""Which pairs of texts may say the same in other words: a join over rare words that stand together.

Two translations share few words in a row, yet the names, places and things that belong together stand
near each other in both.  A *key* is two words at most a few rare words apart, in either order; two texts
that share a few keys are candidates.

What keeps the candidates of a text few, however many texts there are: the two words of a key must be so
rare together that by chance only one text of the language would have both.  With weights ``-ln`` of the
share of texts that hold a word, that is ``w1 + w2 >= ln N``.  Words are taken as they are written: a stem
is less rare than the words it joins, and rarity is what this lives on.

A key that many have does not pair them all.  Each is paired with two of them, others for every key, so that
two texts meet in proportion to the keys they share.

This is for the wording of texts of one language.  Copies are found by
:mod:`provenance.index.candidates`, where :func:`~provenance.index.candidates.rare_pairs` ties texts by
one rare shingle of the verbatim view.

Limits: texts without a few rare words, headlines for instance, have no keys; neither has what more than
about ``sqrt(N)`` texts tell.  Two texts that inflect every rare word differently are not found.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from provenance.config import RareSpec
from provenance.index._local_keys import COUNT, MARK, WRITE, local_keys, members_paired
from provenance.index._packing import distinct, pairs_met
from provenance.sketch.wording import Wording

__all__ = ["rare_candidates"]

#: Texts without a word that are added to the collection, so that in a handful of texts a word of three
#: versions of one article is still rare; and what is added to the holders.
_MORE_TEXTS, _FEWEST = 100, 0.3

#: Slots that mark which keys stand in two texts, by word: few others are taken for one of them.
_SLOTS = 16
_MOST_SLOTS = 1 << 30


def rare_candidates(wording: Wording, spec: RareSpec | None = None) -> npt.NDArray[np.uint32]:
    """Return the pairs of texts that share enough pairs of rare words.

    Args:
        wording: The words of all texts.
        spec: Settings; the defaults where left out.

    Returns:
        ``uint32[P, 2]`` numbers of texts of one language, the smaller first, sorted, no pair twice.  The
        same for the same texts on every machine.
    """
    settings = spec or RareSpec()
    keys = _shared_keys(wording, settings)
    pairs = np.empty(members_paired(keys, settings.full_bucket, COUNT, keys), np.uint64)
    members_paired(keys, settings.full_bucket, WRITE, pairs)
    return pairs_met(pairs, settings.shared)[0]


def _shared_keys(wording: Wording, spec: RareSpec) -> npt.NDArray[np.uint64]:
    """Return, sorted and without repetition, the keys that two texts or more have, and some others."""
    sizes = np.bincount(wording.groups)
    among = sizes[wording.word_groups]
    # The most texts that may hold a word of a key.
    most = np.maximum(spec.few_texts, spec.common_share * among)
    kept = (wording.word_holders > 1) & (wording.word_holders <= most)
    arguments = (
        wording.words,
        wording.offsets,
        np.log((among + _MORE_TEXTS) / (wording.word_holders + _FEWEST)).astype(np.float32),
        kept.astype(np.uint8),
        np.log(sizes).astype(np.float32)[wording.groups] + np.float32(spec.margin),
        spec.window,
    )
    slots = np.zeros(min(_MOST_SLOTS, _SLOTS * wording.words.size + 1), np.uint8)
    nowhere = np.empty(0, np.uint64)
    local_keys(*arguments, MARK, slots, nowhere)
    keys = np.empty(local_keys(*arguments, COUNT, slots, nowhere), np.uint64)
    local_keys(*arguments, WRITE, slots, keys)
    keys.sort()
    return keys[distinct(keys)]
