"""What an article's mentions come to: origins, editions, conflicts, topics; and broken letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.attribution.editions import edition_of
from provenance.attribution.reading import read_mentions
from provenance.attribution.sources import Standing, read_standing
from provenance.engine.crediting import attribute, read_article, read_credits
from provenance.model import Article, ArticleId

STORY = (
    "The mayor opened the new bridge on Monday after three years of work, and thousands of people "
    "crossed it on foot before the first cars were let through."
)
STORY_AR = (
    "افتتح عمدة المدينة الجسر الجديد صباح أمس بعد أعمال استمرت ثلاث سنوات، وعبره في الساعات الأولى "
    "آلاف السكان سيرا على الأقدام قبل أن يفتح أمام السيارات."
)


def article(text: str, **fields: str) -> Article:
    return Article(id=ArticleId("a"), text=text, **fields)


def standing(text: str, **fields: str) -> Standing:
    return read_credits(article(text, **fields)).standing


def test_a_text_without_credits_says_nothing() -> None:
    """No statement, no probability."""
    assert standing(STORY) == Standing()
    assert read_standing(()) == Standing()


def test_a_credit_makes_a_text_less_the_outlets_own() -> None:
    """The probability of "not its own" grows with every statement and knows no name."""
    one = standing(f"{STORY}\nThe Associated Press contributed to this report.")
    two = standing(f"{STORY}\nThe Associated Press contributed to this report.", byline="AFP")
    unnamed = standing(STORY, byline="Staff and agencies")
    assert 0.5 < one.not_original < two.not_original < 1
    assert [origin.agency for origin in unnamed.origins] == [None]
    assert unnamed.not_original > 0.5


@pytest.mark.parametrize(
    ("notice", "edition"),
    [
        ("Machine-translated from Spanish", "es"),
        ("تمت ترجمة هذا المقال آليا من الإنجليزية", "en"),
        ("Traduit de l'anglais par Ann Writer", "en"),
        ("Translated by Ann Writer", ""),
    ],
)
def test_the_edition_stands_apart_from_the_agency(notice: str, edition: str) -> None:
    """A notice gives the language it was translated from, without any agency."""
    found = standing(f"{STORY}\n{STORY}\n{notice}")
    assert (found.translated, found.edition, found.origins) == (True, edition, ())
    assert found.not_original > 0.5


def test_of_two_languages_the_texts_own_is_not_the_edition() -> None:
    """ "From Spanish into Arabic" is the Spanish edition of an Arabic text."""
    assert edition_of("translated from Spanish into Arabic", own="ar") == "es"
    assert edition_of("translated from Spanish into Arabic") == ""


def test_two_agencies_for_one_text_are_a_conflict_and_both_are_reported() -> None:
    """A dateline and a closing bracket that disagree are told, not settled."""
    found = standing(f"LISBON, May 3 (Reuters) - {STORY}\n{STORY}\n{STORY} (AFP)")
    assert {origin.agency for origin in found.origins} == {"reuters", "afp"}
    [conflict] = found.conflicts
    assert "reuters (dateline)" in conflict
    assert "afp (tail)" in conflict
    assert standing(f"{STORY} (Reuters, AFP)").conflicts == ()


def test_an_author_line_against_a_dateline_is_a_conflict() -> None:
    """The outlet's own name above and an agency's dateline below cannot both hold."""
    found = standing(
        f"LISBON, May 3 (Reuters) - {STORY}",
        byline="Ann Writer, The Harbour",
        publisher="The Harbour",
    )
    assert len(found.conflicts) == 1


def test_an_article_about_an_agency_is_not_from_it() -> None:
    """Where the title and the text speak of the agency, "it told Reuters" is its own affair."""
    about = (
        f"رئيس رويترز يستقيل من منصبه.\n{STORY_AR}\nتأسست رويترز قبل قرن ونصف القرن. "
        "وقال موظفون لرويترز إنهم فوجئوا. ومبنى رويترز في وسط المدينة. "
    )
    title = "استقالة رئيس وكالة رويترز"
    roles = {m.role for m in read_mentions(article(about, title=title)) if m.field == "text"}
    assert roles == {"topic_mention"}
    told = f"{STORY_AR}\nوقال موظفون لرويترز إنهم فوجئوا."
    assert "told_outlet" in {m.role for m in read_mentions(article(told, title="فتح الجسر"))}


@pytest.mark.parametrize("table", ["cp1256", "latin-1"])
def test_broken_letters_are_read_and_spans_stay_those_of_the_original(table: str) -> None:
    """A credit in broken letters is found where its signs stand."""
    sound = f"باريس (أ ف ب) - {STORY_AR}\n{STORY_AR}\nساهمت رويترز في هذا التقرير"
    broken = sound.encode().decode(table)
    wanted = {(m.agency, m.role, m.zone) for m in read_mentions(article(sound))}
    found = read_mentions(article(broken))
    assert {(m.agency, m.role, m.zone) for m in found} == wanted
    for mention in found:
        start, end = mention.span
        assert broken[start:end] == mention.text
        assert mention.text.encode(table).decode() in sound
    reading = read_article(article(broken))
    assert reading.accidents == (f"UTF-8 read as {table.replace('latin-1', 'cp1252')}",)
    assert reading.language == "ar"
    assert all(mask.span[1] <= len(broken) for mask in reading.masks)


def test_one_letter_for_one_letter_needs_no_way_back() -> None:
    """Arabic of the Windows table read as Western keeps its places."""
    sound = "المنبر - رويترز"
    [mention] = read_mentions(article("", byline=sound.encode("cp1256").decode("latin-1")))
    assert (mention.agency, mention.span) == ("reuters", (9, 15))


def test_a_catalogue_of_ones_own_reaches_every_door(tmp_path: Path) -> None:
    """What `attribute` takes, the reading of an article takes as well."""
    path = tmp_path / "own.toml"
    path.write_text('[[agency]]\nid = "harbour"\nname = "Harbour Wire"\n', "utf-8")
    text = f"LISBON, May 3 (Harbour Wire) - {STORY}"
    assert [m.agency for m in attribute(text, catalogue=path)] == ["harbour"]
    assert [m.agency for m in read_article(article(text), catalogue=path).mentions] == ["harbour"]
    assert attribute(text) == []
