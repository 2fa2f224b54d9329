"""Signatures to and from ``datasketch``, for those who keep an index of its kind.

A signature means something only together with its :class:`~provenance.config.SketchSpec`.  A ``MinHash``
carries the scheme, the seed and the number of permutations, but neither the width of the shingles nor
the folding of the words: that both sides used the same ones is for the caller to know.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from provenance._extras import load_datasketch
from provenance.config import SketchSpec
from provenance.errors import FormatMismatch

__all__ = ["from_minhash", "to_minhash"]


def to_minhash(signature: npt.NDArray[np.uint32], spec: SketchSpec) -> Any:
    """Return a ``datasketch.MinHash`` with the values of `signature`, ready for its indexes.

    Args:
        signature: uint32[P], a row of ``Sketches.signatures``.
        spec: The format it was made in.

    Raises:
        MissingExtra: ``datasketch`` is not installed.
    """
    return load_datasketch().MinHash(
        num_perm=spec.permutations,
        seed=spec.seed,
        scheme=spec.scheme,
        hashvalues=signature.copy(),
    )


def from_minhash(minhash: Any, spec: SketchSpec) -> npt.NDArray[np.uint32]:
    """Return the values of a ``datasketch.MinHash`` or ``LeanMinHash`` as a signature of `spec`.

    Raises:
        FormatMismatch: It was made with another scheme, seed or number of permutations.
    """
    found = (minhash.scheme, minhash.seed, len(minhash.hashvalues))
    expected = (spec.scheme, spec.seed, spec.permutations)
    if found != expected:
        raise FormatMismatch(what="datasketch signature", found=found, expected=expected)
    return np.asarray(minhash.hashvalues, dtype=np.uint32)
