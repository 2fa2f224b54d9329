"""The wording view at work: what was told again in other words, and passages that were reworked.

Stems, rare keys, scores and passages come from three stages; this is where they meet.  Pairs that the
verbatim view has linked already are left to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt

from provenance.config import Profile
from provenance.index.rare import rare_candidates
from provenance.model import Article, Evidence, Overlap
from provenance.sketch.signatures import Sketches
from provenance.sketch.wording import wording_of
from provenance.text.columns import Columns
from provenance.verify.matching import Match
from provenance.verify.overlap import measure_pairs
from provenance.verify.passages import find_passages, measure_rates, spans_of
from provenance.verify.wording import Tier, WordingScores, score_pairs

__all__ = ["Reworded", "match_wording"]

#: Texts of a language up to which every pair of them is scored: it takes no time, and in few texts no
#: stem is known to be rare.
_ALL_PAIRS = 150


@attrs.frozen(kw_only=True)
class Reworded:
    """What the wording of texts shows beyond their copies.

    Attributes:
        sure: Matches of kind ``rewrite``, sorted.
        possible: Matches that may be, with their probability, sorted; no pair is in both.
    """

    sure: tuple[Match, ...]
    possible: tuple[Match, ...]


def match_wording(
    columns: Columns,
    sketches: Sketches,
    articles: Sequence[Article],
    known: Sequence[Match],
    settings: Profile,
) -> Reworded:
    """Find the articles that tell another one again.

    Args:
        columns: Words of the articles, masked ones left out.
        sketches: Shingles of these.
        articles: The articles, languages filled in.
        known: Matches that need no further look.
        settings: All settings.
    """
    texts = [article.text for article in articles]
    wording = wording_of(columns, texts, [article.language for article in articles])
    pairs = np.concatenate([rare_candidates(wording, settings.rare), _all_pairs(wording.groups)])
    copies = np.array([(match.a, match.b) for match in known], np.uint32).reshape(-1, 2)
    # Copies are scored as well: a detail that twenty copies of one text hold is not known to twenty.
    pairs = np.unique(np.concatenate([pairs, copies]), axis=0)
    scores = score_pairs(pairs, wording, texts, settings.wording)
    linked = {(match.a, match.b) for match in known}
    found = np.array(
        [
            row
            for row in np.flatnonzero(scores.tiers > Tier.NONE).tolist()
            if tuple(pairs[row].tolist()) not in linked
        ],
        np.int64,
    )
    pairs = pairs[found]
    measures = measure_pairs(pairs, sketches, settings.verify)
    passages = find_passages(pairs, wording, settings.passages, rates=measure_rates(wording))
    spans = spans_of(passages, pairs, wording)
    matches = [
        Match(
            a=a,
            b=b,
            kind="rewrite",
            overlap=Overlap(
                jaccard=float(measures.jaccard[row]),
                containment_a=float(measures.containment_a[row]),
                containment_b=float(measures.containment_b[row]),
            ),
            spans=spans[row],
            shared=int(measures.shared[row]),
            related=float(scores.probability[found[row]]),
            evidence=(_said(scores, int(found[row])),),
        )
        for row, (a, b) in enumerate(pairs.tolist())
    ]
    sure = scores.tiers[found] == Tier.REWRITE
    return Reworded(
        sure=tuple(match for match, is_sure in zip(matches, sure, strict=True) if is_sure),
        possible=tuple(match for match, is_sure in zip(matches, sure, strict=True) if not is_sure),
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
