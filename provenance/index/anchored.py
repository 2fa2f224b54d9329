"""Which pairs of texts in two languages may be translations: a join over anchors that stand together.

One anchor proves nothing: every tenth text names France.  Two anchors a few words apart, France and
1.4 million, are rare together, and a translation keeps them together.  A *key* is such a pair, in either
order, for word order is the first thing that a translation changes.

The two must be so rare together that by chance a few texts of the language would have both: with weights
``-ln`` of the share of texts that hold an anchor, ``w1 + w2 >= ln N - margin``.  So the candidates of a
text stay as few among a million texts as among ten thousand.

One key in common makes a pair, because a short text in a distant language may keep only one.  Most such
pairs are chance, and a second look is cheap: all anchors of the two texts are compared, wherever they
stand, and what they share is weighed against what the poorer of the two has.  A pair that shares much
stays, an excerpt for instance.  Of the others those stay that are among the few best in the other's
language from both sides, measured against what both texts have: a translation is rarely beaten by chance,
even where it shares little.

Anchors in coarse classes are what Chinese, kana and Hangul are compared by.  Any two other languages have better
ones, so a key with such an anchor pairs no two of them.

Limits: texts of one language are :mod:`provenance.index.rare`'s; a text with fewer than two anchors has
no key.  Beyond 250 languages in a collection some are taken for one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from provenance.config import AnchorSpec
from provenance.index._packing import distinct, pairs_met
from provenance.sketch.anchoring import Anchors
from provenance.sketch.gazetteer import COARSE, CONCEPT, KIND_BITS, NUMBER, PLACE, SKELETON, WORD

__all__ = ["anchor_candidates"]

#: Kinds that make keys.  Months are too common, and letters left out too many.
_KINDS = (NUMBER, PLACE, CONCEPT, WORD, SKELETON, COARSE)

#: Languages whose names are known by their coarse classes alone.
_COARSE_LANGUAGES = ("ja", "ko", "zh")

#: Groups of languages; one more for all that have better than coarse classes.
_GROUPS = 250

#: Slots that mark which keys stand in two texts, by row: few others are taken for one of them.
_SLOTS = 16
_MOST_SLOTS = 1 << 30

#: Weight that a text is taken to have beside its own, lest one anchor in common be all of a short one.
_BESIDE = 20.0


def anchor_candidates(anchors: Anchors, spec: AnchorSpec | None = None) -> npt.NDArray[np.uint32]:
    """Return the pairs of texts in two languages that share enough anchors.

    Args:
        anchors: Of all texts.
        spec: Settings; the defaults where left out.

    Returns:
        ``uint32[P, 2]`` numbers of texts, the smaller first, sorted, no pair twice.  The same for the
        same texts on every machine.
    """
    settings = spec or AnchorSpec()
    if anchors.tongues.size <= settings.all_up_to:
        a, b = np.triu_indices(anchors.tongues.size, k=1)
        foreign = anchors.tongues[a] != anchors.tongues[b]
        return np.stack([a[foreign], b[foreign]], axis=1).astype(np.uint32)
    if not anchors.tongues.any():
        return np.empty((0, 2), np.uint32)
    return _joined(anchors, settings)


def _joined(anchors: Anchors, spec: AnchorSpec) -> npt.NDArray[np.uint32]:
    from provenance.index._anchor_keys import (
        foreign_keys,
        foreign_meetings,
        local_anchors,
        weigh_common,
    )
    from provenance.index._local_keys import COUNT, WRITE

    kinds = (anchors.values >> np.uint64(KIND_BITS)).astype(np.uint8)
    groups = _groups(anchors)
    kept = np.isin(kinds, _KINDS).astype(np.uint8)
    foreign_keys(anchors.keys, anchors.offsets, groups[0], kept)
    keys, weights, worth, order, ordinals, offsets, totals = local_anchors(
        anchors.keys,
        anchors.weights,
        anchors.factors,
        anchors.places,
        anchors.words,
        anchors.offsets,
        kept,
        np.float32(spec.least_weight),
    )
    coarse = (kinds == COARSE).astype(np.uint8)
    rows = (keys, weights, order, ordinals, offsets, coarse)
    found = _shared_keys(rows, _bars(anchors, spec), groups, spec.window)
    meetings = np.empty(foreign_meetings(found, groups, spec.full_bucket, COUNT, found), np.uint64)
    foreign_meetings(found, groups, spec.full_bucket, WRITE, meetings)
    pairs, times = pairs_met(meetings, 1)
    common = np.sqrt(times) * (weigh_common(pairs, keys, worth, offsets, coarse, groups) + 1)
    own = totals.astype(np.float64)[pairs] + _BESIDE
    share = common / own.min(axis=1, initial=np.inf)
    ranks = _ranks(pairs, anchors.tongues, common / np.sqrt(own.prod(axis=1)))
    best = (ranks < spec.best) & (share >= spec.least_common)
    chosen: npt.NDArray[np.uint32] = pairs[best | (share >= spec.much_common)]
    return chosen


def _ranks(
    pairs: npt.NDArray[np.uint32], tongues: npt.NDArray[np.int64], likeness: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Return the place of each pair, from 0, among those of one text with the other's language.

    It has two, seen from either text; the worse one counts.
    """
    texts, partners = np.concatenate([pairs, pairs[:, ::-1]]).T
    first_wins = np.tile(np.arange(len(pairs)), 2)  # of equals
    order = np.lexsort((first_wins, -np.tile(likeness, 2), tongues[partners], texts))
    texts, languages = texts[order], tongues[partners][order]
    new = np.ones(order.size, np.bool_)
    new[1:] = (texts[1:] != texts[:-1]) | (languages[1:] != languages[:-1])
    places = np.arange(order.size)
    ranks = np.empty(order.size, np.int64)
    ranks[order] = places - np.maximum.accumulate(np.where(new, places, 0))
    worse: npt.NDArray[np.int64] = ranks.reshape(2, -1).max(axis=0)
    return worse


def _groups(anchors: Anchors) -> npt.NDArray[np.uint8]:
    """uint8[2, N]: number of each text's language; the same where all but two count as one."""
    number = anchors.tongues % _GROUPS + 1
    coarse = np.array([name in _COARSE_LANGUAGES for name in anchors.languages])[anchors.tongues]
    return np.stack([number, np.where(coarse, number, _GROUPS + 1)]).astype(np.uint8)


def _bars(anchors: Anchors, spec: AnchorSpec) -> npt.NDArray[np.float32]:
    """float32[N]: weight that the two anchors of a key must have together."""
    texts = np.bincount(anchors.tongues)[anchors.tongues]
    bars: npt.NDArray[np.float32] = (np.log(texts) - spec.margin).astype(np.float32)
    return bars


def _shared_keys(
    rows: tuple[Any, Any, Any, Any, Any, Any],
    bars: npt.NDArray[np.float32],
    groups: npt.NDArray[np.uint8],
    window: int,
) -> npt.NDArray[np.uint64]:
    """Return, sorted and without repetition, the keys that texts of two groups have, and some others."""
    from provenance.index._anchor_keys import near_keys
    from provenance.index._local_keys import COUNT, MARK, WRITE

    slots = np.zeros(min(_MOST_SLOTS, _SLOTS * rows[0].size + 1), np.uint8)
    nowhere = np.empty(0, np.uint64)
    near_keys(*rows, bars, groups, window, MARK, slots, nowhere)
    keys = np.empty(near_keys(*rows, bars, groups, window, COUNT, slots, nowhere), np.uint64)
    near_keys(*rows, bars, groups, window, WRITE, slots, keys)
    keys.sort()
    return keys[distinct(keys)]
