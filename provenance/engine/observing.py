"""What a tracker says of an article, and how pairs of a batch are judged.

The judging is that of a batch (:mod:`provenance.verify.matching`) on the few articles that met, with the
rarity of phrases taken from the recent past instead of from the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import Profile, VerifySpec
from provenance.engine.crediting import Reading
from provenance.engine.linking import link_matches
from provenance.engine.meeting import Candidates
from provenance.engine.packing import pack_link, unpack, unpack_link
from provenance.model import Article, ArticleId, Dates, Link, Mention
from provenance.sketch.signatures import Sketches, sketch_columns
from provenance.stores.contract import Document
from provenance.text.columns import columns_of
from provenance.verify.matching import Match, match_pairs
from provenance.verify.overlap import Measures, measure_pairs
from provenance.verify.rarity import Rarity, mark_known

__all__ = [
    "Judged",
    "Kept",
    "Observation",
    "Verdict",
    "join_stories",
    "judge",
    "kept_of",
    "plain_reading",
    "verdict_of",
]

Verdict = Literal["new", "exact", "near", "part", "revision", "outdated"]

#: Slots of 128 for which ``IndexSpec.agreement`` is stated.
_AGREEMENT_SLOTS = 128


@attrs.frozen(kw_only=True)
class Observation:
    """What a tracker says of an article.

    Attributes:
        id: Of the article.
        links: To articles that were there before it, sorted by identifiers.
        mentions: Sources that it names.
        story: Name of its story.
        verdict: ``new``; ``exact`` if an earlier article has the same words; ``near`` if one is a whole
            copy of it; ``part`` if one shares a part with it; ``revision`` if it is a later version of
            one, by its identifier or by what it says; ``outdated`` if a newer version is known already,
            and nothing was done.
    """

    id: ArticleId
    links: tuple[Link, ...]
    mentions: tuple[Mention, ...]
    story: str
    verdict: Verdict

    @property
    def is_repost(self) -> bool:
        """Whether it is a whole copy of an article that was there before it."""
        return any(link.kind == "repost" for link in self.links)


@attrs.frozen(kw_only=True)
class Kept:
    """An article of a store.

    Attributes:
        number: In the store.
        story: Number of the first document of its story.
        article: The article.
        reading: What was read in it; its language and nothing else where nothing was.
    """

    number: int
    story: int
    article: Article
    reading: Reading


@attrs.frozen(kw_only=True)
class Judged:
    """A pair that shares much.

    Attributes:
        late: Number of the later document.
        early: Number of the earlier one.
        link: What it is, rounded as on disk; ``None`` where formulae explain what the two share.
        record: The link as bytes.
    """

    late: int
    early: int
    link: Link | None
    record: bytes


def plain_reading(article: Article) -> Reading:
    """Return the reading of an article whose credits are not read."""
    day = article.published[:10]
    return Reading(
        language=article.language, mentions=(), masks=(), dates=Dates(earliest=day, latest=day)
    )


def judge(
    candidates: Candidates,
    kept: Mapping[int, Kept],
    fresh: Sketches,
    first: int,
    rarity: Rarity,
    settings: Profile,
    *,
    agencies: Mapping[str, str] | None,
    count: bool,
) -> list[Judged]:
    """Measure candidates, count the new documents, and judge.

    Args:
        candidates: The pairs.
        kept: By number, all articles of these pairs that are still there.
        fresh: Sketches of the new documents.
        first: Number of the first of them.
        rarity: Of phrases.
        settings: All settings.
        agencies: Agencies among the outlets; ``None`` if nobody asks who took from whom.
        count: The new documents are to be counted.

    Returns:
        The pairs that share much.
    """
    there = np.array([a in kept and b in kept for a, b in candidates.pairs.tolist()], np.bool_)
    pairs = candidates.pairs[there]
    # By identifier, as in a batch: which text is called the first one decides how repeated words align.
    items = sorted(
        (kept[number] for number in np.unique(pairs).tolist()), key=lambda item: item.article.id
    )
    numbers = [item.number for item in items]
    articles = [item.article for item in items]
    readings = [item.reading for item in items]
    columns = columns_of([a.text for a in articles], [r.masks for r in readings])
    sketches = sketch_columns(columns, settings.sketch)
    place = {number: at for at, number in enumerate(numbers)}
    local = np.array([sorted((place[a], place[b])) for a, b in pairs.tolist()], np.uint32)
    local = local.reshape(-1, 2)
    order = np.lexsort((local[:, 1], local[:, 0]))
    local, sampled = np.ascontiguousarray(local[order]), candidates.sampled[there][order]
    plain = measure_pairs(local, sketches, settings.verify)
    if count:
        both = np.minimum(plain.containment_a, plain.containment_b)
        copies = local[both >= settings.verify.whole]
        _count_new(copies, numbers, sketches, fresh, first, rarity)
    if not len(local):
        return []

    words = np.diff(columns.offsets)[local].min(axis=1)
    wanted = (_agreeing(local, sketches, settings) | sampled) & _plausible(
        plain, words, settings.verify
    )
    chosen = np.ascontiguousarray(local[wanted])
    matches = match_pairs(
        chosen,
        sketches,
        columns,
        # Forms show in a large batch only.
        attrs.evolve(settings.verify, drop_forms=False),
        texts=[article.text for article in articles],
        publishers=[article.publisher for article in articles],
        published=[article.published for article in articles],
        spread=rarity.spread(sketches.shingles),
    )
    met = dict.fromkeys(map(tuple, chosen.tolist()))
    links = _links([m for m in matches if (m.a, m.b) in met], articles, readings, agencies)
    return [
        _judged(max(numbers[a], numbers[b]), min(numbers[a], numbers[b]), links.get((a, b)))
        for a, b in met
    ]


def _judged(late: int, early: int, link: Link | None) -> Judged:
    if link is None:
        return Judged(late=late, early=early, link=None, record=b"")
    record = pack_link(link)
    return Judged(late=late, early=early, link=unpack_link(record, link.a, link.b), record=record)


def _links(
    found: Sequence[Match],
    articles: Sequence[Article],
    readings: Sequence[Reading],
    agencies: Mapping[str, str] | None,
) -> dict[tuple[int, int], Link]:
    """Return the link of each match, by the places of its articles."""
    place = {article.id: number for number, article in enumerate(articles)}
    links = link_matches(found, articles, readings, agencies)
    return {
        (min(ends), max(ends)): link for link in links for ends in [(place[link.a], place[link.b])]
    }


def _agreeing(
    local: NDArray[np.uint32], sketches: Sketches, settings: Profile
) -> NDArray[np.bool_]:
    """Mark the pairs whose signatures agree in enough slots, counted in full."""
    slots = sketches.spec.permutations
    enough = max(1, round(settings.index.agreement * slots / _AGREEMENT_SLOTS))
    signatures = sketches.signatures
    equal = np.count_nonzero(signatures[local[:, 0]] == signatures[local[:, 1]], axis=1)
    agreeing: NDArray[np.bool_] = equal >= enough
    return agreeing


def _plausible(plain: Measures, words: NDArray[np.int64], spec: VerifySpec) -> NDArray[np.bool_]:
    """Mark the pairs that could be links if all that they share were telling.

    Only these are remembered: no change in what is rare makes links of others.
    """
    contained = np.maximum(plain.containment_a, plain.containment_b)
    mutual = np.minimum(plain.containment_a, plain.containment_b)
    shared = plain.shared
    part = (shared >= spec.min_strength) & (contained >= spec.min_containment)
    alike = (shared >= spec.min_telling) & (plain.jaccard >= spec.min_jaccard)
    long = (shared >= spec.min_mutual_shared) & (mutual >= spec.min_mutual)
    same = plain.jaccard == 1
    result: NDArray[np.bool_] = part | alike | long | same | (words < spec.exact_below)
    return result


def _count_new(
    copies: NDArray[np.uint32],
    numbers: Sequence[int],
    sketches: Sketches,
    fresh: Sketches,
    first: int,
    rarity: Rarity,
) -> None:
    """Count the shingles of new documents, but not what they have from a text they are a copy of."""
    skipped = np.zeros(fresh.shingles.size, np.uint8)
    offsets, own = sketches.offsets.tolist(), fresh.offsets.tolist()
    for pair in copies.tolist():
        early, late = sorted(pair, key=numbers.__getitem__)
        place = numbers[late] - first
        mark_known(
            fresh.shingles,
            (own[place], own[place + 1]),
            sketches.shingles,
            (offsets[early], offsets[early + 1]),
            skipped,
        )
    rarity.count(fresh.shingles, fresh.offsets, skipped)


def verdict_of(links: Sequence[Link], *, replaces: bool) -> Verdict:
    """Return the verdict on an article with these links to earlier ones."""
    kinds = {link.kind for link in links}
    if replaces:
        return "revision"
    if any(link.kind == "repost" and link.overlap.jaccard == 1 for link in links):
        return "exact"
    if "repost" in kinds:
        return "near"
    if "update" in kinds:
        return "revision"
    return "part" if kinds else "new"


def kept_of(document: Document) -> Kept:
    """Return what is in a document of a store."""
    article, reading = unpack(document.content)
    return Kept(
        number=document.number,
        story=document.story,
        article=article,
        reading=reading or plain_reading(article),
    )


def join_stories(story_of: Mapping[int, int], ties: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return for each story the one it is part of, the oldest of those that ties join.

    Args:
        story_of: Story of each document, by number.
        ties: Pairs of documents.
    """
    parent = {story: story for story in story_of.values()}

    def root(story: int) -> int:
        while parent[story] != story:
            parent[story] = parent[parent[story]]
            story = parent[story]
        return story

    for one, other in ties:
        low, high = sorted((root(story_of[one]), root(story_of[other])))
        parent[high] = low
    return {story: root(story) for story in parent}
