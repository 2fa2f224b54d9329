"""Letters broken by a wrong table: repaired where it is certain, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import Article, ArticleId
from provenance.text.repair import repair_article, repair_text

ARABIC = "قال عمدة المدينة إن الجسر الجديد سيفتح غدا، وفق ما ذكرته الصحف"
FRENCH = "Le maire a inauguré le pont à l'été, après trois années de travaux"
RUSSIAN = "Мэр города открыл новый мост в понедельник"

#: What happened, and how it is done to a text.
ACCIDENTS = {
    "UTF-8 read as cp1256": lambda t: t.encode().decode("cp1256"),
    "UTF-8 read as cp1252": lambda t: t.encode().decode("latin-1"),
    "cp1256 read as cp1252": lambda t: t.encode("cp1256").decode("latin-1"),
}


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_arabic_is_read_as_it_was_meant(accident: str) -> None:
    """Each accident that happens to Arabic is undone and named."""
    repair = repair_text(ACCIDENTS[accident](ARABIC))
    assert repair is not None
    assert (repair.text, repair.accident) == (ARABIC, accident)


@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, "新华社北京五月三日电", "— قال لرويترز"])
def test_utf8_read_as_western_is_repaired_in_every_script(text: str) -> None:
    """Accents, Cyrillic and ideographs come back."""
    repair = repair_text(text.encode().decode("latin-1"))
    assert repair is not None
    assert repair.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        ARABIC,
        FRENCH,
        RUSSIAN,
        "DÉJÀ VU À LA CAFÉTÉRIA…",
        "São Paulo, Ñuñoa, Ærøskøbing, Þórshöfn",
        "ÐÑ",
        "3 × 4 ÷ 2 = 6 ± ½",
        "كتاب، «جديد»؛ ط § ظ",
    ],
)
def test_a_sound_text_is_left_alone(text: str) -> None:
    """Accents, signs and capitals of living languages are no accident."""
    assert repair_text(text) is None


def test_dashes_and_quotes_read_as_controls_come_back() -> None:
    """No text means a control between its words; line ends stay."""
    repair = repair_text("LISBON \u0097 He said \u0093no\u0094\u0085")
    assert repair is not None
    assert repair.text == "LISBON — He said “no”\u0085"


def test_only_the_broken_lines_are_repaired() -> None:
    """A page may have a sound body under a broken author line."""
    broken = "المنبر - رويترز".encode().decode("cp1256")
    repair = repair_text(f"{broken}\n{ARABIC}\n{FRENCH}")
    assert repair is not None
    assert repair.text == f"المنبر - رويترز\n{ARABIC}\n{FRENCH}"


@given(st.text(alphabet="ابتجكلم نو éàü€—Жя新", min_size=4, max_size=40))
def test_every_span_leads_back_to_the_text_as_found(text: str) -> None:
    """Each repaired letter stands where its signs stood."""
    found = text.encode().decode("latin-1")
    repair = repair_text(found)
    if repair is not None and repair.text == text:
        for place, letter in enumerate(text):
            start, end = repair.original((place, place + 1))
            assert found[start:end] == letter.encode().decode("latin-1")


@given(st.text(max_size=60))
def test_any_text_is_borne(text: str) -> None:
    """Whatever comes, there is an answer whose spans lie inside the text."""
    repair = repair_text(text)
    if repair is not None:
        assert repair.original((0, len(repair.text))) == (0, len(text))


def test_an_article_is_repaired_field_by_field() -> None:
    """Sound fields stay the very ones given."""
    article = Article(id=ArticleId("a"), text=ARABIC, byline="رويترز".encode().decode("cp1256"))
    meant, repairs = repair_article(article)
    assert (meant.byline, meant.text) == ("رويترز", ARABIC)
    assert set(repairs) == {"byline"}
    sound = Article(id=ArticleId("b"), text=ARABIC)
    assert repair_article(sound) == (sound, {})
