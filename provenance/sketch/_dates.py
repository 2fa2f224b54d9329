"""Days of a month named in a text, in words or digits.

Dates are the plainest sign of the event a text reports, so they are read as values and not as words.
Only Gregorian dates are read; ``7/8/2024`` says either of two days and is left alone unless one reading
is impossible.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

__all__ = ["day_of_year", "days_beside", "numeric_date"]

_DAY_NUMBER: Final = re.compile(r"[0-3]?\d")

_ISO: Final = re.compile(r"((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})")
_LITTLE: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2((?:19|20)?\d\d)")

#: Days read beside one month: a visit of several days, not a column of a table.
_LISTED: Final = 4

#: Letters of the longest word that joins two days or a day and its month (and, the, der, del).
_JOINS: Final = 3

#: Days before the first of each month in a leap year, so that 29 February has a place.
_BEFORE: Final = (0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)


def day_of_year(month: int, day: int) -> int:
    """Return the number of a day in a leap year, from 1."""
    return _BEFORE[month - 1] + day


def numeric_date(token: str) -> tuple[int, int, int] | None:
    """Return year, month and day of a date written in digits, or nothing.

    Day and month are told apart by the form (year first, or dots between), or because one of them
    exceeds twelve, or because they are equal.
    """
    match = _ISO.fullmatch(token)
    if match:
        year, month, day = map(int, match.groups())
    else:
        match = _LITTLE.fullmatch(token)
        if not match:
            return None
        day, month = int(match[1]), int(match[3])
        if month > 12 >= day:
            day, month = month, day
        elif day <= 12 and day != month and match[2] != ".":
            return None
        year = int(match[4]) + (2000 if len(match[4]) == 2 else 0)
    return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def days_beside(tokens: Sequence[str], number: int) -> list[int]:
    """Return the days of the month named beside a month.

    A day stands before its month, alone or in a list (``18 and 19``, with at most one short word
    between two of them); only where none does is one after it read (``June 18``).

    Args:
        tokens: Folded tokens of the text, digits as ASCII.
        number: Which of them names a month.
    """
    for step in (-1, 1):
        days: list[int] = []
        at, gap = number + step, 0
        while 0 <= at < len(tokens) and gap <= 1 and len(days) < _LISTED:
            token = tokens[at]
            if _DAY_NUMBER.fullmatch(token) and 1 <= int(token) <= 31:
                days.append(int(token))
                gap = 0
            elif token.isdigit() or len(token) > _JOINS or (step > 0 and not days):
                break
            else:
                gap += 1
            at += step
        if days:
            return days
    return []
