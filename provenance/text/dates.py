"""Dates as news writes them: "30 أغسطس/ آب الماضي", "September 14, 2023", "le 12 mai dernier".

A date is read with whatever it says of itself: day, month, year, weekday, and how it stands to the day
of writing ("today", "last August", "next October").  What it does not say stays open; solving for the
day of writing is :mod:`provenance.attribution.dating`'s work.

Islamic dates are converted by the tabular calendar (11 leap years in 30, civil epoch of 16 July 622
Julian), which may differ from the printed calendar by a day, rarely two, because months begin with a
sighted or a computed moon.

Limits: bare numbers (3/4/2024) are read only where day and month cannot be confused or the year comes
first, or the text is Arabic (day first); names of months that are also other words count only beside a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache

import attrs
from ahocorasick_rs import BytesAhoCorasick, Implementation

from provenance.model import Span
from provenance.text.calendars import (
    day_words,
    hijri_months,
    joining_words,
    month_numbers,
    month_words,
    since_words,
    weekday_numbers,
    written_names,
)
from provenance.text.folding import fold_text

__all__ = ["HIJRI_TOLERANCE", "DateWords", "find_dates", "from_hijri"]

HIJRI_TOLERANCE = 2
"""Days by which a converted Islamic date may be off."""

_YEARS = range(1900, 2100)
_YEAR_DIGITS = 4
_HIJRI_YEARS = range(1300, 1500)
_LONGEST_NAME = 2  # words
# Further names of the same month: of the Levant, of the Maghreb, in Latin letters.
_OTHER_NAMES = 3
_LONGEST_FORM = 3  # words of "the day before"
# Words and clitics around a number or a trigger that can belong to its date.
_REACH = 48
_CENTURIES = ("19", "20")
_LONGEST_WORD = 24  # characters in which the word before a weekday is looked for
_YEAR = re.compile(r"\d{4}(?!\d)")
_DIGIT = re.compile(r"\d")
_ORDINAL = re.compile(r"\N{ARABIC LETTER WAW}?(\d{1,4})(?:st|nd|rd|th|er)?")
# "Thursday, the 14th", "الخميس الموافق 14": words between weekday and day, by their beginning.
_BETWEEN = (
    "\N{ARABIC LETTER ALEF}\N{ARABIC LETTER LAM}\N{ARABIC LETTER MEEM}\N{ARABIC LETTER WAW}",
    "the",
    "den",
    "le",
    "dem",
)
_ALEFS = (
    "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}",
    "\N{ARABIC LETTER ALEF WITH HAMZA BELOW}",
    "\N{ARABIC LETTER ALEF WITH MADDA ABOVE}",
)
_PREFIXES = (
    "\N{ARABIC LETTER WAW}",
    "\N{ARABIC LETTER BEH}",
    "\N{ARABIC LETTER LAM}",
    "\N{ARABIC LETTER FEH}",
)
# Months whose names are other words too, or too short to be sure of.
_AMBIGUOUS = frozenset({"may", "march", "mars", "mai", "mart", "ocak", "luty", "set"})
_SURE_LENGTH = 4
_IDEOGRAPHS = (
    "\N{CJK UNIFIED IDEOGRAPH-5E74}",
    "\N{CJK UNIFIED IDEOGRAPH-6708}",
    "\N{CJK UNIFIED IDEOGRAPH-65E5}",
)
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?((?:19|20)\d\d)(?!\d)")
_ARABIC = re.compile("[\u0620-\u064a]")
_SEPARATORS = ("-", "/", ".")
_BEFORE_YEAR = 10  # "31 / 12 / " and no more


@attrs.frozen(kw_only=True)
class DateWords:
    """A date of a text, as far as it says.

    Attributes:
        day: Day of the month, 0 where unsaid.
        month: Month, 0 where unsaid.
        year: Year, 0 where unsaid.
        weekday: Monday = 0, None where unsaid.
        to_writing: Days from the day of writing to this day ("yesterday": -1), None where unsaid.
        month_to_writing: -1 a month before that of writing, 0 the same, 1 a later one, None where unsaid.
        since: Whether the text speaks of what has gone on since then.
        hijri: Whether it was converted from the Islamic calendar.
    """

    day: int = 0
    month: int = 0
    year: int = 0
    weekday: int | None = None
    to_writing: int | None = None
    month_to_writing: int | None = None
    since: bool = False
    hijri: bool = False

    @property
    def date(self) -> date | None:
        """The date, if day, month and year are said and make one."""
        if not (self.day and self.month and self.year):
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


def from_hijri(year: int, month: int, day: int) -> date:
    """Return the Gregorian date of an Islamic one, by the tabular calendar.

    Leap years are those with (11 y + 14) mod 30 < 11 (the usual "16" pattern); a printed date may differ
    by :data:`HIJRI_TOLERANCE` days.

    Example:
        >>> from_hijri(1445, 9, 1)
        datetime.date(2024, 3, 11)
    """
    days = day - 1 + 29 * (month - 1) + month // 2 + 354 * (year - 1) + (11 * year + 3) // 30
    return date(622, 7, 19) + timedelta(days)  # 16 July 622 in the Julian calendar


def find_dates(text: str) -> tuple[DateWords, ...]:
    """Find the dates of a text, in order.

    Args:
        text: Any text or a part of one.

    Returns:
        Every date that says more than a bare number, month or weekday.

    Example:
        >>> [d.date for d in find_dates("posted on September 14, 2023")]
        [datetime.date(2023, 9, 14)]
    """
    if not text:
        return ()
    plain = _plain(text)
    years = _years(plain)
    found: list[tuple[int, DateWords]] = list(_numeric_dates(plain, years))
    for start, end in _windows(plain, years):
        words = fold_text(plain[start:end]).split()
        found += ((start, date_words) for date_words in _spelled_dates(words))
    return tuple(date_words for _, date_words in sorted(found, key=lambda pair: pair[0]))


def _plain(text: str) -> str:
    """Return the text in lower case with bare alef, as long as it was."""
    # lower() makes two code points of the Turkish capital.
    plain = text.replace("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "i").lower()
    for letter in _ALEFS:
        plain = plain.replace(letter, "\N{ARABIC LETTER ALEF}")
    return plain


@attrs.frozen
class _Written:
    """A name of a month or a day as written.

    Attributes:
        name: Its letters, as :func:`_plain` leaves them.
        sure: Whether it is long enough to be no other word.
        weekday: Whether it is a day of the week and no month.
    """

    name: str
    sure: bool
    weekday: bool


@cache
def _names() -> tuple[BytesAhoCorasick, tuple[_Written, ...]]:
    """The names of months and days as written, and what finds them among half characters."""
    names = sorted({_plain(name) for name in written_names()})
    halves = [_halved(name) for name in names]
    # few names, and twice as fast as the smaller automaton
    search = BytesAhoCorasick(halves, implementation=Implementation.DFA)
    return search, tuple(
        _Written(name, len(name) >= _SURE_LENGTH, _is_weekday(fold_text(name))) for name in names
    )


def _is_weekday(name: str) -> bool:
    return name in weekday_numbers() and name not in {**month_numbers(), **hijri_months()}


def _halved(text: str) -> bytes:
    """Return the lower half of every character: as many bytes, most of them unlike in one script."""
    halves = text.encode("utf-16-le", "surrogatepass")[::2]
    if len(halves) == len(text):
        return halves
    return bytes(ord(letter) & 0xFF for letter in text)


def _years(plain: str) -> list[Span]:
    """Return where years of four digits stand, in order."""
    places = []
    for century in _CENTURIES:
        place = plain.find(century)
        while place >= 0:
            if _YEAR.match(plain, place) and not (place and plain[place - 1].isdecimal()):
                places.append((place, place + _YEAR_DIGITS))
            place = plain.find(century, place + 1)
    return sorted(places)


def _name_places(plain: str) -> Iterator[tuple[_Written, int, int]]:
    """Yield name, start and end of every month or day, also inside other words."""
    search, names = _names()
    for number, start, end in search.find_matches_as_indexes(_halved(plain), overlapping=True):
        if plain.startswith(names[number].name, start):
            yield names[number], start, end


def _windows(plain: str, years: Sequence[Span]) -> Iterator[Span]:
    """Yield where dates may stand: around names that stand alone, and around years, inside lines."""
    places = [
        (start, end)
        for written, start, end in _name_places(plain)
        if _stands_alone(plain, start, end)
        and (written.sure or _DIGIT.search(plain[max(0, start - 6) : end + 6]))
        and not (written.weekday and _of_any_week(plain, start))
    ]
    places += years
    begin = stop = 0
    for start, end in sorted(places):
        left = max(start - _REACH, plain.rfind("\n", 0, start) + 1)
        right = plain.find("\n", end, end + _REACH)
        right = min(len(plain), end + _REACH) if right < 0 else right
        if left > stop:
            if stop:
                yield _whole_words(plain, begin, stop)
            begin = left
        stop = max(stop, right)
    if stop:
        yield _whole_words(plain, begin, stop)


def _of_any_week(plain: str, start: int) -> bool:
    """Whether no "today" stands before a weekday, which then says nothing without a month near it."""
    if start and plain[start - 1] in _PREFIXES:
        start -= 1
    before = plain[max(0, start - _LONGEST_WORD) : start].split()
    while before and not any(map(str.isalnum, before[-1])):
        before.pop()
    return not before or not _ends_day(before[-1])


@lru_cache(maxsize=4096)
def _ends_day(word: str) -> bool:
    """Whether a form of "today" ends with a word."""
    folded = fold_text(word).split()
    return bool(folded) and folded[-1] in {form.split()[-1] for form in day_words()}


def _stands_alone(plain: str, start: int, end: int) -> bool:
    """Whether a name is a word; Arabic writes particles onto it."""
    if plain[end : end + 1].isalpha():
        return False
    before = plain[start - 1 : start] if start else ""
    return not before.isalpha() or before in _PREFIXES


def _whole_words(text: str, start: int, end: int) -> Span:
    while 0 < start < len(text) and text[start].isalnum() and text[start - 1].isalnum():
        start += 1
    while 0 < end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end -= 1
    return start, end


def _numeric_dates(plain: str, years: Sequence[Span]) -> Iterator[tuple[int, DateWords]]:
    """Yield the dates in numbers, each of which has a year of four digits at one end."""
    for start, end in years:
        iso = _ISO.match(plain, start) if plain[end : end + 1] in _SEPARATORS else None
        if iso:
            year, month, day = map(int, iso.groups())
            yield start, DateWords(year=year, month=month, day=day)
    end = 0
    for start, stop in years:
        match = _NUMERIC.search(plain, max(end, start - _BEFORE_YEAR), stop + 1)
        if match is None or match.end() != stop:
            continue
        end = stop
        first, second, year = map(int, match.groups())
        around = plain[max(0, match.start() - _REACH) : match.end() + _REACH]
        if second <= 12 < first or first == second or _ARABIC.search(around):
            yield match.start(), DateWords(year=year, month=second, day=first)
        elif first <= 12 < second:  # else nobody knows which is the month
            yield match.start(), DateWords(year=year, month=first, day=second)


@attrs.frozen
class _Names:
    """Folded names of months or days.

    Attributes:
        numbers: What each stands for; a name may hold a blank.
        first: Their first words, with and without prefixes: no other word begins a name.
    """

    numbers: Mapping[str, int]
    first: frozenset[str]

    @classmethod
    def of(cls, numbers: Mapping[str, int]) -> _Names:
        first = {name.split()[0] for name in numbers}
        return cls(numbers, frozenset(first | {p + word for p in _PREFIXES for word in first}))


@cache
def _months() -> _Names:
    return _Names.of(month_numbers())


@cache
def _hijri() -> _Names:
    return _Names.of(hijri_months())


@cache
def _weekdays() -> _Names:
    return _Names.of(weekday_numbers())


@cache
def _starters() -> frozenset[str]:
    """First words of dates."""
    return _months().first | _hijri().first | _weekdays().first | {_IDEOGRAPHS[0]}


def _spelled_dates(words: Sequence[str]) -> Iterator[DateWords]:
    place = 0
    starters = _starters()
    while place < len(words):
        step = 1
        if words[place] in starters:
            step, found = _date_at(words, place)
            if found:
                yield found
        elif (
            len(words[place]) == _YEAR_DIGITS
            and _year(words, place)
            and _since(_before(words, place))
        ):
            yield DateWords(year=int(words[place]), since=True)
        place += step


def _date_at(words: Sequence[str], place: int) -> tuple[int, DateWords | None]:
    """Read what begins, or has its month, at a place; return how many words it takes."""
    for names in (_months(), _hijri()):
        name = _name_at(words, place, names)
        if name:
            return _around_month(words, place, *name, names)
    if place and words[place : place + 5 : 2] == list(_IDEOGRAPHS):
        year, month, day = (_number(word, 2100) for word in words[place - 1 : place + 4 : 2])
        return 5, DateWords(year=year, month=month, day=day) if year in _YEARS else None
    weekday = _name_at(words, place, _weekdays())
    if weekday:
        number, length = weekday
        shift = _ends(_before(words, place), day_words())
        said = shift is not None and not _month_near(words, place + length)
        return length, DateWords(weekday=number, to_writing=shift) if said else None
    return 1, None


def _around_month(
    words: Sequence[str],
    place: int,
    month: int,
    length: int,
    calendar: _Names,
) -> tuple[int, DateWords | None]:
    """Read day, year, weekday and relation around the name of a month."""
    name = " ".join(words[place : place + length])
    is_hijri = calendar is _hijri()
    start, end = place, place + length
    for _ in range(_OTHER_NAMES):
        again = _name_at(words, end, calendar)
        if again is None or again[0] != month:
            break
        end += again[1]
    before = _skip(words, start, -1)
    day = _number(words[before], 31) if before >= 0 else 0
    if day:
        start = before
    else:
        after = end + (words[end : end + 1] == ["the"])
        day = _number(words[after], 31) if after < len(words) and len(words[after]) < 5 else 0
        end = after + 1 if day else end
    after = _skip(words, end, 1)
    years = _HIJRI_YEARS if is_hijri else _YEARS
    year = _number(words[after], 2100) if after < len(words) else 0
    year = year if year in years else 0
    end = after + 1 if year else end
    if not (day or year) and (name in _AMBIGUOUS or len(name) < _SURE_LENGTH):
        return length, None
    weekday, start = _weekday_before(words, start)
    if weekday is None and (behind := _name_at(words, end, _weekdays())):  # Turkish order
        weekday = behind[0]
    found = DateWords(
        day=day,
        month=month,
        year=year,
        weekday=weekday,
        to_writing=_ends(_before(words, start), day_words()),
        month_to_writing=_month_relation(words, start, end) if not year else None,
        since=_since(_before(words, start)) and bool(year),
    )
    if is_hijri:
        return end - place, _converted(found)
    said = day or year or found.month_to_writing is not None
    return max(end - place, 1), found if said else None


def _converted(found: DateWords) -> DateWords | None:
    if not (found.day and found.year) or found.day > 30:
        return None
    day = from_hijri(found.year, found.month, found.day)
    return attrs.evolve(found, year=day.year, month=day.month, day=day.day, hijri=True)


def _name_at(words: Sequence[str], place: int, names: _Names) -> tuple[int, int] | None:
    """Return the number that a name stands for and how many words it has."""
    if place >= len(words) or words[place] not in names.first:
        return None
    for length in range(_LONGEST_NAME, 0, -1):
        if place + length > len(words):
            continue
        name = " ".join(words[place : place + length])
        number = names.numbers.get(name)
        if number is None and name.startswith(_PREFIXES) and len(name) > _SURE_LENGTH:
            number = names.numbers.get(name[1:])
        if number is not None:
            return number, length
    return None


def _number(word: str, largest: int) -> int:
    match = _ORDINAL.fullmatch(word)
    number = int(match.group(1)) if match else 0
    return number if number <= largest else 0


def _year(words: Sequence[str], place: int) -> bool:
    return len(words[place]) == _YEAR_DIGITS and _number(words[place], 2100) in _YEARS


def _skip(words: Sequence[str], place: int, step: int) -> int:
    """Return the next place in a direction that holds no joining word; `place` is the first free."""
    place += step if step < 0 else 0
    if 0 <= place < len(words) and words[place] in joining_words():
        place += step
    return place


def _before(words: Sequence[str], place: int) -> Sequence[str]:
    """Return the words before a place that may say how it stands to the day of writing."""
    return words[max(0, place - _LONGEST_FORM) : place]


def _ends(words: Sequence[str], forms: Mapping[str, int]) -> int | None:
    """Return what the longest form says that the words end with."""
    for length in range(_LONGEST_FORM, 0, -1):
        shift = forms.get(" ".join(words[-length:])) if len(words) >= length else None
        if shift is not None:
            return shift
    return None


def _since(words: Sequence[str]) -> bool:
    return any(" ".join(words[-length:]) in since_words() for length in (2, 1) if words)


def _month_near(words: Sequence[str], place: int) -> bool:
    """Whether a month follows within the next words, which will read the weekday itself."""
    return any(
        _name_at(words, near, _months()) for near in range(place, min(place + 4, len(words)))
    )


def _weekday_before(words: Sequence[str], start: int) -> tuple[int | None, int]:
    """Return the weekday that stands before a date, and where the two begin."""
    for place in range(start - 1, max(start - 4, -1), -1):
        name = _name_at(words, place, _weekdays())
        if name:
            return name[0], place
        if words[place] not in joining_words() and not words[place].startswith(_BETWEEN):
            break
    return None, start


def _month_relation(words: Sequence[str], start: int, end: int) -> int | None:
    after = month_words("after")
    for length in (2, 1):
        shift = after.get(" ".join(words[end : end + length]))
        if shift is not None:
            return shift
    return _ends(_before(words, start), month_words("before"))
