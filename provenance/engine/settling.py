"""A store's contents looked at as a whole: what a batch of everything would say.

Limits: all words of all articles are in memory at once, 6 KB for an article of 300 words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from provenance.config import Profile
from provenance.engine.linking import link_matches
from provenance.engine.observing import Kept, join_stories
from provenance.engine.packing import pack_link
from provenance.sketch.signatures import sketch_columns
from provenance.stores.contract import Entries, StoredLink
from provenance.text.columns import columns_of
from provenance.verify.matching import match_pairs

__all__ = ["judge_anew", "with_gaps"]


def judge_anew(
    kept: Sequence[Kept],
    rows: Sequence[StoredLink],
    settings: Profile,
    agencies: Mapping[str, str] | None,
) -> tuple[list[StoredLink], dict[int, int]]:
    """Judge the pairs of a store again.

    Args:
        kept: All articles, in the order of their identifiers.
        rows: All pairs that share much.
        settings: All settings.
        agencies: Agencies among the outlets; ``None`` if nobody asks who took from whom.

    Returns:
        The pairs that are judged otherwise than they were, and the story of each document.
    """
    place = {item.number: at for at, item in enumerate(kept)}
    pairs = np.array(
        sorted(sorted((place[row.early], place[row.late])) for row in rows), np.uint32
    ).reshape(-1, 2)
    articles = [item.article for item in kept]
    readings = [item.reading for item in kept]
    columns = columns_of([a.text for a in articles], [r.masks for r in readings])
    matches = match_pairs(
        pairs,
        sketch_columns(columns, settings.sketch),
        columns,
        settings.verify,
        texts=[article.text for article in articles],
        publishers=[article.publisher for article in articles],
        published=[article.published for article in articles],
    )
    number_of = {item.article.id: item.number for item in kept}
    judged = {(row.late, row.early): ("", b"") for row in rows}
    ties = []
    for link in link_matches(matches, articles, readings, agencies):
        early, late = sorted((number_of[link.a], number_of[link.b]))
        judged[late, early] = link.kind, pack_link(link)
        ties.append((late, early))
    before = {(row.late, row.early): (row.kind, row.record) for row in rows}
    changed = [
        StoredLink(late=late, early=early, kind=kind, record=record)
        for (late, early), (kind, record) in judged.items()
        if before.get((late, early)) != (kind, record)
    ]
    return changed, join_stories({item.number: item.number for item in kept}, ties)


def with_gaps(entries: Entries, places: Sequence[int], count: int) -> Entries:
    """Return the entries of documents among `count` numbers, some of which have no document."""
    sizes = np.zeros(count, np.int64)
    sizes[places] = np.diff(entries.offsets)
    traits = np.zeros((count, entries.traits.shape[1]), np.uint64)
    traits[places] = entries.traits
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return Entries(keys=entries.keys, offsets=offsets, traits=traits)
