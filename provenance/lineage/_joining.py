"""Which texts to compare, and which to hold together: no all-pairs, no chains.

Candidates share rare keys.  Groups come from average linkage inside connected components with an
absolute cut: linking by single pairs alone makes one story of hundreds of unrelated texts, and cuts
relative to the whole corpus would let unrelated texts change a story.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush
from typing import Final

import numpy as np

from provenance.lineage._rows import Corpus, Floats, Ints, View

__all__ = [
    "APART",
    "CLIP",
    "FOREIGN",
    "Forest",
    "average_linkage",
    "components",
    "shared_key_pairs",
]

#: Up to this many texts every pair is compared: 11,000 pairs cost a tenth of a second, and a small
#: corpus has no rare keys to choose by.
ALL_PAIRS: Final = 150

#: Keys of a text that look for partners, the most salient ones.
PROBES: Final = 40

#: A key lighter than this is no probe either: a fifth of all texts hold it.
MIN_PROBE: Final = 1.5

#: A key in more texts than this is no probe: it would pair all of them.
HOT: Final = 60

#: Partners of a text that are compared, of its own language and of others; texts also meet where only
#: the other chose them.  With eight, F1 on labeled pairs is the same to a point.
PARTNERS: Final = 6

#: Score of two texts that were not compared, or stand too far apart in time.  Uncompared pairs share
#: too little to be candidates; the median score of unrelated pairs is about this.
APART: Final = -2.5

#: Two very similar texts must not outweigh several dissimilar pairs.
CLIP: Final = 4.0

#: Weight of a pair in two languages against one in a single language.
FOREIGN: Final = 0.25


def shared_key_pairs(corpus: Corpus, allowed: Ints, spans: Ints, max_days: int) -> Ints:
    """Return int64[P, 2], pairs of documents that share salient keys, sorted, none twice.

    Args:
        corpus: Weighed keys.
        allowed: Numbers of the documents that may be paired.
        spans: int64[N, 2], first and last possible day of each document.
        max_days: Documents certainly further apart are not paired.
    """
    if len(allowed) <= ALL_PAIRS:
        i, j = np.triu_indices(len(allowed), 1)
        pairs = np.column_stack([allowed[i], allowed[j]])
        return np.sort(pairs, axis=1)[np.lexsort((pairs.max(axis=1), pairs.min(axis=1)))]
    found = [_partners(corpus, corpus.stems, allowed, spans, max_days, within=True)]
    if corpus.names is not corpus.stems:
        found.append(_partners(corpus, corpus.names, allowed, spans, max_days, within=False))
    return np.unique(np.concatenate(found), axis=0)


def _partners(
    corpus: Corpus, view: View, allowed: Ints, spans: Ints, max_days: int, *, within: bool
) -> Ints:
    """The best partners of each document by one view: of its language by stems, else of others."""
    from provenance.lineage._row_kernels import best_partners, best_probes

    usable = np.zeros(len(view.starts) - 1, np.bool_)
    usable[allowed] = True
    words = view.row_words()
    mass = view.salience[words] * (view.weights / np.maximum(view.masses[words], 1e-9))
    offsets, keys, mass = best_probes(
        usable, view.starts, view.keys, view.weights, mass, view.key_count, MIN_PROBE, HOT, PROBES
    )
    left, right = best_partners(
        offsets, keys, mass, view.key_count, corpus.languages, within, spans, max_days, PARTNERS
    )
    return np.column_stack([left, right])


class Forest:
    """Items joined into trees, each known by its smallest item."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, item: int) -> int:
        """Return the smallest item of the tree of an item."""
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def unite(self, a: int, b: int) -> bool:
        """Join the trees of two items; tell whether they were apart."""
        a, b = self.root(a), self.root(b)
        self._parent[max(a, b)] = min(a, b)
        return a != b


def components(size: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Return for each of `size` items the smallest item it is connected with."""
    forest = Forest(size)
    for pair in pairs:
        forest.unite(*pair)
    return [forest.root(item) for item in range(size)]


def average_linkage(
    languages: Sequence[int], pairs: Ints, scores: Floats, cut: float
) -> list[list[int]]:
    """Group items by average linkage.

    A pair in two languages weighs :data:`FOREIGN` of a pair in one: its score knows less.

    Args:
        languages: Language of each item, -1 where unknown; items are numbered from 0.
        pairs: int64[P, 2], the compared pairs, smaller number first.
        scores: float64[P], their scores; other pairs count :data:`APART`.
        cut: Two groups are joined while the mean score between them is at least this.

    Returns:
        Groups, each ascending, ordered by their first item.  Equal means are joined in the order of
        the smallest items of the two groups.
    """
    # Weighed sums of score - APART between groups: uncompared pairs add nothing.
    near: list[dict[int, float]] = [{} for _ in languages]
    for (a, b), score in zip(pairs.tolist(), scores.tolist(), strict=True):
        weight = 1.0 if languages[a] == languages[b] >= 0 else FOREIGN
        near[a][b] = near[b][a] = (min(score, CLIP) - APART) * weight
    members = {item: [item] for item in range(len(languages))}
    spoken = {item: Counter([language]) for item, language in enumerate(languages)}

    def mean(a: int, b: int) -> float:
        same = sum(
            count * spoken[b][language] for language, count in spoken[a].items() if language >= 0
        )
        return near[a][b] / (same + FOREIGN * (len(members[a]) * len(members[b]) - same)) + APART

    heap = [(-mean(a, b), a, b, 1, 1) for a, others in enumerate(near) for b in others if a < b]
    heapify(heap)
    while heap:
        negated, a, b, of_a, of_b = heappop(heap)
        if -negated < cut:
            break
        if len(members.get(a, ())) != of_a or len(members.get(b, ())) != of_b:
            continue
        members[a] += members.pop(b)
        spoken[a] += spoken.pop(b)
        gone, near[b] = near[b], {}
        for other, excess in gone.items():
            near[other].pop(b)
            if other != a:
                near[a][other] = near[other][a] = near[a].get(other, 0.0) + excess
        for other in near[a]:
            first, second = min(a, other), max(a, other)
            sizes = (len(members[first]), len(members[second]))
            heappush(heap, (-mean(first, second), first, second, *sizes))
    return sorted(sorted(group) for group in members.values())
