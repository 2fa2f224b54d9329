"""Tokens looked up by the million, and the days beside a month, as machine code."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["days_beside", "filled_table", "look_up"]

_LISTED = 4  # days read beside one month: a visit of several days, not a column of a table
_JOINS = 3  # letters of the longest word that joins two days or a day and its month (and, the, der)
_LAST_DAY = 31
_LONGEST = 3  # letters of a day, an attached conjunction included
_PART = -2  # sense of a token that is the first half of a name

Table = tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]


def filled_table(keys: npt.NDArray[np.uint64], senses: npt.NDArray[np.int64]) -> Table:
    """Return an open table of hashes and their senses, a quarter full at most; no hash is 0."""
    size = 4
    while size < 4 * keys.size:
        size *= 2
    slots, held = np.zeros(size, np.uint64), np.full(size, -1, np.int64)
    for key, sense in zip(keys.tolist(), senses.tolist(), strict=True):
        at = key & (size - 1)
        while slots[at] not in (0, key):
            at = (at + 1) & (size - 1)
        slots[at], held[at] = key, sense
    return slots, held


@numba.njit(nogil=True, cache=True)
def _sense(key, slots, senses):  # type: ignore[no-untyped-def]
    mask = np.uint64(slots.size - 1)
    at = key & mask
    while slots[at] != 0:
        if slots[at] == key:
            return senses[at]
        at = (at + np.uint64(1)) & mask
    return -1


@numba.njit(nogil=True, cache=True)
def look_up(tokens, slots, senses, pair_slots, pair_senses):  # type: ignore[no-untyped-def]
    """Return int64[T]: what each token stands for, itself or with the one before it; below 0 if nothing."""
    found = np.empty(tokens.size, np.int64)
    for t in range(tokens.size):
        sense = _sense(tokens[t], slots, senses)
        if sense < 0 and t:
            sense = _sense(tokens[t - 1] * np.uint64(3) + tokens[t], pair_slots, pair_senses)
            if sense >= 0:
                found[t - 1] = _PART
        found[t] = sense
    return found


@numba.njit(nogil=True, cache=True)
def days_beside(named, senses, starts, ends, offsets, owners) -> Any:  # type: ignore[no-untyped-def]
    """Return int64[M, 4]: the days of the month beside each of M tokens that name one; 0 for none.

    A day stands before its month, alone or in a list (``18 and 19``, with at most one short word
    between two of them); only where none does is one after it read (``June 18``).
    """
    found = np.zeros((named.size, _LISTED), np.int64)
    for row in range(named.size):
        begin, end = offsets[owners[named[row]]], offsets[owners[named[row]] + 1]
        for step in (-1, 1):
            count, gap = 0, 0
            at = named[row] + step
            while begin <= at < end and gap <= 1 and count < _LISTED:
                if 1 <= senses[at] <= _LAST_DAY and ends[at] - starts[at] <= _LONGEST:
                    found[row, count] = senses[at]
                    count, gap = count + 1, 0
                elif senses[at] == _PART:
                    pass
                elif senses[at] >= 0 or ends[at] - starts[at] > _JOINS or (step > 0 and not count):
                    break
                else:
                    gap += 1
                at += step
            if count:
                break
    return found
