"""Numbers, months and days that texts name, in any language."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import Mask
from provenance.sketch.figures import DAY, MONTH, NUMBER, figures_of
from provenance.text.columns import columns_of

JUNE_18 = 170  # 31 + 29 + 31 + 30 + 31 + 18
JUNE_19 = 171


def values(text: str, language: str, masks: tuple[Mask, ...] = ()) -> set[int]:
    figures = figures_of(columns_of([text], [masks]), [text], [language], [masks])
    assert figures.offsets.tolist() == [0, len(figures.values)]
    return set(figures.values.tolist())


def days(text: str, language: str, masks: tuple[Mask, ...] = ()) -> set[int]:
    return {value - DAY for value in values(text, language, masks) if value > DAY}


@pytest.mark.parametrize(
    ("text", "language"),
    [("725 tons", "en"), ("٧٢٥ طنا", "ar"), ("۷۲۵ تن", "fa"), ("७२५ टन", "hi")],
)
def test_numbers_have_one_value_in_every_digit_system(text: str, language: str) -> None:
    """A number is its value, whatever its digits."""
    assert values(text, language) == {NUMBER + 725}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The talks on June 18 and 19 will be closed.", "en", {JUNE_18, JUNE_19}),
        ("The talks open on 18 June in the old town hall.", "en", {JUNE_18}),
        ("تعقد المحادثات يومي 18 و19 يونيو في قاعة البلدية", "ar", {JUNE_18, JUNE_19}),
        ("تبدأ المحادثات في ١٨ حزيران في قاعة البلدية القديمة", "ar", {JUNE_18}),
        ("بدأت المحادثات في 3 كانون الثاني 2031 في قاعة البلدية", "ar", {3}),
        ("Görüşmeler 18 Haziran'da belediye salonunda başlıyor", "tr", {JUNE_18}),
        ("Les pourparlers s'ouvrent le 18 juin à la mairie", "fr", {JUNE_18}),
        ("Переговоры начнутся 18 июня в зале ратуши", "ru", {JUNE_18}),
        ("The minutes were dated 2031-06-18 by the clerk of the town.", "en", {JUNE_18}),
        ("Das Protokoll trägt das Datum 18.06.2031 und zwei Siegel.", "de", {JUNE_18}),
        ("The clerk wrote 6/8/2031, which may be either of two days.", "en", set()),
        ("They march in silence, and 18 of them may sing.", "en", set()),
    ],
)
def test_days_of_a_month_are_read_as_dates(text: str, language: str, expected: set[int]) -> None:
    """A day of a month has one value in every language; a doubtful one has none."""
    assert days(text, language) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Wednesday 18 June / 2031\nThe mayor opened the lock.",
        "The mayor at the lock on 18 June 2031. Photo: A. Weaver\nThe mayor opened the lock.",
        "The mayor at the lock on 18 June 2031.\n\nA. Weaver | Getty\nThe mayor opened the lock.",
        "رئيسة البلدية عند القفل في 18 يونيو 2031.\nسالم النجار | صور غيتي\nافتتحت القفل.",
    ],
)
def test_dates_of_pages_and_pictures_are_not_the_event(text: str) -> None:
    """A page's date line and a caption date something else than what the article tells."""
    assert not days(text, "")


def test_months_are_values_and_years_are_not() -> None:
    """A month without a day counts if its name is hardly another word."""
    assert values("It snowed in September 2029, on a Tuesday.", "en") == {MONTH + 9}


def test_masked_posts_date_what_they_show() -> None:
    """A date inside an embedded post is read, one inside another mask is not."""
    text = "The lock opened at noon.\nHarbor desk (@harbor) June 18, 2031\nMore on the lock."
    post = (text.index("Harbor"), text.index("\nMore"))
    assert days(text, "en", (Mask(span=post, reason="embed"),)) == {JUNE_18}
    assert not days(text, "en", (Mask(span=post, reason="related"),))


def test_a_masked_credit_still_marks_a_caption() -> None:
    """The date of a picture stays a picture's date when its credit is hidden."""
    text = "The mayor at the lock on 18 June 2031.\nA. Weaver | Getty\nThe mayor opened the lock."
    credit = (text.index("A. Weaver"), text.index("\nThe mayor opened"))
    assert not days(text, "en", (Mask(span=credit, reason="credit"),))


@given(st.lists(st.text(max_size=60), max_size=5))
def test_values_are_sorted_and_of_their_text(texts: list[str]) -> None:
    """Any texts give ascending values, the same as each text gives alone."""
    figures = figures_of(columns_of(texts), texts, [""] * len(texts))
    for number, text in enumerate(texts):
        own = figures.values[figures.offsets[number] : figures.offsets[number + 1]]
        assert (np.diff(own.astype(np.int64)) > 0).all()
        assert set(own.tolist()) == values(text, "")
