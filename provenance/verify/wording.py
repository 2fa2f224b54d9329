"""Do two texts say the same in other words, and how surely?

Two translations of one article, or an agency's item and what an editor made of it, share few runs of words.
They share their stems, *in the same order*: independent reports of one event have the same names and the
same lead, and then go their own ways.  So a shared stem counts where it stands at about the same relative
place in both texts, less the chance that it does (*placed*).

That alone cannot tell a rewrite from a formula: ministers receive, exchanges close and families celebrate
in the same words every day, in the same order.  What tells them apart are details that stand together:
two telling words near each other are a *key*, and a formula is made of keys that many texts hold, while of
an event its rare keys are told again.  A pair that is possible by its stems is weighed by these: how much of
either text its common keys carry, how many of them are rare, whether the beginning is the same, how much is
word for word the same, and how many numbers each text has that the other lacks.

Two tiers come of it.  A *rewrite* is meant to be right (``docs/rewrites.md`` counts how often it was); *possible* carries its probability
and is no more than that.

Limits: a form that few texts of a batch follow looks like a story; among two texts every key is rare.  Texts
of fewer than twenty different stems are not judged.  A cut copy stands at other places than its source:
that is for :mod:`provenance.verify.matching` and for passages.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from importlib.resources import files

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import WordingSpec
from provenance.disjoint import smallest_members
from provenance.sketch.wording import COUNTED_FROM, Wording
from provenance.verify import wording_kernels as kernels

__all__ = ["Tier", "WordingScores", "score_pairs"]


class Tier(IntEnum):
    """How sure it is that one text tells the other again."""

    NONE = 0
    POSSIBLE = 1
    REWRITE = 2


@attrs.frozen(kw_only=True, eq=False)
class WordingScores:
    """What P pairs of texts have in common, each array of that length.

    Weights are those of :class:`~provenance.sketch.wording.Wording`.  Details are measured where a pair is
    possible, and 0 elsewhere.

    Attributes:
        shared: uint32, different stems in common.
        jaccard: float64, weight of the common stems over that of all.
        containment: float64, the same over that of the text with less.
        ordered: float64, share of the common weight that stands at the same relative place.
        placed: float64, common weight at the same place, chance discounted, over the weight of all.
        support: float64, share of a text's details that common keys carry; of the two the larger.
        rare_keys: uint32, common keys that few texts hold.
        rarity: float64, mean rarity of the common keys.
        lead: float64, weight of the first words found in the other text; of the two the smaller.
        verbatim_a: float64, share of the first text's words in common runs of five stems.
        verbatim_b: float64, the same for the second.
        numbers: uint32, different numbers in common.
        conflicts: uint32, numbers that each has and the other lacks: of the two counts the smaller.
        contradicts: bool, the texts share what they speak of and say something else: one of them denies
            a detail that both have, or figures differ.
        probability: float64, that one tells the other again, or both a third.
        tiers: uint8, :class:`Tier` of each.
    """

    shared: NDArray[np.uint32]
    jaccard: NDArray[np.float64]
    containment: NDArray[np.float64]
    ordered: NDArray[np.float64]
    placed: NDArray[np.float64]
    support: NDArray[np.float64]
    rare_keys: NDArray[np.uint32]
    rarity: NDArray[np.float64]
    lead: NDArray[np.float64]
    verbatim_a: NDArray[np.float64]
    verbatim_b: NDArray[np.float64]
    numbers: NDArray[np.uint32]
    conflicts: NDArray[np.uint32]
    contradicts: NDArray[np.bool_]
    probability: NDArray[np.float64]
    tiers: NDArray[np.uint8]


#: Logistic regression on some 300 pairs of Saudi and Tunisian articles that were read, more that lie four
#: days and more apart (few of them true, a third of the weight), versions of one article in ten languages
#: and reports that people held apart; ``benchmarks/quality/rewrites_fit.py`` prints it.
_INTERCEPT = -8.69
_PER_LOG_SUPPORT = 0.87
_PER_LOG_CONFLICT = -1.66
_PER_VERBATIM = -4.63
_PER_LEAD = 4.80
_PER_RARITY = 10.95

#: Keep the logarithm finite, and a pair of few keys from being called rare by them.
_LEAST_SUPPORT = 0.02
_KEYS_BEFORE, _RARE_BEFORE = 3, 1

#: Probability of a pair that has what only a text told again has: a judgement, not a count.  No link from
#: a version of an article to a text that is none of its versions has it (``benchmarks/quality/rewrites.py``).
_RETOLD = 0.95

#: Above it the chance that a common stem is in place by accident tells nothing more.
_MOST_CHANCE = 0.95


def score_pairs(
    pairs: NDArray[np.uint32],
    wording: Wording,
    texts: Sequence[str],
    spec: WordingSpec | None = None,
) -> WordingScores:
    """Score pairs of texts by their wording.

    Args:
        pairs: ``uint32[P, 2]`` numbers of texts; sorted by the first column is fastest.
        wording: The stems of all texts; how widely a key is held is counted among these.
        texts: The originals.
        spec: Settings; the defaults where left out.

    Returns:
        The scores, in the order of `pairs`; symmetric but for the two shares of verbatim words.
    """
    settings = spec or WordingSpec()
    pairs = np.ascontiguousarray(pairs, dtype=np.uint32)
    distinct = np.zeros(wording.offsets.size - 1, dtype=np.uint32)
    sums = np.zeros(distinct.size, dtype=np.float64)
    stems = (wording.stems, wording.offsets, wording.weights)
    kernels.weigh_texts(*stems, distinct, sums)
    shared = np.zeros(len(pairs), dtype=np.uint32)
    common, hits, placed = np.zeros((3, len(pairs)))
    kernels.overlap_in_place(
        pairs, *stems, settings.reach, _chances(settings.reach), shared, common, hits, placed
    )
    a, b = pairs[:, 0], pairs[:, 1]
    together = sums[a] + sums[b] - common
    fewest = np.minimum(distinct[a], distinct[b])
    jaccard = _share(common, together)
    ordered = _share(hits, common)
    placed = _share(np.maximum(placed, 0), together)
    possible = (
        (fewest >= settings.min_stems)
        & (shared >= settings.min_shared)
        & (placed >= np.interp(ordered, settings.ordered, settings.placed))
    )
    alike = jaccard >= settings.alike
    measured = np.zeros((len(pairs), len(kernels.COLUMNS)), dtype=np.float32)
    seen = np.flatnonzero(possible | alike)
    measured[seen] = _measure_details(
        np.ascontiguousarray(pairs[seen]),
        pairs[jaccard >= settings.copies],
        wording,
        texts,
        settings,
    )
    row = dict(zip(kernels.COLUMNS, measured.T.astype(np.float64), strict=True))
    support = np.maximum(row["support_a"], row["support_b"])
    rarity = (row["told_keys"] + _RARE_BEFORE) / (row["keys"] + _KEYS_BEFORE)
    verbatim = np.maximum(row["verbatim_a"], row["verbatim_b"])
    conflicts = np.minimum(row["numbers_a"], row["numbers_b"])
    bar = np.where(fewest < settings.min_stems, 1, settings.max_conflicts)
    contradicts = (row["negations"] > 0) | (
        (conflicts >= bar) & (conflicts > row["numbers_shared"])
    )
    retold = _retold(ordered, placed, rarity, row, settings)
    odds = (
        _INTERCEPT
        + _PER_LOG_SUPPORT * np.log(support + _LEAST_SUPPORT)
        + _PER_LOG_CONFLICT * np.log1p(conflicts)
        + _PER_VERBATIM * verbatim
        + _PER_LEAD * row["lead"]
        + _PER_RARITY * rarity
    )
    probability = np.where(possible, 1 / (1 + np.exp(-odds)), 0)
    probability = np.where(possible & retold, np.maximum(probability, _RETOLD), probability)
    containment = _share(common, np.minimum(sums[a], sums[b]))
    few = np.bincount(wording.groups)[wording.groups[a]] < COUNTED_FROM
    sure = (
        possible
        & (probability >= np.where(few, settings.few_probability, settings.probability))
        & (rarity >= settings.rarity)
        & (verbatim < settings.copied)
        & ((containment >= settings.told) | (support >= settings.told_details))
        & (row["lead"] >= settings.told_lead)
        & ~contradicts
    )
    return WordingScores(
        shared=shared,
        jaccard=jaccard,
        containment=containment,
        ordered=ordered,
        placed=placed,
        support=support,
        rare_keys=row["rare_keys"].astype(np.uint32),
        rarity=rarity,
        lead=row["lead"],
        verbatim_a=row["verbatim_a"],
        verbatim_b=row["verbatim_b"],
        numbers=row["numbers_shared"].astype(np.uint32),
        conflicts=conflicts.astype(np.uint32),
        contradicts=contradicts,
        probability=probability,
        tiers=np.where(sure, Tier.REWRITE, np.where(possible, Tier.POSSIBLE, Tier.NONE)).astype(
            np.uint8
        ),
    )


def _retold(
    ordered: NDArray[np.float64],
    placed: NDArray[np.float64],
    rarity: NDArray[np.float64],
    row: dict[str, NDArray[np.float64]],
    spec: WordingSpec,
) -> NDArray[np.bool_]:
    """Mark what only a text told again has: rare keys in order, without the phrases of a formula.

    Or with phrases, if much stands in place from the beginning and hardly a key is known elsewhere.
    """
    verbatim = np.maximum(row["verbatim_a"], row["verbatim_b"])
    conflicts = np.minimum(row["numbers_a"], row["numbers_b"])
    anew = (
        (ordered >= spec.retold_ordered)
        & (placed >= spec.retold_placed)
        & (verbatim <= spec.retold_verbatim)
        & (rarity >= spec.retold_rarity)
        & (row["rare_keys"] >= spec.retold_keys)
        & (conflicts <= spec.retold_conflicts)
    )
    closely = (
        (ordered >= spec.close_ordered)
        & (placed >= spec.close_placed)
        & (row["lead"] >= spec.close_lead)
        & (rarity >= spec.close_rarity)
        & (conflicts < spec.max_conflicts)
    )
    # Another telling of the same report: no formula has so many details, and a footer that two pages
    # share weighs less in all than in runs of words.
    richly = (
        (ordered >= spec.rich_ordered)
        & (placed >= spec.rich_placed)
        & (rarity >= spec.rich_rarity)
        & (row["rare_keys"] >= spec.rich_keys)
        & (placed >= verbatim)
    )
    return np.asarray(anew | closely | richly, dtype=np.bool_)


def _chances(reach: float) -> NDArray[np.float64]:
    """Return, by the number of tries, the chance that two random places are within `reach`.

    Two numbers from 0 to 1 differ by at most `r` with probability ``2r - r**2``.
    """
    miss = 1 - 2 * reach + reach**2
    tries = int(np.ceil(np.log(1 - _MOST_CHANCE) / np.log(miss)))
    chances: NDArray[np.float64] = np.minimum(1 - miss ** np.arange(tries + 1), _MOST_CHANCE)
    return chances


def _measure_details(
    pairs: NDArray[np.uint32],
    copies: NDArray[np.uint32],
    wording: Wording,
    texts: Sequence[str],
    spec: WordingSpec,
) -> NDArray[np.float32]:
    """Return the columns of :func:`~provenance.verify.wording_kernels.measure_details`."""
    # A key is of words as written: stems of consonants alone are shared by words that are not.
    weights = np.zeros(wording.word_holders.size, dtype=np.float32)
    weights[wording.words] = wording.weights[wording.stems]
    words = (wording.words, wording.offsets, weights)
    keys = (*words, spec.telling, spec.window)
    owners = smallest_members(copies, wording.offsets.size - 1)
    table = kernels.shared_key_table(pairs, *keys)
    holders = np.zeros(table.size, dtype=np.uint32)
    kernels.count_holders(table, *keys, np.argsort(owners, kind="stable"), owners, holders)
    measured = np.zeros((len(pairs), len(kernels.COLUMNS)), dtype=np.float32)
    kernels.measure_details(
        pairs,
        *words,
        _marks_of(wording, texts),
        spec.telling,
        spec.window,
        table,
        holders,
        spec.spread,
        measured,
    )
    return measured


def _marks_of(wording: Wording, texts: Sequence[str]) -> NDArray[np.uint8]:
    """Return for each word whether it is a number or a negation."""
    first = np.zeros(wording.word_holders.size, dtype=np.int64)
    first[wording.words[::-1]] = np.arange(wording.words.size - 1, -1, -1)
    homes = np.searchsorted(wording.offsets, first, side="right") - 1
    marks = np.zeros(first.size, dtype=np.uint8)
    denying = _negations()
    spans = zip(
        homes.tolist(), wording.starts[first].tolist(), wording.ends[first].tolist(), strict=True
    )
    for number, (home, start, end) in enumerate(spans):
        word = texts[home][start:end]
        if word[:1].isdigit():
            marks[number] = kernels.NUMBER
        elif word.lower() in denying:
            marks[number] = kernels.NEGATION
    return marks


@cache
def _negations() -> frozenset[str]:
    table = files("provenance.verify").joinpath("data", "negations.txt").read_text(encoding="utf-8")
    lines = [line for line in table.splitlines() if not line.startswith("#")]
    return frozenset(word for line in lines for word in line.split())


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `part` over `whole`, 0 where `whole` is."""
    result: NDArray[np.float64] = np.divide(
        part, whole, out=np.zeros(len(part), dtype=np.float64), where=whole > 0
    )
    return result
