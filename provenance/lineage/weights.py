"""The weights that lineage was fitted with, and what they make of a story's features.

Log-linear weights of arrows, of originals, and of documents whose parent nobody collected, read from
``data/tree_weights.json``, which names the training set and is written by ``benchmarks/cascades/fit.py``.

Limits: fitted on cascades whose roots are hidden in a quarter of the stories; that prior can be set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import log

import numpy as np
import numpy.typing as npt

from provenance.lineage.features import Features

__all__ = ["fitted_names", "score_features"]

#: Nothing is certain before any evidence.
_NEARLY = 1e-6

Floats = npt.NDArray[np.float64]


def score_features(features: Features, unseen: float) -> tuple[Floats, Floats, Floats]:
    """Score every possibility of a story.

    Args:
        features: The story in numbers.
        unseen: Prior share of stories of which no source was collected, 0 to 1.

    Returns:
        Logarithms of weights: float64[E] of the arrows, float64[N] of the documents as their outlets'
        own, float64[N] of a parent that nobody collected.
    """
    weights = _weights()
    trained = float(weights["training"]["unseen roots"])
    unseen = min(max(unseen, _NEARLY), 1.0 - _NEARLY)
    shift = log(unseen / (1.0 - unseen)) - log(trained / (1.0 - trained))
    arrows = _weigh(features.arrow_values, weights["arrow"], features.arrow_names)
    original = _weigh(features.root_values, weights["original"], features.root_names)
    latent = _weigh(features.root_values, weights["latent"], features.root_names)
    return arrows, original, latent + shift


def fitted_names() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the features of arrows and of documents that have weights."""
    weights = _weights()
    return frozenset(weights["arrow"]), frozenset(weights["original"]) & frozenset(
        weights["latent"]
    )


@cache
def _weights() -> Mapping[str, Mapping[str, float]]:
    text = files("provenance.lineage").joinpath("data/tree_weights.json").read_text("utf-8")
    found: Mapping[str, Mapping[str, float]] = json.loads(text)
    return found


def _weigh(values: Floats, weights: Mapping[str, float], names: Sequence[str]) -> Floats:
    """Row by row: a matrix product may round a row differently beside other rows."""
    column = np.array([weights.get(name, 0.0) for name in names], np.float64)
    total: Floats = (values * column).sum(axis=1)
    return total
