"""What a text is about, in keys that any language can share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import Mask
from provenance.sketch.anchors import (
    ADDRESS,
    CONCEPT,
    DATE,
    LATIN,
    MONTH,
    NAME,
    NUMBER,
    STEM,
    VALUE,
    WEEKDAY,
    YEAR,
    AnchorKeys,
    anchor_keys,
)

JUNE_18 = 170  # 31 + 29 + 31 + 30 + 31 + 18
JUNE_19 = 171


def keys(anchors: AnchorKeys, kind: int) -> set[int]:
    return set((anchors.keys[anchors.kinds == kind] & np.uint64(VALUE)).tolist())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("7,250 tons", "en"),
        ("7250 Tonnen", "de"),
        ("7.250 Tonnen", "de"),
        ("٧٢٥٠ طنا", "ar"),
        ("٧٬٢٥٠ طنا", "ar"),
        ("۷۲۵۰ تن", "fa"),
        ("७२५० टन", "hi"),
    ],
)
def test_numbers_have_one_key_in_every_digit_system(text: str, language: str) -> None:
    """A number is its value, however it is written and grouped."""
    plain = keys(anchor_keys("7250", "en"), NUMBER)
    assert len(plain) == 1
    assert keys(anchor_keys(text, language), NUMBER) == plain


@pytest.mark.parametrize(
    ("text", "language", "days"),
    [
        ("The talks on June 18 and 19 will be closed.", "en", {JUNE_18, JUNE_19}),
        ("The talks open on 18 June in the old town hall.", "en", {JUNE_18}),
        ("تعقد المحادثات يومي 18 و19 يونيو في قاعة البلدية", "ar", {JUNE_18, JUNE_19}),
        ("تبدأ المحادثات في ١٨ حزيران في قاعة البلدية القديمة", "ar", {JUNE_18}),
        ("Görüşmeler 18 Haziran'da belediye salonunda başlıyor", "tr", {JUNE_18}),
        ("Les pourparlers s'ouvrent le 18 juin à la mairie", "fr", {JUNE_18}),
        ("Переговоры начнутся 18 июня в зале ратуши", "ru", {JUNE_18}),
        ("The minutes were dated 2031-06-18 by the clerk of the town.", "en", {JUNE_18}),
        ("Das Protokoll trägt das Datum 18.06.2031 und zwei Siegel.", "de", {JUNE_18}),
        ("The clerk wrote 6/8/2031, which may be either of two days.", "en", set()),
        ("They march in silence, and 18 of them may sing.", "en", set()),
    ],
)
def test_days_of_a_month_are_read_as_dates(text: str, language: str, days: set[int]) -> None:
    """A day of a month has one value in every language; a doubtful one has none."""
    assert keys(anchor_keys(text, language), DATE) == days


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
    assert not keys(anchor_keys(text, ""), DATE)


def test_months_years_and_weekdays_are_values() -> None:
    """Parts of dates are kept apart by kind."""
    found = anchor_keys("It snowed in September 2029, on a Tuesday.", "en")
    assert keys(found, MONTH) == {9}
    assert keys(found, YEAR) == {2029}
    assert keys(found, WEEKDAY) == {2}


@pytest.mark.parametrize(
    "spellings",
    [
        {"en": "Darzilov", "ar": "دارزيلوف", "ru": "Дарзилов", "el": "Νταρζίλοφ"},
        {"en": "Karimpour", "ar": "كريمبور", "ru": "Каримпур", "he": "קרימפור"},
        {"en": "Montserrat", "ar": "مونتسيرات", "ru": "Монтсеррат", "el": "Μοντσερράτ"},
        {"fr": "Tchaperov", "en": "Chaperov", "ar": "تشابيروف", "ru": "Чаперов"},
    ],
)
def test_names_meet_across_scripts(spellings: dict[str, str]) -> None:
    """A name has at least one consonant skeleton in common with its transliterations."""
    found = [keys(anchor_keys(name, language), NAME) for language, name in spellings.items()]
    assert set.intersection(*found)


@pytest.mark.parametrize(
    ("a", "b"), [("Darzilov", "Karimpour"), ("مونتسيرات", "كريمبور"), ("Дарзилов", "Чаперов")]
)
def test_different_names_do_not_meet(a: str, b: str) -> None:
    """Names of different consonants share no skeleton."""
    assert not keys(anchor_keys(a, ""), NAME) & keys(anchor_keys(b, ""), NAME)


def test_prefixes_do_not_hide_a_name() -> None:
    """An Arabic name keeps its skeleton behind conjunction, preposition and article."""
    plain = keys(anchor_keys("مونتسيرات", "ar"), NAME)
    assert plain <= keys(anchor_keys("ولمونتسيرات", "ar"), NAME) | keys(
        anchor_keys("ومونتسيرات", "ar"), NAME
    )


def test_latin_words_and_addresses_in_arabic() -> None:
    """What was left in Latin letters is kept as it is."""
    found = anchor_keys("قالت منظمة OFDX عبر @ofdx_press و https://www.ofdx.example/a?x=1", "ar")
    other = anchor_keys("Read http://ofdx.example/a/ by @OFDX_press", "en")
    assert len(keys(found, LATIN)) == 1
    assert not keys(other, LATIN)
    assert len(keys(found, ADDRESS)) == 2
    assert keys(found, ADDRESS) == keys(other, ADDRESS)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("bridges", "en"), ("والجسر", "ar")),
        (("grève", "fr"), ("grev", "tr")),
        (("Erdbeben", "de"), ("زلزال", "ar")),
    ],
)
def test_words_of_the_news_meet_by_meaning(a: tuple[str, str], b: tuple[str, str]) -> None:
    """Words of one line of the concept list have one key."""
    assert keys(anchor_keys(*a), CONCEPT) & keys(anchor_keys(*b), CONCEPT)


def test_function_words_have_no_keys() -> None:
    """Words without content are counted as tokens and give nothing."""
    found = anchor_keys("the of and", "en")
    assert found.length == 3
    assert not len(found.keys)


def test_stems_join_inflections_of_one_language_only() -> None:
    """Stems meet inside a language and never across two."""
    assert keys(anchor_keys("ships", "en"), STEM) == keys(anchor_keys("ship", "en"), STEM)
    assert not keys(anchor_keys("ship", "en"), STEM) & keys(anchor_keys("ship", "nl"), STEM)


def test_unspaced_scripts_give_pairs() -> None:
    """Chinese words have no bounds, so neighbors are taken in pairs."""
    whole = anchor_keys("长江大桥", "zh")
    assert len(whole.positions) == 3
    assert keys(anchor_keys("大桥", "zh"), STEM) <= keys(whole, STEM)


def test_title_and_masks() -> None:
    """A title stands before the text; a masked word is not read, and nothing moves."""
    text = "Harbor lamps dark. Share this page"
    found = anchor_keys(text, "en", title="lamps", masks=[Mask(span=(19, 34), reason="share")])
    assert found.positions.tolist() == [-1, text.index("Harbor"), text.index("dark")]
    assert found.counts.tolist() == [2, 1, 1]
    assert found.length == 4


@given(st.text(max_size=80), st.sampled_from(["", "ar", "en", "tr", "zh", "ru", "xx"]))
def test_columns_agree(text: str, language: str) -> None:
    """Any text gives columns of matching lengths, kinds in the upper byte, places in the text."""
    found = anchor_keys(text, language)
    assert len(found.keys) == len(found.kinds) == len(found.priors) == len(found.words)
    assert (found.keys >> np.uint64(56) == found.kinds).all()
    assert sorted(set(found.words.tolist())) == list(range(len(found.positions)))
    assert ((found.positions >= 0) & (found.positions < max(1, len(text)))).all()
    assert ((found.priors > 0) & (found.priors < 1)).all()
    assert (found.counts >= 1).all()


@given(st.text(alphabet="ab 12", min_size=1, max_size=60))
def test_positions_are_those_of_the_first_occurrence(text: str) -> None:
    """A word's place is where its letters stand for the first time."""
    found = anchor_keys(text, "xx")
    assert found.positions.tolist() == sorted(found.positions.tolist())
    for position in found.positions.tolist():
        assert not text[position].isspace()


