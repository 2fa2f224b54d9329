"""The plain values a text names: numbers, months, days.

Dates are the plainest sign of the event a text reports, and figures of two reports that disagree speak
against one, so both are read as values and not as words.  They are found among the columns of a text;
only the few places that may be a date are looked at in the text itself.

Days are not read in a page's date line or a picture's caption, whose dates are not those of the event;
those of embedded posts are, although the post's words are masked.

Limits: only Gregorian dates are read; ``7/8/2024`` says either of two days and is left alone unless one
reading is impossible; of a number of more than four digits its groups are read; number words are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from provenance.model import Mask
from provenance.text.calendars import month_numbers
from provenance.text.columns import Columns, columns_of
from provenance.text.folding import fold_text

__all__ = ["DAY", "MONTH", "NUMBER", "Figures", "figures_of"]

NUMBER: Final = 0 << 16  #: added to a number from 4 to 9,999 that is no year of ours
MONTH: Final = 1 << 16  #: added to 1 to 12
DAY: Final = 2 << 16  #: added to a day of a month, as the number of the day in a leap year

#: Smaller numbers say little.
_SMALLEST: Final = 4

#: Reasons of masks whose dates are read all the same.
_DATING: Final = frozenset({"embed"})

#: Month names this long (in letters) are hardly another word; shorter ones need a day beside them.
_TELLING: Final = 5

#: Languages that write months with a capital letter, where ``march`` is a verb.
_CAPITALS: Final = frozenset({"en", "de"})

#: A line up to this many code points that names a picture's maker is the credit of the line before.
_CREDIT_LINE: Final = 80
#: A line up to this many that does so is a caption itself.
_CAPTION_LINE: Final = 300
#: A line up to this many of which at most a third are letters of other words is a page's date line.
_DATE_LINE: Final = 60

#: Days before the first of each month in a leap year, so that 29 February has a place.
_BEFORE: Final = (0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)

_DATE: Final = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})")
_LINE: Final = re.compile(r"[^\s][^\n]*")

Ints = npt.NDArray[np.int64]


@attrs.frozen(kw_only=True, eq=False)
class Figures:
    """The values of N texts in R rows.

    Attributes:
        values: uint32[R], kind and value, ascending within a text, none twice.
        offsets: int64[N + 1]; the rows of text d are ``offsets[d]`` to ``offsets[d + 1]``.
    """

    values: npt.NDArray[np.uint32]
    offsets: Ints

    def days(self, text: int) -> frozenset[int]:
        """Return the days that a text names, as numbers of the day in a leap year."""
        values = self.values[self.offsets[text] : self.offsets[text + 1]]
        return frozenset((values[values > DAY] - DAY).tolist())


def figures_of(
    columns: Columns,
    texts: Sequence[str],
    languages: Sequence[str],
    masks: Sequence[Sequence[Mask]] = (),
) -> Figures:
    """Read the values that texts name.

    Args:
        columns: Words of the texts, masked ones left out.
        texts: The texts as found.
        languages: BCP 47 tag of each, empty if unknown.
        masks: What is masked in each; none where left out.
    """
    owners, values = _read(columns, texts, languages)
    posts = [
        (text, slice(*mask.span))
        for text, of_text in enumerate(masks)
        for mask in of_text
        if mask.reason in _DATING
    ]
    if posts:
        shown = [texts[text][span] for text, span in posts]
        inside, more = _read(columns_of(shown), shown, [languages[text] for text, _ in posts])
        dated = more > DAY
        owners = np.concatenate([owners, np.array([t for t, _ in posts], np.int64)[inside[dated]]])
        values = np.concatenate([values, more[dated]])
    codes = np.unique(owners << 32 | values)
    return Figures(
        values=(codes & 0xFFFFFFFF).astype(np.uint32),
        offsets=np.searchsorted(codes >> 32, np.arange(len(texts) + 1)),
    )


def _read(columns: Columns, texts: Sequence[str], languages: Sequence[str]) -> tuple[Ints, Ints]:
    """Texts and values, unsorted."""
    from provenance.sketch.figure_kernels import days_beside, look_up

    senses = look_up(columns.tokens, *_senses())
    owners = np.repeat(np.arange(len(texts)), np.diff(columns.offsets))
    years = (senses >= 1900) & (senses < 2100)
    numbers = np.flatnonzero((senses >= _SMALLEST) & (senses < MONTH) & ~years)
    dated: list[tuple[int, int]] = []

    named = np.flatnonzero(senses > MONTH)
    listed = days_beside(named, senses, columns.starts, columns.ends, columns.offsets, owners)
    firsts = columns.starts[named].tolist()
    lengths = (columns.ends[named] - columns.starts[named]).tolist()
    for row, (text, start, length) in enumerate(
        zip(owners[named].tolist(), firsts, lengths, strict=True)
    ):
        tongue = languages[text].partition("-")[0]
        if tongue in _CAPITALS and not texts[text][start].isupper():
            continue
        month, days = int(senses[named[row]]) - MONTH, listed[row][listed[row] > 0].tolist()
        if days or length >= _TELLING:
            dated.append((text, MONTH + month))
        if days and _in_prose(texts[text], start):
            dated += ((text, DAY + _BEFORE[month - 1] + day) for day in days)

    for token in _written(columns, senses, owners).tolist():
        text, start = int(owners[token]), int(columns.starts[token])
        day = _written_day(texts[text][start : int(columns.ends[token + 2])])
        if day and _in_prose(texts[text], start):
            dated.append((text, DAY + day))
    texts_of, values = np.array(dated, np.int64).reshape(-1, 2).T
    return (
        np.concatenate([owners[numbers], texts_of]),
        np.concatenate([senses[numbers] + NUMBER, values]),
    )


def _written(columns: Columns, senses: Ints, owners: Ints) -> Ints:
    """First of three numbers in a row, one character between two of them."""
    number = (senses >= 0) & (senses < MONTH)
    close = np.zeros(len(senses), np.bool_)
    close[:-1] = (columns.starts[1:] == columns.ends[:-1] + 1) & (owners[1:] == owners[:-1])
    both = number & close
    both[:-1] &= number[1:]
    three = both.copy()
    three[:-1] &= both[1:]
    three[-1:] = False
    return np.flatnonzero(three)


def _written_day(written: str) -> int:
    """The day that a date in digits names, 0 for none or either of two.

    Day and month are told apart by the form (year first, or dots between), or because one of them exceeds
    twelve, or because they are equal.
    """
    match = _DATE.fullmatch(written)
    if not match:
        return 0
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4:
        month, day = second, third
    elif len(match[1]) <= 2 and len(match[4]) in {2, 4}:
        day, month = first, second
        if month > 12 >= day:
            day, month = month, day
        elif day <= 12 and day != month and match[2] != ".":
            return 0
    else:
        return 0
    return _BEFORE[month - 1] + day if 1 <= month <= 12 and 1 <= day <= 31 else 0


def _in_prose(text: str, start: int) -> bool:
    """Tell whether a date belongs to what is told, not to the page's date line or a picture's caption."""
    begin, end = text.rfind("\n", 0, start) + 1, text.find("\n", start)
    line = text[begin : end if end >= 0 else len(text)].strip()
    if len(line) <= _CAPTION_LINE:
        words = fold_text(line).split()
        others = sum(len(w) for w in words if not w.isdigit() and w not in _parts_of_dates())
        if len(line) <= _DATE_LINE and 3 * others <= len(line):
            return False
        if not _caption_words().isdisjoint(words):
            return False
    below = _LINE.search(text, end) if end >= 0 else None
    return (
        below is None
        or len(below.group()) > _CREDIT_LINE
        or _caption_words().isdisjoint(fold_text(below.group()).split())
    )


@cache
def _senses() -> tuple[npt.NDArray[np.uint64], Ints, npt.NDArray[np.uint64], Ints]:
    """What single tokens and pairs of tokens stand for, as tables to look up.

    Numbers of up to four digits stand for themselves, names of months for ``MONTH`` and their number.
    """
    from provenance.sketch.figure_kernels import filled_table

    words = {str(n).zfill(width): n for width in (1, 2, 3, 4) for n in range(10**width)}
    words |= {
        f"\N{ARABIC LETTER WAW}{n}": n for n in range(1, 32)
    }  # "and" is written onto a number
    words |= {name: MONTH + number for name, number in month_numbers().items()}
    names = list(words)
    columns = columns_of(names)
    sizes = np.diff(columns.offsets)
    senses = np.array(list(words.values()), np.int64)
    single, double = sizes == 1, sizes == 2
    first = columns.offsets[:-1]
    return (
        *filled_table(columns.tokens[first[single]], senses[single]),
        *filled_table(
            columns.tokens[first[double]] * np.uint64(3) + columns.tokens[first[double] + 1],
            senses[double],
        ),
    )


@cache
def _parts_of_dates() -> frozenset[str]:
    """Words of the names of months and weekdays."""
    from provenance.text.calendars import weekday_numbers

    return frozenset(
        part for name in (*month_numbers(), *weekday_numbers()) for part in name.split()
    )


@cache
def _caption_words() -> frozenset[str]:
    source = files("provenance.sketch").joinpath("data", "captions.tsv")
    rows = source.read_text(encoding="utf-8").splitlines()
    return frozenset(fold_text(row) for row in rows if not row.startswith("#"))
