"""Whether what two texts share makes them copies, how surely, and of which kind.

Three roads lead to a link.  Either enough *telling* shingles are a good part of the smaller text: twelve
words are enough for a flash that stands whole in an article, not for a page.  Or both texts are much
alike and share enough telling shingles, though their wording is common: forecasts, court circulars,
closing reports.  On neither of these may formulae alone carry the link.  Or both texts hold much of each
other, and more than any form is long: an item that a hundred outlets edited, each in its own way, is
common by its success.

Limits: a template whose every filling many outlets print passes for a copy here; :mod:`provenance.verify.forms`
finds those.  One that few texts of a batch follow cannot be told from a copy by counting words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.config import VerifySpec
from provenance.model import LinkKind
from provenance.verify.overlap import Measures

__all__ = ["decide_kind", "find_copies", "related_by", "related_probability"]

#: Logistic regression on 668 pairs of Saudi and Tunisian articles at the border of being copies (38
#: of them templates and formulae): intercept, log of the strength, telling share of what is shared.
_INTERCEPT, _PER_LOG_STRENGTH, _PER_TELLING_SHARE = -4.25, 2.50, 1.84

#: Keeps the logarithm finite; a tenth of a shingle.
_LEAST_STRENGTH = 0.1

#: Both texts are the same to half: what they share cannot be formulae alone.
_HALF = 0.5


def find_copies(measures: Measures, spec: VerifySpec | None = None) -> NDArray[np.bool_]:
    """Mark the pairs that share more than chance and formulae explain.

    Args:
        measures: Overlap of the pairs, telling shingles weighed over the whole batch.
        spec: Settings; the defaults where left out.

    Returns:
        bool[P].
    """
    settings = spec or VerifySpec()
    strong = measures.telling * _told(measures) >= settings.min_strength
    contained = np.maximum(measures.containment_a, measures.containment_b)
    told = _telling_share(measures) >= settings.telling_share
    part = strong & (contained >= settings.min_containment) & (told | (measures.jaccard >= _HALF))
    alike = (measures.jaccard >= settings.min_jaccard) & (measures.telling >= settings.min_telling)
    mutual = np.minimum(measures.containment_a, measures.containment_b) >= settings.min_mutual
    long = measures.shared >= settings.min_mutual_shared
    return part | alike | (mutual & long)


def related_probability(measures: Measures) -> NDArray[np.float64]:
    """Return for each pair the probability that one hand wrote what they share."""
    return related_by(measures.telling * _told(measures), _telling_share(measures))


def related_by(
    strength: NDArray[np.float64], telling_share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The logistic model behind :func:`related_probability`.

    Args:
        strength: Telling shingles in common, times the share of the smaller text that they are.
        telling_share: Part of the shared shingles that is telling, 0 to 1.
    """
    log_odds = (
        _INTERCEPT
        + _PER_LOG_STRENGTH * np.log(strength + _LEAST_STRENGTH)
        + _PER_TELLING_SHARE * telling_share
    )
    probability: NDArray[np.float64] = 1 / (1 + np.exp(-log_odds))
    return probability


def decide_kind(
    covered_a: float,
    covered_b: float,
    *,
    same_publisher: bool,
    ordered_in_time: bool,
    spec: VerifySpec | None = None,
) -> LinkKind:
    """Say of which kind the link between two copies is.

    Args:
        covered_a: Share of the first text's words that stand in common runs.
        covered_b: The same for the second text.
        same_publisher: Both texts are known to come from one outlet.
        ordered_in_time: It is known that one was published after the other.
        spec: Settings; the defaults where left out.

    Returns:
        ``repost`` where both are covered and nothing was changed or the outlets differ; ``update``
        where one outlet published two versions, one after the other; ``excerpt`` where one holds part of
        the other, or both hold parts of a third text.
    """
    settings = spec or VerifySpec()
    smaller, larger = sorted((covered_a, covered_b))
    whole = smaller >= settings.whole
    version = smaller >= settings.version / 2 and larger >= settings.version
    if same_publisher and ordered_in_time and version and smaller < 1:
        return "update"
    return "repost" if whole else "excerpt"


def _told(measures: Measures) -> NDArray[np.float64]:
    """Telling containment of the text of which more is found in the other."""
    larger: NDArray[np.float64] = np.maximum(measures.telling_a, measures.telling_b)
    return larger


def _telling_share(measures: Measures) -> NDArray[np.float64]:
    share: NDArray[np.float64] = measures.telling / np.maximum(measures.shared, 1)
    return share
