"""How much two texts share, counted exactly on their sets of shingles.

Two measures stand side by side.  The *plain* one counts shingles.  The *telling* one weighs each
shingle by how few texts hold it: a phrase that stands in twenty independent reports (titles, weather,
closing prices, congratulations) says nothing about a pair, however long it is, whereas a phrase that
stands in two texts only is hard to explain by anything but copying.  Near-identical copies count as
one text, so that an item printed by three hundred outlets does not become a formula by its success.

Limits: what a formula is, only the batch can tell; two texts alone have none.  A template that few
texts of the batch follow (two notices of one office a month apart) looks like a copy.
"""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import VerifySpec
from provenance.sketch.signatures import Sketches
from provenance.verify import kernels

__all__ = ["Measures", "count_holders", "measure_pairs", "measure_spread"]

#: What a telling shingle counts.  Weights are whole numbers, and this many parts of one are finer
#: than any threshold.
_UNIT = 1 << 10

#: Counters of :func:`count_holders`: at most 2**26, 320 MB, for any corpus.
_MOST_COUNTERS = 26


@attrs.frozen(kw_only=True, eq=False)
class Measures:
    """Overlap of P pairs of texts.

    Attributes:
        shared: uint32[P], different shingles in common.
        jaccard: float64[P], shared over united.
        containment_a: float64[P], shared over those of the first text; 0 where it has none.
        containment_b: float64[P], the same for the second.
        telling: float64[P], shared shingles, each weighed by its rarity.
        telling_a: float64[P], weight of the shared over the weight of the first text's own.
        telling_b: float64[P], the same for the second.
    """

    shared: NDArray[np.uint32]
    jaccard: NDArray[np.float64]
    containment_a: NDArray[np.float64]
    containment_b: NDArray[np.float64]
    telling: NDArray[np.float64]
    telling_a: NDArray[np.float64]
    telling_b: NDArray[np.float64]


def measure_pairs(
    pairs: NDArray[np.uint32],
    sketches: Sketches,
    spec: VerifySpec | None = None,
    *,
    spread: NDArray[np.uint8] | None = None,
) -> Measures:
    """Measure the overlap of pairs of texts, exactly.

    Args:
        pairs: ``uint32[P, 2]`` document numbers; sorted by the first column is fastest.
        sketches: Shingles of all documents.
        spec: Settings; the defaults where left out.
        spread: uint8, for each shingle how many texts hold it, from :func:`measure_spread`; every
            shingle is telling where left out.

    Returns:
        The measures, in the order of `pairs`.
    """
    settings = spec or VerifySpec()
    shingles, offsets = sketches.shingles, sketches.offsets
    classes = np.zeros(shingles.size, dtype=np.uint8) if spread is None else spread
    weights = _weights(settings)
    sizes = np.zeros(offsets.size - 1, dtype=np.uint32)
    sums = np.zeros(offsets.size - 1, dtype=np.int64)
    kernels.weigh_distinct(shingles, offsets, classes, weights, sizes, sums)
    shared = np.zeros(len(pairs), dtype=np.uint32)
    told = np.zeros(len(pairs), dtype=np.int64)
    kernels.weigh_shared(
        np.ascontiguousarray(pairs, dtype=np.uint32),
        shingles,
        offsets,
        classes,
        weights,
        shared,
        told,
    )
    a, b = pairs[:, 0], pairs[:, 1]
    return Measures(
        shared=shared,
        jaccard=_share(shared, sizes[a].astype(np.int64) + sizes[b] - shared),
        containment_a=_share(shared, sizes[a]),
        containment_b=_share(shared, sizes[b]),
        telling=told / _UNIT,
        telling_a=_share(told, sums[a]),
        telling_b=_share(told, sums[b]),
    )


def measure_spread(sketches: Sketches, owners: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Count for each shingle in how many texts it stands.

    Counters are shared by shingles that agree in their low bits, which makes one in some hundred look
    more common by one or two: enough for weights, too little to matter.

    Args:
        sketches: Shingles of all documents.
        owners: int64[N], a number below N for each document; documents with the same one are copies
            and count once.

    Returns:
        uint8, as long as ``sketches.shingles``; 255 stands for 255 and more.
    """
    return count_holders(sketches.shingles, sketches.offsets, owners)


def count_holders(
    values: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    owners: NDArray[np.int64] | None = None,
) -> NDArray[np.uint8]:
    """Count for each value in how many documents it stands, as :func:`measure_spread` does for shingles.

    Args:
        values: Hashes, document after document.
        offsets: int64[N + 1], where each document's values begin.
        owners: See there; every document counts where left out.

    Returns:
        uint8, as long as `values`; 255 stands for 255 and more.
    """
    if owners is None:
        owners = np.arange(offsets.size - 1)
    counters = 1 << min(_MOST_COUNTERS, max(10, (2 * values.size).bit_length()))
    spread = np.empty(values.size, dtype=np.uint8)
    kernels.count_spread(
        values,
        offsets,
        np.argsort(owners, kind="stable"),
        owners,
        np.zeros(counters, dtype=np.uint32),
        np.zeros(counters, dtype=np.uint8),
        spread,
    )
    return spread


def _weights(spec: VerifySpec) -> NDArray[np.int64]:
    """The weight of a shingle by its spread: full up to ``spec.telling_spread``, then falling."""
    spread = np.maximum(np.arange(256, dtype=np.float64), 1)
    weights: NDArray[np.int64] = np.rint(
        _UNIT * np.minimum(1, spec.telling_spread / spread)
    ).astype(np.int64)
    return weights


def _share(part: NDArray[np.generic], whole: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return `part` over `whole`, 0 where `whole` is."""
    result: NDArray[np.float64] = np.divide(
        part, whole, out=np.zeros(len(part), dtype=np.float64), where=whole != 0
    )
    return result
