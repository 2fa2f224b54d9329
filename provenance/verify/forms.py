"""Whether two texts that share much are one form, filled in twice.

Forecasts, telegrams, statements of a court: an office writes them from a template, and two of them share
half of their words though neither was taken from the other.  Together, three things tell them from an
edited copy:

* they agree from the first words to the last, and no gap is long, where a copy is cut, continued, or has
  a paragraph put in;
* what stands in the gaps is of the day: both texts have *rare words* there that the other has nowhere,
  while editors drop titles, exchange common words and spell in their own way;
* what stands in the gaps is not one desk's doing: *other texts print the same filling*, on both sides.

If the rare words are many, that is enough.  If they are few, the frame must also be known far beyond the
texts that have either filling, and each text must repeat itself as forms do (wind and waves on one coast,
wind and waves on the other).

Two outlets that open with the same words are let pass: headlines are made of the opening, and as far as
words go both bring the same news.

Limits: only the batch can tell.  A filling that fewer than four texts print, or a batch too small to know
which words are rare, shows no form, and the pair stays a copy; so does a form of which just two fillings
are around, unless names fill it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from provenance.sketch.signatures import Sketches
from provenance.text.columns import Columns
from provenance.verify.overlap import count_holders

__all__ = ["find_forms"]

#: A word is rare if at most one text in so many holds it.
_RARE = 400

#: Batches of fewer texts know no word that is rare and yet printed by four outlets.
_FEWEST_TEXTS = 4 * _RARE


def find_forms(
    pairs: NDArray[np.uint32],
    runs: Sequence[NDArray[np.int64]],
    columns: Columns,
    sketches: Sketches,
    *,
    same_outlet: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Mark the pairs that follow one form and fill it in differently.

    Args:
        pairs: ``uint32[P, 2]`` document numbers.
        runs: Of each pair, as :func:`provenance.verify.alignment.equal_runs` gives them.
        columns: Words of the whole batch.
        sketches: Its shingles.
        same_outlet: bool[P], both texts are known to come from one outlet.

    Returns:
        bool[P].
    """
    forms = np.zeros(len(pairs), dtype=np.bool_)
    texts = columns.offsets.size - 1
    if not len(pairs) or texts < _FEWEST_TEXTS:
        return forms
    # Not above: small batches need not wait for it to be compiled.
    from provenance.verify.form_kernels import judge_forms

    judge_forms(
        np.ascontiguousarray(pairs, dtype=np.uint32),
        np.concatenate(runs),
        np.cumsum([0, *map(len, runs)], dtype=np.int64),
        columns.tokens,
        columns.offsets,
        # Half of a hash is enough to count by.
        count_holders((columns.tokens >> np.uint64(32)).astype(np.uint32), columns.offsets),
        sketches.shingles,
        sketches.offsets,
        count_holders(sketches.shingles, sketches.offsets),
        min(texts // _RARE, 254),  # 255 stands for more
        same_outlet,
        forms,
    )
    return forms
