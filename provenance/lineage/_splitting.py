"""Two events of the same actors: told apart by what their reports do not share, split only by dates.

Everything that all reports of a group share says nothing about which of them belong together.  So keys are
weighed once more inside the group: rarity times the logarithm of group size over holders, which is
nothing for a key that all hold.  The best division of the group in two maximizes similarity inside the
parts beyond what chance gives (modularity).

Every group has a best division; whether it is two events only dates can say.  It is accepted when both
parts name days of a month in running text and no day of one lies near a day of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np

from provenance.lineage._rows import Corpus, Floats, Ints, View

__all__ = ["split_by_days"]

#: Fewer groups of copies have no division with two on each side.
SMALLEST: Final = 4

#: Up to this many all 1,023 divisions are tried; beyond it the leading eigenvector proposes one.
EXHAUSTIVE: Final = 11

#: Keys of a text lighter than this are left out: common words of the language.
MIN_WEIGHT: Final = 1.0

#: Days of the calendar used here, leap day included.
_YEAR: Final = 366


def split_by_days(corpus: Corpus, groups: Sequence[Ints], max_days: int) -> list[list[int]]:
    """Divide the texts of a story into those of each event.

    Args:
        corpus: Weighed keys.
        groups: Groups of copies, each the numbers of its documents, the fullest first; a group is
            never divided.
        max_days: Days further apart than this are another event's.

    Returns:
        Numbers of `groups` by event, one list if there is but one event.
    """
    if len(groups) < SMALLEST:
        return [list(range(len(groups)))]
    days = [
        frozenset().union(*(corpus.figures.days(document) for document in group.tolist()))
        for group in groups
    ]
    if not _divided(days, max_days):
        return [list(range(len(groups)))]
    side = _best_division(_likeness(corpus, [int(group[0]) for group in groups]))
    parts = [[i for i, s in enumerate(side) if s == which] for which in (False, True)]
    if min(map(len, parts)) < 2 or not _apart(
        _named(days, parts[0]), _named(days, parts[1]), max_days
    ):
        return [list(range(len(groups)))]
    found: list[list[int]] = []
    for part in parts:
        inner = split_by_days(corpus, [groups[i] for i in part], max_days)
        found.extend([part[i] for i in event] for event in inner)
    return found


def _divided(days: Sequence[frozenset[int]], max_days: int) -> bool:
    """Tell whether any division could be accepted.

    Days that lie near each other or are named by one text are one set; it takes more than one.
    """
    sets: list[set[int]] = []
    for named in filter(None, days):
        near = [known for known in sets if not _apart(frozenset(known), named, max_days)]
        sets = [known for known in sets if known not in near]
        sets.append(set(named).union(*near))
    return len(sets) > 1


def _named(days: Sequence[frozenset[int]], part: Sequence[int]) -> frozenset[int]:
    return frozenset().union(*(days[i] for i in part))


def _apart(a: frozenset[int], b: frozenset[int], max_days: int) -> bool:
    """Tell whether both parts name days and none of one lies within `max_days` of one of the other."""
    gaps = [abs(x - y) for x in a for y in b]
    return bool(gaps) and all(min(gap, _YEAR - gap) > max_days for gap in gaps)


def _likeness(corpus: Corpus, documents: Sequence[int]) -> Floats:
    """float64[n, n], cosines by locally weighed keys of both views, each view scaled to sum 1."""
    total = np.zeros((len(documents), len(documents)))
    for view in (corpus.stems, corpus.names):
        cosines = _cosines(view, documents)
        total += cosines / max(float(cosines.sum()), 1e-9)
    return total


def _cosines(view: View, documents: Sequence[int]) -> Floats:
    n = len(documents)
    rows = [np.arange(view.starts[d], view.starts[d + 1]) for d in documents]
    row: Ints = np.concatenate(rows)
    owner = np.repeat(np.arange(n), [len(r) for r in rows])
    kept = view.weights[row] > MIN_WEIGHT
    row, owner = row[kept], owner[kept]
    numbers, key = np.unique(view.keys[row], return_inverse=True)
    matrix = np.zeros((n, len(numbers)))
    np.maximum.at(matrix, (owner, key), view.weights[row])
    matrix *= np.log(n / np.maximum((matrix > 0).sum(axis=0), 1))
    norms = np.linalg.norm(matrix, axis=1) + 1e-9
    cosines: Floats = (matrix / norms[:, None]) @ (matrix / norms[:, None]).T
    np.fill_diagonal(cosines, 0.0)
    return cosines


def _best_division(likeness: Floats) -> list[bool]:
    """The division in two parts of at least two that has the largest modularity."""
    n = len(likeness)
    strength = likeness.sum(axis=1)
    surplus = likeness - np.outer(strength, strength) / max(float(strength.sum()), 1e-9)
    np.fill_diagonal(surplus, 0.0)
    if n <= EXHAUSTIVE:
        # The first text is always on the first side, so that no division comes twice.
        divisions = [
            np.isin(np.arange(n), chosen)
            for size in range(2, n - 1)
            for chosen in combinations(range(1, n), size)
        ]
        values = [
            float(np.where(d, 1.0, -1.0) @ surplus @ np.where(d, 1.0, -1.0)) for d in divisions
        ]
        return [bool(x) for x in divisions[int(np.argmax(np.round(values, 9)))]]
    _, vectors = np.linalg.eigh(surplus)
    side = vectors[:, -1] > 0
    if side[0]:
        side = ~side
    for _ in range(n):
        sign = np.where(side, 1.0, -1.0)
        gain = -sign * (surplus @ sign)
        best = int(np.argmax(gain))
        if gain[best] <= 1e-9:
            break
        side[best] = not side[best]
    return [bool(x) for x in side]