@given(st.text(max_size=60))
def test_reading_twice_gives_the_same(text: str) -> None:
    """Keys are a function of the text, whatever was read before."""
    a, b = anchor_keys(text, "ar"), anchor_keys(text, "ar")
    assert a.keys.tolist() == b.keys.tolist()
    assert a.positions.tolist() == b.positions.tolist()


def test_masked_posts_date_what_they_show() -> None:
    """A date inside an embedded post is read, one inside another mask is not."""
    text = "The lock opened at noon.\nHarbor desk (@harbor) June 18, 2031\nMore on the lock."
    post = (text.index("Harbor"), text.index("\nMore"))
    shown = anchor_keys(text, "en", masks=[Mask(span=post, reason="embed")])
    assert keys(shown, DATE) == {JUNE_18}
    assert not keys(shown, ADDRESS)
    assert not keys(anchor_keys(text, "en", masks=[Mask(span=post, reason="related")]), DATE)


def test_a_masked_credit_still_marks_a_caption() -> None:
    """The date of a picture stays a picture's date when its credit is hidden."""
    text = "The mayor at the lock on 18 June 2031.\nA. Weaver | Getty\nThe mayor opened the lock."
    credit = (text.index("A. Weaver"), text.index("\nThe mayor opened"))
    assert not keys(anchor_keys(text, "en", masks=[Mask(span=credit, reason="credit")]), DATE)


@given(st.text(alphabet="ab \n", max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_masking_equals_blanking(text: str, a: int, b: int) -> None:
    """A mask hides exactly the words that begin inside it."""
    start, end = sorted((min(a, len(text)), min(b, len(text))))
    hidden = anchor_keys(text, "xx", masks=[Mask(span=(start, end), reason="theme")])
    whole = anchor_keys(text, "xx")
    assert all(not start <= place < end for place in hidden.positions.tolist())
    assert hidden.length <= whole.length
    outside = [p for p in whole.positions.tolist() if not start <= p < end]
    assert set(outside) <= set(hidden.positions.tolist())
