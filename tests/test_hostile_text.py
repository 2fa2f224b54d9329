"""Texts that nobody would write, and machines do: the readers of one text bear them all.

Time is counted in seconds of the processor, against bars that a quadratic reader misses by far.
"""

from __future__ import annotations

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.attribution.dating import date_interval
from provenance.model import Article, ArticleId, Mask
from provenance.text.dates import find_dates
from provenance.text.furniture import find_furniture, merge_masks

LONG = 150_000  # code points; what is quadratic takes minutes for them
SECONDS = 12.0

REPEATED = {
    "plugin codes": "[ad_1]",
    "media links": "https://t.co/a1 ",
    "signatures": "\N{EM DASH} A (@a) March 3, 2024\n",
    "buttons": "Share\n",
    "labels": "اقرأ أيضا:\n",
    "comment forms": "Leave a comment\n",
    "months": "March ",
    "Arabic months": "مارس ",
    "years": "2024 ",
    "spaces": " ",
    "line breaks": "\n",
    "brackets": "(",
    "marks": "\N{ARABIC FATHA}",
    "digits": "7",
}


@pytest.mark.parametrize("unit", REPEATED.values(), ids=REPEATED)
def test_time_is_linear_in_repetitions(unit: str) -> None:
    """Furniture and dates of one thing repeated take time by its length."""
    text = (unit * (LONG // len(unit) + 1))[:LONG]
    article = Article(id=ArticleId("a"), text=text)
    since = process_time()
    find_furniture(text)
    date_interval(article, ())
    assert process_time() - since < SECONDS


@pytest.mark.parametrize("unit", [" ", " - ", "|", "a ", " \N{EM DASH}"])
def test_a_text_in_the_field_of_the_title_costs_no_time(unit: str) -> None:
    """A title may be as long as a text."""
    title = unit * LONG
    since = process_time()
    find_furniture("A first line of the page\n\nA second line of the page", title=title)
    assert process_time() - since < SECONDS


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from(["a", "b", "c"])),
        max_size=12,
    )
)
def test_merged_masks_are_disjoint_and_the_first_one_holds(
    given_masks: list[tuple[int, int, str]],
) -> None:
    """Every code point has the reason of the first mask that covers it."""
    masks = [Mask(span=(start, end), reason=reason) for start, end, reason in given_masks]
    wanted: dict[int, str] = {}
    for mask in masks:
        for place in range(*mask.span):
            wanted.setdefault(place, mask.reason)
    merged = merge_masks(masks)
    found = [(place, mask.reason) for mask in merged for place in range(*mask.span)]
    assert found == sorted(wanted.items())
    assert all(a.span[1] <= b.span[0] for a, b in pairwise(merged))


@settings(max_examples=200)
@given(
    st.text(
        st.one_of(
            st.characters(),
            st.sampled_from("\ud800\udfff\0\ufeff\u202e\ufe0f \n\r\u2028[](){}@#|:-"),
        ),
        max_size=120,
    ),
    st.text(max_size=20),
)
def test_any_code_points_are_borne(text: str, title: str) -> None:
    """Halves of characters, controls and marks included; masks lie inside the text."""
    masks = find_furniture(text, title=title)
    assert all(0 <= mask.span[0] < mask.span[1] <= len(text) for mask in masks)
    find_dates(text)
    date_interval(Article(id=ArticleId("a"), text=text, title=title), ())


def test_half_a_character_does_not_hide_a_date() -> None:
    """What a damaged escape leaves is passed over."""
    assert find_dates("\ud83d posted on September 14, 2023")[0].date is not None
