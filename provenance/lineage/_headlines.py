"""Headlines that stand beside their texts, read as if they stood before them.

A headline says in ten words what a text is about, and many feeds carry it in a field of its own.  It is
read by itself, which costs little, and its columns are put before those of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from provenance.model import Article
from provenance.sketch.anchoring import Anchors, anchors_of
from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import columns_of

__all__ = ["with_headlines"]

Ints = npt.NDArray[np.int64]

#: Words of a text are numbered from here where a headline is put before them.
_BEHIND = np.uint32(1 << 28)


def with_headlines(
    articles: Sequence[Article], wording: Wording, anchors: Anchors | None
) -> tuple[Wording, Anchors | None]:
    """Return the columns of headlines and texts.

    Args:
        articles: The articles.
        wording: Stems of their texts.
        anchors: Anchors of their texts, if any.

    Returns:
        The columns, places counted from the beginning of the headline; as they were where every headline
        stands in its text.  Rows of anchors are no longer sorted, their weights are those of each part.
    """
    titles = [article.title if article.title not in article.text else "" for article in articles]
    if not any(titles):
        return wording, anchors
    languages = [article.language for article in articles]
    columns = columns_of(titles)
    behind = np.array([len(title) + 1 if title else 0 for title in titles])
    wording = _worded(wording_of(columns, titles, languages), wording, behind)
    if anchors:
        anchors = _anchored(anchors_of(columns, titles, languages), anchors, behind)
    return wording, anchors


def _worded(before: Wording, after: Wording, behind: Ints) -> Wording:
    keys = np.union1d(before.keys, after.keys)
    first, second = np.searchsorted(keys, before.keys), np.searchsorted(keys, after.keys)
    weights = np.empty(len(keys), np.float32)
    weights[first] = before.weights
    weights[second] = after.weights  # texts tell better how common a word is
    gather, offsets = _interleaved(before.offsets, after.offsets)
    moved = np.repeat(behind, np.diff(after.offsets)).astype(np.uint32)
    return attrs.evolve(
        after,
        stems=_joined(first[before.stems], second[after.stems])[gather].astype(np.uint32),
        words=np.empty(0, np.uint32),  # what stories do not read
        starts=_joined(before.starts, after.starts + moved)[gather],
        ends=_joined(before.ends, after.ends + moved)[gather],
        offsets=offsets,
        keys=keys,
        weights=weights,
    )


def _anchored(before: Anchors, after: Anchors, behind: Ints) -> Anchors:
    values = np.union1d(before.values, after.values)
    first, second = np.searchsorted(values, before.values), np.searchsorted(values, after.values)
    gather, offsets = _interleaved(before.offsets, after.offsets)
    moved = np.repeat(behind, np.diff(after.offsets)).astype(np.float32)
    return attrs.evolve(
        after,
        values=values,
        keys=_joined(first[before.keys], second[after.keys])[gather].astype(np.uint32),
        weights=_joined(before.weights, after.weights)[gather],
        factors=_joined(before.factors, after.factors)[gather],
        places=_joined(before.places, after.places + moved)[gather],
        words=_joined(before.words, after.words + _BEHIND)[gather],
        offsets=offsets,
        lengths=after.lengths + behind,
    )


def _joined(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate([before, after])


def _interleaved(before: Ints, after: Ints) -> tuple[Ints, Ints]:
    """Rows of two columns one behind the other, so that each text has those of both; new offsets."""
    sizes = np.stack([np.diff(before), np.diff(after)], axis=1).ravel()
    firsts = np.stack([before[:-1], after[:-1] + before[-1]], axis=1).ravel()
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return np.repeat(firsts - ends[:-1], sizes) + np.arange(ends[-1]), ends[::2]
