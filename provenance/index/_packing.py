"""Keys and pairs of texts as sorted 64-bit numbers, two halves in each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["distinct", "pairs_met"]

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def distinct(ordered: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Mark what differs from its predecessor."""
    mask = np.ones(ordered.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=mask[1:])
    return mask


def pairs_met(
    meetings: npt.NDArray[np.uint64], shared: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return the pairs of texts that met often enough, and how often each did.

    Args:
        meetings: One packed pair for each meeting, in any order; sorted in place.
        shared: Meetings that count.

    Returns:
        ``uint32[P, 2]`` sorted, and ``int64[P]``.
    """
    meetings.sort()
    first = np.flatnonzero(distinct(meetings))
    times = np.diff(np.append(first, meetings.size))
    enough = times >= shared
    chosen = meetings[first[enough]]
    return np.stack([chosen >> _HALF, chosen & _LOW], axis=1).astype(np.uint32), times[enough]
