"""Stems: forms of one word meet, in the way of each language, and nothing else changes."""

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.text.folding import fold_text
from provenance.text.stems import is_ideograph, language_group, stem_words

LANGUAGES = ["ar", "fa", "he", "ur", "en", "de", "fr", "es", "pt", "it", "ru", "uk", "tr", "cs"]
LANGUAGES += ["zh", "ja", "ko", "hi", "th", "sw", "ka", ""]

FORMS = [
    ("ar", "الوزير وزير والوزير للوزير الوزراء وزيرة"),
    ("ar", "كتب يكتب سيكتب وكتبوا كاتب"),
    ("ar", "الصادرات بصادرات وصادرات"),
    ("arz", "السوق الاسواق أسواق"),
    ("fa", "کتاب کتاب‌ها کتاب‌های کتابهایی"),
    ("prs", "می‌روند روند"),
    ("he", "הספרים ספרים ספר"),
    ("en", "election elections"),
    ("de", "Wahlen Wahl"),
    ("fr", "élection élections"),
    ("es", "elecciones elección"),
    ("ru", "министр министра министром"),
    ("uk", "міністр міністра міністром"),
    ("cs", "prezident prezidenta prezidentem"),
    ("nl", "verkiezing verkiezingen"),
    ("ja", "ニューヨーク ニューヨークで"),
]

APART = [
    ("ar", "الوزير السفير"),
    ("ar", "2024 2023"),
    ("fa", "کتاب شهر"),
    ("ja", "していた されていた"),
    ("en", "1990s 1990"),
    ("", "elections election"),
    ("sw", "waziri mawaziri"),
]


def stems(words, language):
    return set(stem_words(fold_text(words).split(), language))


@pytest.mark.parametrize(("language", "forms"), FORMS)
def test_forms_of_a_word_have_one_stem(language, forms):
    """Forms of one word have one stem."""
    assert len(stems(forms, language)) == 1


@pytest.mark.parametrize(("language", "words"), APART)
def test_other_words_keep_their_stems(language, words):
    """Different words, numbers, and words of languages without a stemmer stay apart."""
    assert len(stems(words, language)) == len(words.split())


@given(st.lists(st.text(min_size=1, max_size=12).map(fold_text)), st.sampled_from(LANGUAGES))
def test_there_is_a_stem_for_every_word(texts, language):
    """Each word has a stem that is not empty, whatever stands beside it."""
    words = [word for text in texts for word in text.split()]
    found = stem_words(words, language)
    assert all(found)
    assert found == [stem_words([word], language)[0] for word in words]


@given(st.integers(0, 10**9), st.sampled_from(LANGUAGES))
def test_numbers_are_their_own_stems(number, language):
    """A number keeps all its digits in every language."""
    assert stem_words([str(number)], language) == [str(number)]


def test_traditional_and_simplified_ideographs_are_one():
    """An ideograph and its simplified form have one stem, in any language."""
    assert stem_words(list("國學開區"), "zh-Hant") == list("国学开区")
    assert stem_words(["國"], "ar") == ["国"]


def test_the_table_of_ideographs_leads_to_an_end():
    """Every row of the table maps a single ideograph to another that no row maps further."""
    table = resources.files("provenance.text").joinpath("data", "simplified.tsv")
    lines = table.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert len(rows) > 4000
    assert all(is_ideograph(cell) and fold_text(cell) == cell for row in rows for cell in row)
    assert not {simplified for _, simplified in rows} & {traditional for traditional, _ in rows}


@pytest.mark.parametrize(
    ("language", "group"),
    [("zh-TW", "zh"), ("prs", "fa"), ("AR-eg", "ar"), ("arz", "ar"), ("nb", "no"), ("", "")],
)
def test_varieties_of_one_written_language_are_compared(language, group):
    """Regions, scripts and dialects fall under one language."""
    assert language_group(language) == group
