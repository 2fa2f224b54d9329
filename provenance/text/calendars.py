"""The names that months and weekdays have in news, in the languages of ``data/calendar.json``.

Arabic newspapers use four sets of Gregorian month names (Egypt and the Gulf, the Levant, Tunisia and
Algeria, Morocco), often two at once with a slash between.  All names are folded, so that spelling does
not matter.  Whether a name stands for a month at all (the verb "may", the car "Nissan") is the reader's
question, not the table's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import orjson

from provenance.text.folding import fold_text

__all__ = ["clock_words", "hijri_months", "month_numbers", "weekday_numbers"]


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


@cache
def month_numbers() -> Mapping[str, int]:
    """Return the Gregorian months by folded name, January = 1; a name may hold a blank."""
    return _numbered("months", 1)


@cache
def hijri_months() -> Mapping[str, int]:
    """Return the Islamic months by folded name, Muharram = 1."""
    return _numbered("hijri", 1)


@cache
def weekday_numbers() -> Mapping[str, int]:
    """Return the weekdays by folded name, Monday = 0 as in :meth:`datetime.date.weekday`."""
    return _numbered("weekdays", 0)


@cache
def clock_words() -> frozenset[str]:
    """Return the folded words that a line which is only a date may hold beside names and numbers."""
    return frozenset(fold_text(" ".join(_calendar()["clock"].values())).split())
