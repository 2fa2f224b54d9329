"""The anchors view at work: what was told again in another language."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt

from provenance.config import Profile
from provenance.disjoint import smallest_members
from provenance.index.anchored import anchor_candidates
from provenance.model import AlignedSpan, Article, Evidence, Overlap
from provenance.sketch.anchoring import Anchors
from provenance.verify.matching import Match
from provenance.verify.translation import (
    PARTS,
    Tier,
    TranslationScores,
    align_translations,
    ground_of,
    score_translations,
)

__all__ = ["Translated", "match_translations"]

#: Log-odds beyond which a probability says no more; both tiers are calibrated within.
_MOST_ODDS = 7.0

#: Share of the numbers in one text only that is worth a word.
_SOME = 0.05


@attrs.frozen(kw_only=True)
class Translated:
    """What the anchors of texts show across languages.

    Attributes:
        sure: Matches of kind ``translation``, sorted.
        possible: Matches that may be, with their probability, sorted; no pair is in both.
    """

    sure: tuple[Match, ...]
    possible: tuple[Match, ...]


def match_translations(
    anchors: Anchors, articles: Sequence[Article], known: Sequence[Match], settings: Profile
) -> Translated:
    """Find the articles that are translations of one another, or of a third.

    Args:
        anchors: Of the articles.
        articles: The articles.
        known: Matches within a language: copies of one text do not compete for its translation.
        settings: All settings.
    """
    copies = np.array([(match.a, match.b) for match in known], np.uint32).reshape(-1, 2)
    pairs = anchor_candidates(anchors, settings.anchors)
    ground = ground_of(anchors, [article.text for article in articles])
    scores = score_translations(
        pairs,
        ground,
        settings.translation,
        versions=smallest_members(copies, len(articles)),
    )
    found = np.flatnonzero(scores.tiers > Tier.NONE)
    passages = align_translations(pairs[found], ground, settings.translation)
    matches = [
        _match(int(pairs[row, 0]), int(pairs[row, 1]), scores, row, spans)
        for row, spans in zip(found.tolist(), passages, strict=True)
    ]
    sure = scores.tiers[found] == Tier.TRANSLATION
    return Translated(
        sure=tuple(match for match, is_sure in zip(matches, sure, strict=True) if is_sure),
        possible=tuple(match for match, is_sure in zip(matches, sure, strict=True) if not is_sure),
    )


def _match(
    a: int, b: int, scores: TranslationScores, row: int, spans: tuple[AlignedSpan, ...]
) -> Match:
    # Rarities move a little with every article that joins; a finer figure would be pretence.
    odds = float(np.clip(round(scores.log_odds[row]), -_MOST_ODDS, _MOST_ODDS))
    return Match(
        a=a,
        b=b,
        kind="translation",
        overlap=Overlap(jaccard=0.0, containment_a=0.0, containment_b=0.0),
        spans=spans,
        shared=0,
        related=1 / (1 + float(np.exp(-odds))),
        evidence=(
            Evidence(
                type="anchors",
                text=_said(scores.parts[row]),
                weight=round(odds, 2),
                toward="related",
            ),
        ),
    )


def _said(parts: npt.NDArray[np.float64]) -> str:
    """The parts of a score in words."""
    of = dict(zip(PARTS, parts.tolist(), strict=True))
    text = (
        f"names, numbers and places in the same order along {_tenths(of['span'])} of the text, "
        f"about {max(1, round(float(np.exp(of['order']))))} times what chance would give"
    )
    if of["numbers_lacking"] >= _SOME:
        text += f"; {_tenths(of['numbers_lacking'])} of the numbers stand in one text only"
    return text


def _tenths(share: float) -> str:
    return f"{round(10 * share) * 10}%"
