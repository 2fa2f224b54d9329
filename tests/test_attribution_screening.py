"""The screen has a road of machine code and one without; both find the same."""

from __future__ import annotations

import sys
from functools import cache
from unittest.mock import patch

import numba  # noqa: F401 - where it is loaded, the screen takes the short road
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.catalogue import load_catalogue
from provenance.attribution.lettering import fold_in_place
from provenance.attribution.markers import load_markers
from provenance.attribution.screening import Hit, Screen

TATWEEL = "\N{ARABIC TATWEEL}"
PIECES = [
    "رويترز", "وكالة", "أ ف ب", "فرانس برس", "Reuters", "AFP", "新华社", "Ъ", "\U0001f600",
    TATWEEL, "ل" + TATWEEL, "\N{ARABIC FATHA}", "\N{ZERO WIDTH SPACE}", "\N{NO-BREAK SPACE}",
    " ", "  ", "\n", "(", ")", ".", "«", "»", "-", "7", "\ud800", "\uffff",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=30).map("".join)


@cache
def screen() -> Screen:
    return Screen(load_catalogue(None).aliases, [rule.triggers for rule in load_markers().rules])


def found(text: str) -> list[Hit]:
    return sorted(screen().find(text), key=lambda hit: (hit.start, hit.end, hit.clitic))


@given(TEXTS)
def test_both_roads_of_the_screen_find_the_same(text: str) -> None:
    """Machine code changes the time that a text takes, not what is found in it."""
    short = found(text)
    with patch.dict(sys.modules):
        del sys.modules["numba"]
        assert found(text) == short


@given(TEXTS)
def test_both_roads_of_folding_give_the_same(text: str) -> None:
    """A table folds letters as the dictionary does, and keeps their places."""
    short = fold_in_place(text)
    assert len(short) == len(text)
    with patch.dict(sys.modules):
        del sys.modules["numpy"]
        assert fold_in_place(text) == short


def test_names_are_found_where_they_stand_in_stretched_text() -> None:
    """Marks, lengthening strokes and doubled blanks do not move what is found."""
    text = f"قالت  رويتـ{TATWEEL}رز\N{ARABIC FATHA} اليوم"
    agencies = {
        (text[hit.start : hit.end], alias.agency) for hit in found(text) for alias in hit.aliases
    }
    assert (f"رويتـ{TATWEEL}رز", "reuters") in agencies
