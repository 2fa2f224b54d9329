"""The names that months and weekdays have in news, and the words that place them in time.

Arabic newspapers use four sets of Gregorian month names (Egypt and the Gulf, the Levant, Tunisia and
Algeria, Morocco), often two at once with a slash between.  All words are folded, so that spelling does
not matter.  Whether a name stands for a month at all (the verb "may", the car "Nissan") is the reader's
question, not the table's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

import orjson

from provenance.text.folding import fold_text

__all__ = [
    "clock_words",
    "day_words",
    "hijri_months",
    "joining_words",
    "month_numbers",
    "month_words",
    "since_words",
    "weekday_numbers",
    "written_names",
]


@cache
def _calendar() -> Mapping[str, Any]:
    source = resources.files("provenance.text").joinpath("data/calendar.json")
    table: Mapping[str, Any] = orjson.loads(source.read_bytes())
    return table


def _numbered(key: str, first: int) -> dict[str, int]:
    return {
        fold_text(name): number
        for names in _calendar()[key].values()
        for number, forms in enumerate(names, first)
        for name in forms.split("|")
    }


def _shifts(table: Mapping[str, str]) -> dict[str, int]:
    return {
        fold_text(form): int(shift) for shift, forms in table.items() for form in forms.split("|")
    }


@cache
def month_numbers() -> Mapping[str, int]:
    """Return the Gregorian months by folded name, January = 1; a name may hold a blank."""
    return _numbered("months", 1)


@cache
def hijri_months() -> Mapping[str, int]:
    """Return the Islamic months by folded name, Muharram = 1; a name may hold a blank."""
    return _numbered("hijri", 1)


@cache
def weekday_numbers() -> Mapping[str, int]:
    """Return the weekdays by folded name, Monday = 0 as in :meth:`datetime.date.weekday`."""
    return _numbered("weekdays", 0)


@cache
def clock_words() -> frozenset[str]:
    """Return the folded words that a line which is only a date may hold beside names and numbers."""
    return frozenset(fold_text(" ".join(_calendar()["clock"].values())).split())


@cache
def day_words() -> Mapping[str, int]:
    """Return "yesterday" (-1), "today" (0) and "tomorrow" (1) by folded form."""
    return _shifts(_calendar()["day"])


@cache
def month_words(side: Literal["before", "after"]) -> Mapping[str, int]:
    """Return "last" (-1), "this" (0) and "next" (1) by folded form, as they stand beside a month."""
    return _shifts(_calendar()["month"][side])


@cache
def joining_words() -> frozenset[str]:
    """Return what may stand between day, month and year."""
    return frozenset(fold_text(_calendar()["joins"]).split())


@cache
def since_words() -> frozenset[str]:
    """Return the forms of "since"."""
    return frozenset(map(fold_text, _calendar()["since"].split("|")))


@cache
def written_names() -> frozenset[str]:
    """Return the names of months and weekdays as they are spelled, not folded."""
    calendar = _calendar()
    return frozenset(
        name
        for key in ("months", "hijri", "weekdays")
        for names in calendar[key].values()
        for forms in names
        for name in forms.split("|")
    )
