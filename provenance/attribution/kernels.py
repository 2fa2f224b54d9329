"""The screen's pass over a text as machine code: one byte for each character that means something."""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["LENGTHENING", "UNSEEN", "encode_units"]

LENGTHENING = 3  # byte of a tatweel, which lengthens a word or stands between two
UNSEEN = 255  # of a page of characters whose bytes have not been asked for so far
_NOTHING, _GAP, _OTHER = 0, 1, 2
_BLANKS = (0x20, 0xA0)

_UNITS = numba.types.Array(numba.uint16, 1, "C", readonly=True)


@numba.njit(
    numba.int64(_UNITS, numba.uint8[::1], numba.uint8[::1], numba.int32[::1]),
    nogil=True,
    cache=True,
)
def encode_units(units, table, data, places):  # type: ignore[no-untyped-def]
    """Write a byte for each character that means something, between two gaps.

    A blank after a blank means nothing, nor does a tatweel behind a letter; any other tatweel is a gap.

    Args:
        units: UTF-16 of a text without characters beyond the first plane.
        table: uint8[65536], the byte of each.
        data: Where to write; two more than units.
        places: Where to write the place of each byte in the text; two more than units.

    Returns:
        How many bytes were written, or -1 where the table has to be filled first.
    """
    data[0], places[0] = _GAP, -1
    size = 1
    before = np.uint8(_GAP)  # byte of the character before, whether or not it was written
    blank = lengthens = False
    for place in range(units.size):
        unit = units[place]
        code = table[unit]
        if code == UNSEEN:
            return -1
        was_blank = blank
        blank = unit in _BLANKS
        if blank and was_blank:
            code = np.uint8(_NOTHING)
        if code == LENGTHENING:
            if before > LENGTHENING or before == _OTHER:
                lengthens = True
        elif code != _NOTHING:
            lengthens = False
        before = code
        if code == LENGTHENING:
            code = np.uint8(_NOTHING if lengthens else _GAP)
        data[size], places[size] = code, place
        size += code != _NOTHING
    data[size], places[size] = _GAP, units.size
    return size + 1
