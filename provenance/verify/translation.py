"""Is one text a translation of the other, told by what survives translation and by its order?

Two reports of one event share names, numbers and places.  A translation has them *in the same order*, at
the same distances, in sentences of corresponding lengths, and it has *all* of them: where both texts run
side by side, neither has a figure that the other lacks.  So of each pair is measured

- the heaviest chain of common anchors, against the same chain with the order of one text spoilt;
- how far the chain strays from its diagonal, and how much of the texts it spans;
- numbers and places in the chain, numbers beside it that only one text has;
- how well the sentences go together by their lengths, in order and backwards, and which share of both
  texts stands in sentences that have a common anchor;
- how much of the names came through, against what comes through between these two languages: Arabic
  writes no capitals, German capitals on every noun, Chinese no names by sound.

A linear score of these is the log-odds of a translation.  Weights and what is known of languages are data
(``data/translation.json``), fitted by ``benchmarks/quality/translations.py``.  For a text at most half as
long as the other, and cut from it perhaps, there are weights of their own.

Two tiers come of it: a *translation* is meant to be right in 995 of 1,000 cases; *possible* is a pair of
lower score that is the best for both texts among the candidates given, by a margin.  It is no more than that.

Limits: of long texts the first 60 sentences are compared by length, and 400 are aligned.  Both texts may
translate a third; which side is the original is not told here.  Texts with fewer
than half a dozen names, numbers and places are not found.  An independent report that follows the same
wire item closely looks like a translation of it, and often is one in part.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import TranslationSpec
from provenance.model import AlignedSpan
from provenance.sketch.anchoring import Anchors
from provenance.text.sentences import Sentences, sentences_of

__all__ = [
    "PARTS",
    "Ground",
    "Model",
    "Tier",
    "TranslationScores",
    "align_translations",
    "ground_of",
    "margins_of",
    "model_from",
    "score_translations",
]

#: What the score is made of, in the order of the columns of :attr:`TranslationScores.parts`.
PARTS = (
    "chain",
    "order",
    "gain",
    "chained",
    "span",
    "jump",
    "numbers",
    "numbers_missed",
    "numbers_lacking",
    "places",
    "sentences",
    "beads",
    "misfit",
    "told",
    "kept",
    "named",
    "anchors",
    "length",
)

#: Columns that are compared with what is usual between two languages.
_USUAL = ("told", "kept", "named")

#: Keep shares finite that rest on little weight, and logarithms of shares.
_FEW, _FEW_NUMBERS, _LEAST_SHARE = 10.0, 10.0, 0.02

#: Weight that a chain has before any, so that two meager chains are about alike.
_BEFORE = 5.0

#: Bounds of two columns, beyond which nothing is told: characters off the diagonal, in hundreds; what
#: the order of sentences gains, by the root of their number.
_MOST_JUMP, _MOST_GAIN = 2.0, (-4.0, 6.0)


class Tier(IntEnum):
    """How sure it is that one text is a translation of the other."""

    NONE = 0
    POSSIBLE = 1
    TRANSLATION = 2


@attrs.frozen(kw_only=True)
class Model:
    """What was fitted.

    Attributes:
        density: By language, characters to one of English.
        usual: By language and column, the logarithm of what comes through, half for each of two languages.
        weights: By column, and ``constant``, for two texts of about one length.
        cut: The same where one is far shorter.
    """

    density: Mapping[str, float]
    usual: Mapping[str, Mapping[str, float]]
    weights: Mapping[str, float]
    cut: Mapping[str, float]


@attrs.frozen(kw_only=True, eq=False)
class Ground:
    """N texts as translations are looked for among them; see :func:`ground_of`.

    Attributes:
        anchors: What of them survives translation.
        sentences: Where their sentences stand.
        scales: float32[N], characters of English to one of the text.
        lengths: float32[N], characters of English that the text amounts to.
        kinds: uint8[K], kind of each key.
        totals: float64[N, 2], weight of the words of a text by their best anchors, and of its numbers.
        solid: Words, places, weights, kind and offsets of the details of all texts.
        model: What is known of languages, and the weights.
    """

    anchors: Anchors
    sentences: Sentences
    scales: NDArray[np.float32]
    lengths: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    totals: NDArray[np.float64]
    solid: tuple[NDArray[Any], ...]
    model: Model


@attrs.frozen(kw_only=True, eq=False)
class TranslationScores:
    """What P pairs of texts have in common, each array of that length.

    Attributes:
        parts: float64[P, len(PARTS)], what the score is made of, 0 where it was not measured.
        cut: bool, one text is so much shorter that the weights for cut texts apply.
        log_odds: float64, of a translation; minus infinity where the texts have too little in common.
        tiers: uint8, :class:`Tier` of each.
    """

    parts: NDArray[np.float64]
    cut: NDArray[np.bool_]
    log_odds: NDArray[np.float64]
    tiers: NDArray[np.uint8]

    @property
    def probability(self) -> NDArray[np.float64]:
        """float64[P], that one text is a translation of the other."""
        return 1 / (1 + np.exp(-self.log_odds))


def ground_of(anchors: Anchors, texts: Sequence[str], model: Model | None = None) -> Ground:
    """Prepare texts to be compared, pair by pair.

    Args:
        anchors: Of all texts.
        texts: As found.
        model: The one that comes with the package where left out.
    """
    from provenance.sketch.gazetteer import KIND_BITS
    from provenance.verify.detail_kernels import weigh_words

    known = model or _model()
    densities = [known.density.get(language, 1.0) for language in anchors.languages]
    scales = (1 / np.array([*densities, 1.0]))[anchors.tongues].astype(np.float32)
    kinds = (anchors.values >> np.uint64(KIND_BITS)).astype(np.uint8)
    count, rows = len(texts), anchors.keys.size
    totals, offsets = np.zeros((count, 2)), np.zeros(count + 1, np.int64)
    solid = (
        np.empty(rows, np.uint32),
        np.empty(rows, np.float32),
        np.empty(rows, np.float32),
        np.empty(rows, np.bool_),
    )
    found = weigh_words(
        anchors.keys,
        anchors.weights,
        anchors.factors,
        anchors.places,
        anchors.words,
        anchors.offsets,
        kinds,
        totals,
        *solid,
        offsets,
    )
    return Ground(
        anchors=anchors,
        sentences=sentences_of(texts),
        scales=scales,
        lengths=np.maximum(anchors.lengths * scales, 1).astype(np.float32),
        kinds=kinds,
        totals=totals,
        solid=(*(column[:found].copy() for column in solid), offsets),
        model=known,
    )


def score_translations(
    pairs: NDArray[np.uint32],
    ground: Ground,
    spec: TranslationSpec | None = None,
    *,
    versions: NDArray[np.int64] | None = None,
) -> TranslationScores:
    """Score pairs of texts in two languages.

    Args:
        pairs: ``uint32[P, 2]`` numbers of texts, no pair twice.  Whether a pair is *possible* depends on
            the others: give all candidates of a text at once.
        ground: The texts.
        spec: Settings; the defaults where left out.
        versions: int64[N], the same number for copies of one text, which do not compete; by default all
            are different.
    """
    settings = spec or TranslationSpec()
    measured = _measure(pairs, ground, settings)
    seen = measured["steps"] > 0
    parts = np.where(seen[:, None], _parts(pairs, measured, ground), 0.0)
    lengths = ground.lengths[pairs].astype(np.float64)
    cut = lengths.min(axis=1, initial=np.inf) <= settings.cut * lengths.max(axis=1, initial=0)
    odds = np.where(cut, _weighed(parts, ground.model.cut), _weighed(parts, ground.model.weights))
    odds = np.where(seen, odds, -np.inf)
    bar = np.where(cut, settings.cut_bar, settings.bar)
    possible = (odds >= settings.possible) & (
        margins_of(pairs, odds, ground, versions) >= settings.margin
    )
    tiers = np.where(odds >= bar, Tier.TRANSLATION, np.where(possible, Tier.POSSIBLE, Tier.NONE))
    return TranslationScores(parts=parts, cut=cut, log_odds=odds, tiers=tiers.astype(np.uint8))


def align_translations(
    pairs: NDArray[np.uint32], ground: Ground, spec: TranslationSpec | None = None
) -> list[tuple[AlignedSpan, ...]]:
    """Return for each pair the passages that correspond, in order, of whole sentences of one line.

    A passage holds common anchors, or stands beside one that does, with sentences of like lengths.
    """
    from provenance.verify import translation_kernels

    anchors, sentences = ground.anchors, ground.sentences
    pairs = np.ascontiguousarray(pairs, np.int64)
    room = int(np.diff(sentences.offsets)[pairs[:, 1]].sum())
    rows = np.empty((room, 5), np.int64)
    count = translation_kernels.align_pairs(
        pairs,
        anchors.keys,
        anchors.weights,
        anchors.factors,
        anchors.places,
        anchors.words,
        anchors.offsets,
        ground.kinds,
        ground.scales,
        sentences.starts,
        sentences.ends,
        sentences.lines,
        sentences.offsets,
        np.float32((spec or TranslationSpec()).least),
        rows,
    )
    spans: list[list[AlignedSpan]] = [[] for _ in range(len(pairs))]
    for pair, start_a, end_a, start_b, end_b in rows[:count].tolist():
        spans[pair].append(AlignedSpan(a=(start_a, end_a), b=(start_b, end_b), view="anchors"))
    return [tuple(found) for found in spans]


def _measure(
    pairs: NDArray[np.uint32], ground: Ground, spec: TranslationSpec
) -> dict[str, NDArray[np.float64]]:
    """Return the columns of :func:`~provenance.verify.translation_kernels.measure_pairs`."""
    from provenance.verify import translation_kernels as kernels

    measured = np.zeros((len(pairs), len(kernels.COLUMNS)), np.float32)
    bars = np.float32(spec.least), np.float32(spec.floor)
    columns = (np.ascontiguousarray(pairs, np.int64), *_columns(ground), *bars, measured)
    kernels.measure_pairs(*columns)
    return dict(zip(kernels.COLUMNS, measured.T.astype(np.float64), strict=True))


def _columns(ground: Ground) -> tuple[NDArray[Any], ...]:
    anchors, sentences = ground.anchors, ground.sentences
    return (
        anchors.keys,
        anchors.weights,
        anchors.factors,
        anchors.places,
        anchors.words,
        anchors.offsets,
        ground.kinds,
        ground.lengths,
        ground.scales,
        *ground.solid,
        sentences.starts,
        sentences.ends,
        sentences.offsets,
    )


def _parts(
    pairs: NDArray[np.uint32], row: Mapping[str, NDArray[np.float64]], ground: Ground
) -> NDArray[np.float64]:
    """Return the columns of :data:`PARTS`."""
    weight, numbers = ground.totals[pairs].min(axis=1, initial=np.inf).T
    kinds = [row[f"kind_{kind}"] for kind in range(8)]
    lacking = [
        row[f"missed_numbers_{side}"]
        / (row[f"missed_numbers_{side}"] + row[f"met_numbers_{side}"] + _FEW_NUMBERS)
        for side in "ab"
    ]
    length = ground.lengths[pairs].min(axis=1, initial=np.inf)
    gain = (row["backwards"] - row["in_order"]) * np.sqrt(row["sentences"])
    columns = {
        "chain": np.log1p(row["chain"]),
        "order": np.log((row["chain"] + _BEFORE) / (row["chance"] + _BEFORE)),
        "gain": (row["chain"] - row["chance"]) / (row["chain"] + _FEW),
        "chained": row["steps"] / (1 + row["points"]),
        "span": np.minimum(np.maximum(row["span_a"], row["span_b"]), 1),
        "jump": np.minimum(row["jump"] / 100, _MOST_JUMP),
        "numbers": np.log1p(kinds[0]),
        "numbers_missed": np.log1p(np.maximum(numbers - kinds[0], 0)),
        "numbers_lacking": np.maximum(*lacking),
        "places": np.log1p(sum(kinds[1:4])),
        "sentences": np.clip(gain, *_MOST_GAIN),
        "beads": row["beads"],
        "misfit": row["fit"],
        "told": np.log(np.minimum(row["told_a"], row["told_b"]) + _LEAST_SHARE),
        "kept": np.log(row["chain"] / (_FEW + weight) + _LEAST_SHARE),
        "named": np.log(np.minimum(sum(kinds[4:]) / (_FEW + weight), 1) + _LEAST_SHARE),
        "anchors": np.log1p(weight),
        "length": np.log(np.maximum(length / 100, 1)),
    }
    for name in _USUAL:
        usual = ground.model.usual.get(name, {})
        others = float(np.mean([*usual.values()])) if usual else 0.0
        known = np.array([usual.get(language, others) for language in ground.anchors.languages])
        columns[name] = columns[name] - known[ground.anchors.tongues[pairs]].sum(axis=1)
    return np.stack([columns[name] for name in PARTS], axis=1)


def _weighed(parts: NDArray[np.float64], weights: Mapping[str, float]) -> NDArray[np.float64]:
    odds: NDArray[np.float64] = parts @ np.array([weights[name] for name in PARTS])
    return odds + weights["constant"]


def margins_of(
    pairs: NDArray[np.uint32],
    odds: NDArray[np.float64],
    ground: Ground,
    versions: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Return by how much each pair beats either text's next best in the language of the other.

    Args:
        pairs: ``uint32[P, 2]`` numbers of texts, no pair twice.
        odds: float64[P], their scores, minus infinity for none.
        ground: The texts.
        versions: As for :func:`score_translations`.

    Returns:
        float64[P]; infinity without a rival, minus infinity without a score.
    """
    margins = np.full(len(pairs), np.inf)
    tongues = ground.anchors.tongues
    same = np.arange(tongues.size) if versions is None else versions
    for own, other in ((0, 1), (1, 0)):
        one, its = pairs[:, own].astype(np.int64), pairs[:, other].astype(np.int64)
        # Texts and languages in groups, the best first; of each group the best, and the best of another text.
        groups = one * (tongues.max(initial=0) + 1) + tongues[its]
        order = np.lexsort((-odds, groups))
        begins = np.flatnonzero(np.diff(groups[order], prepend=-1))
        group = np.searchsorted(begins, np.arange(order.size), side="right") - 1
        best = order[begins]
        rivals = np.full(begins.size, -np.inf)
        rival = same[its[order]] != same[its[best]][group]
        np.maximum.at(rivals, group[rival], odds[order][rival])
        beaten = np.where(rival, odds[best][group], rivals[group])
        found = np.full(order.size, -np.inf)
        known = np.isfinite(odds[order])
        found[known] = odds[order][known] - beaten[known]
        margins[order] = np.minimum(margins[order], found)
    return margins


@cache
def _model() -> Model:
    source = files("provenance.verify").joinpath("data", "translation.json")
    return model_from(json.loads(source.read_text(encoding="utf-8")))


def model_from(data: Mapping[str, Any]) -> Model:
    """Return a model from what its file holds."""
    return Model(
        density=MappingProxyType(data["density"]),
        usual=MappingProxyType(data["usual"]),
        weights=MappingProxyType(data["weights"]),
        cut=MappingProxyType(data["cut"]),
    )
