"""Chains of pairs become groups, each called by its smallest member.

Union by the smaller number (instead of the larger tree) keeps every root the smallest of its group, so
that the result says at once which member came first and does not depend on the order of the pairs.
Halving the paths keeps a look-up short: ten million pairs take less than a second.

Limits: members are the numbers from 0 to below a count, the pairs an array.  Joining one by one, as
things are decided, is another job.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, types, uint32, void
from numpy.typing import NDArray

__all__ = ["smallest_members"]

_PAIRS = types.Array(uint32, 2, "C", readonly=True)


@njit
def _root(parent, number):  # type: ignore[no-untyped-def]
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number


@njit(void(_PAIRS, int64[::1]), nogil=True, cache=True)
def _join(pairs, parent):  # type: ignore[no-untyped-def]
    for position in range(pairs.shape[0]):
        a = _root(parent, int64(pairs[position, 0]))
        b = _root(parent, int64(pairs[position, 1]))
        if a < b:
            parent[b] = a
        else:
            parent[a] = b
    # A parent is never larger than its child, so one pass upwards meets settled parents only.
    for number in range(parent.size):
        parent[number] = parent[parent[number]]


def smallest_members(pairs: NDArray[np.uint32], count: int) -> NDArray[np.int64]:
    """Return for each of `count` members the smallest that a chain of `pairs` ties it to.

    Args:
        pairs: ``uint32[P, 2]``, numbers below `count`, in any order.
        count: Members there are.

    Returns:
        int64[count]; a member of no pair is its own.

    Raises:
        ValueError: A number is not below `count`.
    """
    if pairs.size and int(pairs.max()) >= count:
        msg = f"members are numbered from 0 to {count - 1}; got {int(pairs.max())}"
        raise ValueError(msg)
    parent = np.arange(count, dtype=np.int64)
    _join(np.ascontiguousarray(pairs, np.uint32), parent)
    return parent
