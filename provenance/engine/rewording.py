"""The wording view at work: what was told again in other words, and passages that were lifted.

Stems, rare keys, scores and passages come from three stages; this is where they meet.  Pairs that the
verbatim view has linked already are left to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt

from provenance.config import Profile
from provenance.disjoint import smallest_members
from provenance.index.rare import rare_candidates
from provenance.model import Article, Evidence, Overlap
from provenance.sketch.signatures import Sketches
from provenance.sketch.wording import Wording
from provenance.verify.kinds import related_by
from provenance.verify.matching import Match
from provenance.verify.overlap import Measures, measure_pairs
from provenance.verify.passages import (
    Rates,
    find_passages,
    link_passages,
    measure_rates,
    spans_of,
)
from provenance.verify.wording import Tier, WordingScores, score_pairs

__all__ = ["Reworded", "match_wording"]

#: Texts of a language up to which every pair of them is scored: it takes no time, and in few texts no
#: stem is known to be rare.
_ALL_PAIRS = 150


@attrs.frozen(kw_only=True)
class Reworded:
    """What the wording of texts shows beyond their copies.

    Attributes:
        sure: Matches of kind ``rewrite``, and of kind ``excerpt`` where a passage was lifted; sorted.
        possible: Matches that may be, with their probability, sorted; no pair is in both.
    """

    sure: tuple[Match, ...]
    possible: tuple[Match, ...]


def match_wording(
    wording: Wording,
    sketches: Sketches,
    articles: Sequence[Article],
    known: Sequence[Match],
    settings: Profile,
) -> Reworded:
    """Find the articles that tell another one again.

    Args:
        wording: Stems of the articles, masked words left out.
        sketches: Shingles of the same words.
        articles: The articles.
        known: Matches that need no further look.
        settings: All settings.
    """
    copies = np.array([(match.a, match.b) for match in known], np.uint32).reshape(-1, 2)
    pairs = np.concatenate([rare_candidates(wording, settings.rare), _all_pairs(wording.groups)])
    # Copies are scored as well: a detail that twenty copies of one text hold is not known to twenty.
    pairs = np.unique(np.concatenate([pairs, copies]), axis=0)
    scores = score_pairs(pairs, wording, [article.text for article in articles], settings.wording)
    measures = measure_pairs(pairs, sketches, settings.verify)
    linked = {(match.a, match.b) for match in known}
    fresh = np.array([tuple(pair) not in linked for pair in pairs.tolist()], np.bool_)
    # Passages make no link without so many runs in common, and are looked for nowhere else.
    told = (scores.tiers > Tier.NONE) | (measures.shared >= settings.passages.min_telling)
    rows = np.flatnonzero(fresh & told)
    rates = measure_rates(wording)
    passages = find_passages(pairs[rows], wording, settings.passages, rates=rates)
    reposts = np.array(
        [(match.a, match.b) for match in known if match.kind == "repost"], np.uint32
    ).reshape(-1, 2)
    lifted = link_passages(
        passages,
        pairs[rows],
        wording,
        settings.passages,
        owners=smallest_members(reposts, len(articles)),
    )
    likely = related_by(lifted.telling, lifted.telling_share)
    spans = spans_of(passages, pairs[rows], wording)
    sure: list[Match] = []
    possible: list[Match] = []
    for place, row in enumerate(rows.tolist()):
        a, b = pairs[row].tolist()
        reworded = scores.tiers[row] == Tier.REWRITE
        if not (reworded or lifted.linked[place] or scores.tiers[row]):
            continue
        match = Match(
            a=a,
            b=b,
            kind="rewrite",
            overlap=_overlap(measures, row),
            spans=spans[place],
            shared=int(measures.shared[row]),
            related=float(scores.probability[row]),
            evidence=(_said(scores, row),),
        )
        if lifted.linked[place] and not reworded:
            match = attrs.evolve(match, kind="excerpt", related=float(likely[place]), evidence=())
        (sure if reworded or lifted.linked[place] else possible).append(match)
    through = _through_copies(sure, known, wording, sketches, rates, articles, settings)
    taken = {(match.a, match.b) for match in through}
    return Reworded(
        sure=tuple(sorted((*sure, *through), key=_place)),
        possible=tuple(match for match in possible if _place(match) not in taken),
    )


def _place(match: Match) -> tuple[int, int]:
    return match.a, match.b


def _through_copies(
    found: Sequence[Match],
    known: Sequence[Match],
    wording: Wording,
    sketches: Sketches,
    rates: Rates,
    articles: Sequence[Article],
    settings: Profile,
) -> list[Match]:
    """What tells a text again tells its copies again, so far as these hold the same.

    A cut copy stands at other places than what was told from the whole, so it is not seen by itself.
    """
    copies: dict[int, set[int]] = {}
    for match in known:
        copies.setdefault(match.a, set()).add(match.b)
        copies.setdefault(match.b, set()).add(match.a)
    linked = {_place(match) for match in (*known, *found)}
    source: dict[tuple[int, int], tuple[int, Match]] = {}
    for match in found:
        for whole, teller in ((match.a, match.b), (match.b, match.a)):
            for copy in copies.get(whole, ()) if match.kind == "rewrite" else ():
                pair = (min(copy, teller), max(copy, teller))
                if copy != teller and pair not in linked:
                    best = source.get(pair)
                    if best is None or match.related > best[1].related:
                        source[pair] = whole, match
    pairs = np.array(sorted(source), np.uint32).reshape(-1, 2)
    # That a passage is there is expected, so half of the strength shows it.
    spec = attrs.evolve(settings.passages, strength=settings.passages.strength / 2)
    passages = find_passages(pairs, wording, spec, rates=rates)
    measures = measure_pairs(pairs, sketches, settings.verify)
    return [
        Match(
            a=a,
            b=b,
            kind="rewrite",
            overlap=_overlap(measures, row),
            spans=spans,
            shared=int(measures.shared[row]),
            related=source[a, b][1].related,
            evidence=(
                Evidence(
                    type="wording",
                    text=f"one tells {articles[source[a, b][0]].id} again, the other copies it",
                    weight=0.0,
                    toward="related",
                ),
            ),
        )
        for row, ((a, b), spans) in enumerate(
            zip(pairs.tolist(), spans_of(passages, pairs, wording), strict=True)
        )
        if spans
    ]


def _overlap(measures: Measures, row: int) -> Overlap:
    return Overlap(
        jaccard=float(measures.jaccard[row]),
        containment_a=float(measures.containment_a[row]),
        containment_b=float(measures.containment_b[row]),
    )


def _all_pairs(groups: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint32]:
    """Every two texts of the languages that few texts are in."""
    pairs = [np.empty((0, 2), np.uint32)]
    for group in np.flatnonzero(np.bincount(groups) <= _ALL_PAIRS).tolist():
        members = np.flatnonzero(groups == group).astype(np.uint32)
        pairs.append(members[np.stack(np.triu_indices(len(members), 1), axis=1)])
    return np.concatenate(pairs)


def _said(scores: WordingScores, row: int) -> Evidence:
    """The parts of a score in words."""
    text = (
        f"the words they share make {scores.jaccard[row]:.0%} of both by weight, "
        f"{scores.ordered[row]:.0%} of these in the same place; "
        f"{scores.rare_keys[row]} rare details stand together in both"
    )
    if scores.conflicts[row]:
        text += f"; {scores.conflicts[row]} numbers in each that the other lacks"
    if scores.contradicts[row]:
        text += "; they contradict each other"
    probability = min(0.999, max(0.001, float(scores.probability[row])))
    weight = float(np.log(probability / (1 - probability)))
    return Evidence(type="wording", text=text, weight=round(weight, 2), toward="related")
