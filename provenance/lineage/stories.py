"""Which articles report one event, in whatever language, whether or not they copy.

Verified copies belong together by definition.  Beyond them two articles are linked when what each is
about is found in the other (:mod:`provenance.lineage._salience`) and their dates allow one event; the
links are weighed by a fitted score and grouped by average linkage
(:mod:`provenance.lineage._joining`).  Two events of the same actors look alike in all of this; a group
whose parts name different days is split (:mod:`provenance.lineage._splitting`).

In a small corpus rarity comes from priors alone, so that articles on other things change nothing.  From
:attr:`StorySpec.counted_from` articles of a language on their own frequencies count, and in a crowd a
link needs more.

Limits: the score was fitted on pairs of 2020 (``data/story_weights.json`` says on which); texts of a
few words are too short to be linked unless they are copies; a page that lists many stories may hang on
any of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

import attrs
import numpy as np
import xxhash

from provenance.config import StorySpec
from provenance.lineage._headlines import with_headlines
from provenance.lineage._joining import (
    APART,
    CLIP,
    FOREIGN,
    Forest,
    average_linkage,
    components,
    shared_key_pairs,
)
from provenance.lineage._rows import Corpus, Floats, Ints, prepare_corpus
from provenance.lineage._salience import FEATURES, measure_features
from provenance.lineage._splitting import split_by_days
from provenance.model import Article
from provenance.sketch.anchoring import Anchors
from provenance.sketch.figures import Figures
from provenance.sketch.wording import Wording

__all__ = ["Stories", "StoryLink", "group_stories", "story_id"]

#: Articles of the smallest group of copies that may be divided; and of the largest, whose missing links
#: are as many as its pairs.
SMALLEST: Final = 4
LARGEST: Final = 200

#: Members of a group of copies that stand for it when it is compared with other articles.
SPEAKERS: Final = 3

#: Pairs measured at once, so that memory stays bounded however many there are.
CHUNK: Final = 1 << 18

_FAR: Final = 10_000_000  # days; an unknown date is anywhere


@attrs.frozen(kw_only=True)
class StoryLink:
    """One of the links that hold a story together where no copy does.

    Attributes:
        a: Position of an article in the input, smaller than `b`.
        b: Position of the other.
        score: Log-odds above the threshold at which pairs are called one story.
        probability: That both report one event, given their dates and how many texts are around them;
            calibrated on the pairs that the score was fitted on.
    """

    a: int
    b: int
    score: float
    probability: float


@attrs.frozen(kw_only=True)
class Stories:
    """A partition of the articles.

    Attributes:
        groups: Positions of the articles of each story, ascending; every article is in exactly one.
        ids: Identifier of each story.
        links: A spanning tree of each story's groups of copies; sorted.
    """

    groups: tuple[tuple[int, ...], ...]
    ids: tuple[str, ...]
    links: tuple[StoryLink, ...]


def group_stories(
    articles: Sequence[Article],
    wording: Wording,
    anchors: Anchors | None,
    figures: Figures,
    linked: Sequence[tuple[int, int]],
    intervals: Sequence[tuple[str, str]],
    spec: StorySpec,
) -> Stories:
    """Group articles by the event they report.

    Args:
        articles: The corpus, identifiers distinct, languages filled in.
        wording: Stems of the articles, from their unmasked words as the next two.
        anchors: Their anchors; not needed where all are in one language.
        figures: Numbers and days that they name.
        linked: Verified copies, as pairs of positions.
        intervals: When each article can have been written, ISO dates, empty where unbounded.
        spec: Thresholds.

    Returns:
        The stories, ordered by their first article in the input; the same partition, identifiers and
        links whatever the order of the articles.
    """
    if not articles:
        return Stories(groups=(), ids=(), links=())
    wording, anchors = with_headlines(articles, wording, anchors)
    # All work is done in identifier order, so that sums are made in one order.
    order = sorted(range(len(articles)), key=lambda position: articles[position].id)
    place = np.argsort(order)
    spans = _spans([intervals[position] for position in order])
    corpus = prepare_corpus(
        [articles[position].language for position in order],
        *_arranged(order, wording, anchors, figures),
        counted_from=spec.counted_from,
    )

    copies = place[np.array(linked, np.int64).reshape(-1, 2)]
    bundle = _bundles(corpus, copies, spec.copy_cut)
    speakers = _speakers(corpus, bundle, copies)
    pairs = shared_key_pairs(corpus, np.sort(np.concatenate(speakers)), spans, spec.max_days)
    pairs = pairs[bundle[pairs[:, 0]] != bundle[pairs[:, 1]]]
    scores, slopes, offsets = _scores(corpus, pairs)
    excess = scores - _bars(pairs, spans, spec)
    trust = np.where(corpus.same_language(pairs), 1.0, FOREIGN)
    between, means, rows = _between_bundles(pairs, excess, trust, bundle)

    joined = np.array(components(len(speakers), between[means >= 0].tolist()))
    inside = joined[between[:, 0]] == joined[between[:, 1]]
    grouped = [
        [group[i] for i in event]
        for group in average_linkage(
            _spoken(corpus, bundle), between[inside], means[inside], spec.cut
        )
        for event in split_by_days(corpus, [speakers[b] for b in group], spec.max_days)
    ]
    members: list[list[int]] = [[] for _ in speakers]
    for rank, its_bundle in enumerate(bundle.tolist()):
        members[its_bundle].append(rank)
    stories = sorted(
        (tuple(sorted(order[rank] for b in group for rank in members[b])), group)
        for group in grouped
    )
    story_of = np.empty(len(speakers), np.int64)
    for number, (_, group) in enumerate(stories):
        story_of[group] = number
    held = _spanning(between, means, story_of)
    odds = slopes * excess + offsets
    links = [
        _link(order, pairs[row], float(scores[row]), float(odds[row]))
        for row in rows[held].tolist()
    ]
    return Stories(
        groups=tuple(group for group, _ in stories),
        ids=tuple(
            story_id([articles[i].id for i in group], [intervals[i][0] for i in group])
            for group, _ in stories
        ),
        links=tuple(sorted(links, key=lambda link: (link.a, link.b))),
    )


def story_id(members: Sequence[str], earliest: Sequence[str]) -> str:
    """Return the identifier of a story.

    It is the digest of the identifier of the member that can have been written first (undated members
    come last, ties go to the smaller identifier).  So it survives every article that joins later, unless that
    article's date lies before all others or, in a story without dates, its identifier does.

    Args:
        members: Identifiers of the articles.
        earliest: ISO date before which each was not written, empty if unknown.
    """
    _, _, first = min((not day, day, member) for member, day in zip(members, earliest, strict=True))
    return f"s-{xxhash.xxh3_64_hexdigest(first.encode('utf-8', 'surrogatepass'))}"


def _arranged(
    order: Sequence[int], wording: Wording, anchors: Anchors | None, figures: Figures
) -> tuple[Wording, Anchors | None, Figures]:
    """The same columns, the texts in another order."""
    if list(order) == sorted(order):
        return wording, anchors, figures
    chosen = np.array(order, np.int64)

    def gathered(offsets: Ints) -> tuple[Ints, Ints]:
        sizes = np.diff(offsets)[chosen]
        moved = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        return np.repeat(offsets[chosen] - moved[:-1], sizes) + np.arange(moved[-1]), moved

    stems, of_stems = gathered(wording.offsets)
    values, of_values = gathered(figures.offsets)
    wording = attrs.evolve(
        wording,
        stems=wording.stems[stems],
        words=np.empty(0, np.uint32),  # what stories do not read
        starts=wording.starts[stems],
        ends=wording.ends[stems],
        offsets=of_stems,
        groups=wording.groups[chosen],
    )
    if anchors:
        keys, of_keys = gathered(anchors.offsets)
        anchors = attrs.evolve(
            anchors,
            tongues=anchors.tongues[chosen],
            keys=anchors.keys[keys],
            weights=anchors.weights[keys],
            factors=anchors.factors[keys],
            places=anchors.places[keys],
            words=anchors.words[keys],
            offsets=of_keys,
            lengths=anchors.lengths[chosen],
        )
    return wording, anchors, attrs.evolve(figures, values=figures.values[values], offsets=of_values)


def _spans(intervals: Sequence[tuple[str, str]]) -> Ints:
    """int64[N, 2]: first and last possible day of each article."""
    return np.array(
        [
            (
                date.fromisoformat(first[:10]).toordinal() if first else -_FAR,
                date.fromisoformat(last[:10]).toordinal() if last else _FAR,
            )
            for first, last in intervals
        ],
        np.int64,
    ).reshape(-1, 2)


def _bundles(corpus: Corpus, copies: Ints, cut: float) -> Ints:
    """int64[N]: number of each text's group of copies.

    A page that quotes two articles is a copy of both and makes neither a copy of the other.  So where
    links are missing in a group, its texts are joined by average linkage too: verified copies are as alike
    as can be, other pairs as alike as they score.
    """
    whole = np.array(components(len(corpus.languages), copies.tolist()))
    size = np.bincount(whole, minlength=len(whole))
    copies = np.unique(np.sort(copies, axis=1), axis=0)
    held = np.bincount(whole[copies[:, 0]], minlength=len(whole))
    loose = (size >= SMALLEST) & (size <= LARGEST) & (2 * held < size * (size - 1))
    chosen = np.flatnonzero(loose[whole])
    if len(chosen):
        number = np.searchsorted(chosen, np.arange(len(whole)))
        linked = copies[loose[whole[copies[:, 0]]]]
        inside = [
            np.flatnonzero(whole == group)[np.column_stack(np.triu_indices(size[group], 1))]
            for group in np.flatnonzero(loose)
        ]
        others = _without(np.concatenate(inside), linked)
        pairs = number[np.concatenate([linked, others])]
        scores = np.concatenate([np.full(len(linked), CLIP), _scores(corpus, others)[0]])
        for group in average_linkage(corpus.languages[chosen].tolist(), pairs, scores, cut):
            whole[chosen[group]] = chosen[group[0]]
    _, bundle = np.unique(whole, return_inverse=True)
    return bundle


def _without(pairs: Ints, others: Ints) -> Ints:
    """Pairs that are not among others, both with the smaller number first."""
    codes, known = (part[:, 0] << 32 | part[:, 1] for part in (pairs, others))
    return pairs[~np.isin(codes, known)]


def _speakers(corpus: Corpus, bundle: Ints, copies: Ints) -> list[Ints]:
    """Documents that stand for each group of copies.

    Those with most copies are what the group has in common, and the longest of them hold the most of it;
    one of each language comes before the second of any.
    """
    degree = np.bincount(copies.ravel(), minlength=len(bundle))
    order = np.lexsort((-corpus.lengths, -degree, corpus.languages, bundle))
    other = np.diff(bundle[order], prepend=-1) | np.diff(corpus.languages[order], prepend=-2)
    first = np.flatnonzero(other)
    turn = np.arange(len(order)) - np.repeat(first, np.diff(first, append=len(order)))
    order = order[np.lexsort((-degree[order], turn, bundle[order]))]
    starts = np.flatnonzero(np.diff(bundle[order], prepend=-1))
    return [group[:SPEAKERS] for group in np.split(order, starts[1:])]


def _spoken(corpus: Corpus, bundle: Ints) -> list[int]:
    """The language of most texts of each group of copies; of two the first."""
    count = np.zeros((int(bundle.max()) + 1, int(corpus.languages.max()) + 2), np.int64)
    np.add.at(count, (bundle, corpus.languages + 1), 1)
    found: list[int] = (count.argmax(axis=1) - 1).tolist()
    return found


def _scores(corpus: Corpus, pairs: Ints) -> tuple[Floats, Floats, Floats]:
    """Score of each pair, log-odds above the threshold, and what turns it into calibrated log-odds."""
    same = corpus.same_language(pairs)
    within, across = _weights()
    scores = np.empty(len(pairs))
    for first in range(0, len(pairs), CHUNK):
        part = slice(first, first + CHUNK)
        features = measure_features(corpus, pairs[part])
        # Row by row: a product of matrices would round by how many rows there are.
        scores[part] = np.where(
            same[part],
            (features * within.weights).sum(axis=1) + within.constant,
            (features * across.weights).sum(axis=1) + across.constant,
        )
    slopes = np.where(same, within.slope, across.slope)
    return scores, slopes, np.where(same, within.offset, across.offset)


def _bars(pairs: Ints, spans: Ints, spec: StorySpec) -> Floats:
    """What each pair's score must reach, by the days between its texts and the texts around them."""
    first, last = spans[pairs, 0], spans[pairs, 1]
    # Days that certainly lie, and that may lie, between the two.
    least = np.maximum(first[:, 1] - last[:, 0], first[:, 0] - last[:, 1])
    most = np.maximum(last[:, 1] - first[:, 0], last[:, 0] - first[:, 1])
    bars = np.where(
        most <= spec.near_days,
        spec.bar,
        np.where(least > spec.near_days, spec.far_bar, spec.undated_bar),
    )
    # Texts that may fall into the window of each: the more there are, the more pairs are alike by chance.
    later = np.searchsorted(np.sort(spans[:, 0]), spans[:, 1] + spec.max_days, side="right")
    earlier = np.searchsorted(np.sort(spans[:, 1]), spans[:, 0] - spec.max_days, side="left")
    doublings = np.floor(np.log2(np.maximum((later - earlier) / spec.crowd, 1.0)))
    bars = bars + spec.crowd_bar * doublings[pairs].max(axis=1)
    return np.where(least > spec.max_days, np.inf, bars)


