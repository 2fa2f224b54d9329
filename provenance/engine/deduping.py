"""One pass over a corpus that keeps one copy of each group of reposts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from provenance.config import Profile
from provenance.index.candidates import candidate_pairs
from provenance.model import Article
from provenance.sketch.signatures import sketch_texts
from provenance.verify.overlap import measure_pairs

__all__ = ["Keep", "choose_kept", "dedupe", "find_groups"]

Keep = Literal["first", "earliest", "longest"]


def dedupe(
    articles: Iterable[Article], *, keep: Keep = "first", profile: Profile | None = None
) -> Iterator[Article]:
    """Yield one article of each repost group, in input order.

    Args:
        articles: The corpus.
        keep: Which member of a group stays: the first in the input, the one with the earliest
            `published`, or the one with the longest text; ties go to the first.
        profile: Settings; ``profile.verify.whole`` is the overlap from which two texts are copies.
    """
    corpus = list(articles)
    groups = find_groups([article.text for article in corpus], profile=profile)
    kept = choose_kept(corpus, groups, keep)
    for number, article in enumerate(corpus):
        if kept[groups[number]] == number:
            yield article


def find_groups(texts: Sequence[str], *, profile: Profile | None = None) -> list[int]:
    """Return for every text the number of the first text of its repost group.

    Two texts are in one group if a chain of verified pairs ties them, in each of which both texts
    hold at least ``profile.verify.whole`` of the other's shingles.  Texts too short for a shingle
    are grouped only if their words are the same after folding.
    """
    settings = profile or Profile()
    sketches = sketch_texts(texts, settings.sketch)
    pairs = candidate_pairs(sketches, settings.index)
    measures = measure_pairs(pairs, sketches)
    both = np.minimum(measures.containment_a, measures.containment_b)
    return _roots(pairs[both >= settings.verify.whole], len(texts))


def choose_kept(articles: Sequence[Article], groups: Sequence[int], keep: Keep) -> dict[int, int]:
    """Return the number of the article that stays, by group."""
    kept: dict[int, int] = {}
    for number, group in enumerate(groups):
        best = kept.get(group)
        if best is None or _better(articles[number], articles[best], keep):
            kept[group] = number
    return kept


def _better(new: Article, old: Article, keep: Keep) -> bool:
    if keep == "earliest":
        return bool(new.published) and (not old.published or new.published < old.published)
    return keep == "longest" and len(new.text) > len(old.text)


def _roots(pairs: NDArray[np.uint32], count: int) -> list[int]:
    """Union by the smaller number."""
    parent = list(range(count))

    def find(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for a, b in pairs.tolist():
        first, second = sorted((find(a), find(b)))
        parent[second] = first
    return [find(number) for number in range(count)]