@attrs.frozen(kw_only=True, eq=False)
class _Weights:
    """A fitted score: coefficients in the order of :data:`FEATURES`, constant less threshold."""

    weights: Floats
    constant: float
    slope: float
    offset: float


@cache
def _weights() -> tuple[_Weights, _Weights]:
    """The scores of two texts in one language and in two."""
    source = files("provenance.lineage").joinpath("data", "story_weights.json")
    table: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    within, across = (
        _Weights(
            weights=np.array([fitted["weights"].get(name, 0.0) for name in FEATURES]),
            constant=fitted["constant"] - fitted["threshold"],
            slope=fitted["slope"],
            offset=fitted["offset"],
        )
        for fitted in (table["within"], table["across"])
    )
    return within, across


def _between_bundles(
    pairs: Ints, excess: Floats, trust: Floats, bundle: Ints
) -> tuple[Ints, Floats, Ints]:
    """Pairs of groups of copies, mean score above the bar between them, and row of the best pair."""
    ends = np.sort(bundle[pairs], axis=1)
    codes, place = np.unique(ends[:, 0] * (len(bundle) + 1) + ends[:, 1], return_inverse=True)
    means = np.bincount(place, np.maximum(excess, APART) * trust) / np.bincount(place, trust)
    order = np.lexsort((-excess, place))
    best = order[np.searchsorted(place[order], np.arange(len(codes)))]
    return np.column_stack(np.divmod(codes, len(bundle) + 1)), means, best


def _spanning(between: Ints, means: Floats, story_of: Ints) -> list[int]:
    """Which pairs hold each story's groups of copies together, the strongest first."""
    inside = np.flatnonzero(story_of[between[:, 0]] == story_of[between[:, 1]])
    inside = inside[np.argsort(-means[inside], kind="stable")]
    forest = Forest(len(story_of))
    return [row for row in inside.tolist() if forest.unite(*between[row].tolist())]


def _link(order: Sequence[int], pair: Ints, score: float, odds: float) -> StoryLink:
    a, b = sorted((order[int(pair[0])], order[int(pair[1])]))
    return StoryLink(a=a, b=b, score=score, probability=1.0 / (1.0 + math.exp(-odds)))
