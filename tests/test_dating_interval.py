"""When a text can have been written, and the dates it is read from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.dating import date_interval
from provenance.attribution.reading import read_mentions
from provenance.model import Article, ArticleId, Dates
from provenance.text.dates import DateWords, find_dates, from_hijri

AR = "أعلنت وزارة النقل أن الجسر الجديد سيفتح أمام السيارات بعد أعمال صيانة استمرت مدة طويلة في المدينة."
EN = "The ministry of transport said the new bridge would open to cars after repairs that took very long."


def dated(text: str, **fields: str) -> Dates:
    article = Article(id=ArticleId("a"), text=text, **fields)
    return date_interval(article, read_mentions(article))


def interval(text: str, **fields: str) -> tuple[str, str]:
    dates = dated(text, **fields)
    return dates.earliest, dates.latest


SPELLED: list[tuple[str, dict[str, Any]]] = [
    ("on September 14, 2023", {"day": 14, "month": 9, "year": 2023}),
    ("on 14th of September 2023", {"day": 14, "month": 9, "year": 2023}),
    ("الخميس 14 سبتمبر/ أيلول 2023", {"day": 14, "month": 9, "year": 2023, "weekday": 3}),
    ("الخميس الموافق 14 أيلول 2023", {"day": 14, "month": 9, "year": 2023, "weekday": 3}),
    ("يوم 3 شتنبر 2023", {"day": 3, "month": 9, "year": 2023}),
    ("يوم 18 جانفي 2017", {"day": 18, "month": 1, "year": 2017}),
    ("١٤ أكتوبر ٢٠٢٣", {"day": 14, "month": 10, "year": 2023}),
    ("يومي 18 و19 تشرين الثاني", {"day": 19, "month": 11}),
    ("في 30 أغسطس/ آب الماضي", {"day": 30, "month": 8, "month_to_writing": -1}),
    ("في أكتوبر/ تشرين الأول المقبل", {"month": 10, "month_to_writing": 1}),
    ("خلال نوفمبر القادم", {"month": 11, "month_to_writing": 1}),
    ("اليوم الأربعاء", {"weekday": 2, "to_writing": 0}),
    (
        "أمس (الثلاثاء) 17 كانون الثاني 2017",
        {"day": 17, "month": 1, "year": 2017, "weekday": 1, "to_writing": -1},
    ),
    ("3 mai", {"day": 3, "month": 5}),
    ("le 12 mai dernier", {"day": 12, "month": 5, "month_to_writing": -1}),
    ("le jeudi 14 septembre 2023", {"day": 14, "month": 9, "year": 2023, "weekday": 3}),
    ("en octobre prochain", {"month": 10, "month_to_writing": 1}),
    ("hier mardi", {"weekday": 1, "to_writing": -1}),
    ("el pasado 30 de agosto", {"day": 30, "month": 8, "month_to_writing": -1}),
    ("el 14 de septiembre de 2023", {"day": 14, "month": 9, "year": 2023}),
    ("hoy miércoles", {"weekday": 2, "to_writing": 0}),
    ("am 3. März 2021", {"day": 3, "month": 3, "year": 2021}),
    ("im vergangenen August", {"month": 8, "month_to_writing": -1}),
    ("im kommenden Oktober", {"month": 10, "month_to_writing": 1}),
    ("3 Mart 2021 Çarşamba", {"day": 3, "month": 3, "year": 2021, "weekday": 2}),
    ("geçen Ağustos ayında", {"month": 8, "month_to_writing": -1}),
    ("14 сентября 2023 года", {"day": 14, "month": 9, "year": 2023}),
    ("14 de setembro de 2023", {"day": 14, "month": 9, "year": 2023}),
    ("2023年9月14日", {"day": 14, "month": 9, "year": 2023}),
    ("2023-09-14", {"day": 14, "month": 9, "year": 2023}),
    ("14/9/2023", {"day": 14, "month": 9, "year": 2023}),
    ("بتاريخ 3/9/2023م", {"day": 3, "month": 9, "year": 2023}),
    ("seit 2022", {"year": 2022, "since": True}),
    ("منذ عام 2022", {"year": 2022, "since": True}),
    ("1 رمضان 1445 هـ", {"day": 11, "month": 3, "year": 2024, "hijri": True}),
]


@pytest.mark.parametrize(("text", "fields"), SPELLED)
def test_a_date_says_what_is_written(text: str, fields: dict[str, Any]) -> None:
    """Day, month, year, weekday and relation are read in each language and calendar."""
    assert find_dates(text) == (DateWords(**fields),)


@pytest.mark.parametrize(
    "text",
    ["", "Prices may rise by 3 percent", "page 3/4/2024", "the march of 2,000 people", "in May", "May I?",
     "في سبتمبر", "31 فريقا", "they meet on Wednesday", "talks may last"],
)  # fmt: skip
def test_what_is_no_date_is_not_read(text: str) -> None:
    """Verbs, counts, ambiguous numbers and names without a relation say nothing about time."""
    assert find_dates(text) == ()


@pytest.mark.parametrize(
    ("islamic", "printed"),
    [((1436, 10, 26), "2015-08-11"), ((1445, 9, 1), "2024-03-11"), ((1447, 1, 1), "2025-06-26"),
     ((1400, 1, 1), "1979-11-21"), ((1420, 10, 1), "2000-01-08")],
)  # fmt: skip
def test_islamic_dates_convert_within_the_tolerance(
    islamic: tuple[int, int, int], printed: str
) -> None:
    """The tabular calendar is within two days of printed calendars."""
    assert abs(from_hijri(*islamic) - date.fromisoformat(printed)) <= timedelta(2)


@given(st.integers(1300, 1499), st.integers(1, 12), st.integers(1, 29))
def test_islamic_days_follow_each_other(year: int, month: int, day: int) -> None:
    """The next day of a month is the next day of the world."""
    assert from_hijri(year, month, day + 1) - from_hijri(year, month, day) == timedelta(1)


@given(st.integers(1300, 1498))
def test_islamic_years_have_354_or_355_days(year: int) -> None:
    """Twelve months of 29 and 30 days, eleven leap days in thirty years."""
    assert (from_hijri(year + 1, 1, 1) - from_hijri(year, 1, 1)).days in {354, 355}
    assert (from_hijri(year + 30, 1, 1) - from_hijri(year, 1, 1)).days == 30 * 354 + 11


def test_nothing_said_bounds_nothing() -> None:
    """A text without dates is unbounded, and says so by empty strings."""
    assert dated(AR) == Dates()


def test_the_carrier_is_believed() -> None:
    """A date of publication that nothing contradicts is the interval."""
    assert interval(AR, published="2024-06-18T09:30:00Z") == ("2024-06-18", "2024-06-18")


def test_fetching_is_an_upper_bound_only() -> None:
    """The day of fetching, plus one for time zones, closes the interval from above."""
    assert interval(AR, fetched="2024-06-18") == ("", "2024-06-19")


def test_a_publication_after_fetching_is_refuted() -> None:
    """A page cannot be fetched before it is published."""
    assert interval(AR, published="2024-07-18", fetched="2024-06-18") == ("", "2024-06-19")


def test_a_date_line_dates_the_text() -> None:
    """A line over the article that is only a date counts where the carrier is silent."""
    assert interval(f"الأربعاء 18 سبتمبر / September 2030\n\n{AR}") == ("2030-09-18", "2030-09-18")


def test_the_season_refutes_a_crawl_date() -> None:
    """A header date in October cannot hold for a text that speaks of next October."""
    text = (
        f"الأربعاء 30 أكتوبر / October 2030\n\nافتتاح الجسر\n\n{AR}\nقال الوزير اليوم الأربعاء إن العمل بدأ في "
        "30 أغسطس/ آب الماضي وسينتهي في أكتوبر/ تشرين الأول المقبل بعد تأخير طويل بسبب الأمطار."
    )
    dates = dated(text)
    assert (dates.earliest, dates.latest) == ("", "2030-09-25")  # the last Wednesday of the season
    assert dates.reasons[0] == (
        "The header date 2030-10-30 is refuted: the text speaks of next October."
    )


def test_one_season_does_not_refute_the_carrier() -> None:
    """Of fifty such expressions one is careless; the carrier is believed against one."""
    text = f"{AR}\nسيفتح الجسر في 30 أكتوبر المقبل."
    assert interval(text, published="2030-10-03") == ("2030-10-03", "2030-10-03")


def test_two_seasons_refute_the_carrier() -> None:
    """Two expressions that do not fit leave its date as an upper bound."""
    text = f"{AR}\nبدأ العمل في أكتوبر الماضي وسينتهي في سبتمبر المقبل."
    assert interval(text, published="2030-10-03")[0] == ""
    assert interval(text, published="2030-10-03")[1] < "2030-09-01"


def test_an_embedded_post_is_older_than_its_text() -> None:
    """The latest embedded post bounds from below."""
    post = "الجسر كما لم تروه pic.twitter.com/aB3dE5\n— الأفق (@horizon) September {}, 2028"
    text = f"قال الوزير اليوم الخميس إن الجسر مفتوح.\n{AR}\n{post.format(13)}\n{AR}\n{post.format(14)}\n{AR}"
    assert interval(text) == ("2028-09-14", "")


def test_a_carrier_before_the_embedded_post_is_refuted() -> None:
    """And bounds nothing, because it is simply wrong."""
    text = f"{EN}\nLook pic.twitter.com/aB3dE5\n— Horizon (@horizon) September 14, 2028\n{EN}"
    dates = dated(text, published="2027-01-01")
    assert (dates.earliest, dates.latest) == ("2028-09-14", "")
    assert "refuted: an embedded post is dated 2028-09-14" in dates.reasons[0]


def test_the_text_may_be_older_than_its_stamp_by_two_days() -> None:
    """A text that says "today, Monday" under a stamp of Tuesday was written on either."""
    text = "قال الوزير اليوم الاثنين إن الجسر الجديد مفتوح أمام السيارات في المدينة."
    assert interval(text, published="2024-06-18") == ("2024-06-17", "2024-06-18")
    assert interval(text, published="2024-06-22") == ("2024-06-22", "2024-06-22")


def test_the_day_the_text_names_is_its_day() -> None:
    """ "Yesterday, Tuesday 17 January 2017" was written on the eighteenth."""
    text = f"أعلنت الوزارة أمس الثلاثاء 17 جانفي 2017 أن الجسر الجديد في المدينة مفتوح أمام السيارات.\n{AR}"
    assert interval(text) == ("2017-01-18", "2017-01-18")
    assert interval(text, published="2017-01-19") == ("2017-01-18", "2017-01-19")


def test_a_far_stamp_is_refuted_by_the_day_the_text_names() -> None:
    """A republication years later does not date the text."""
    text = f"أعلنت الوزارة اليوم الثلاثاء 17 جانفي 2017 أن الجسر الجديد في المدينة مفتوح أمام السيارات.\n{AR}"
    assert interval(text, published="2021-05-05") == ("2017-01-17", "2017-01-17")


def test_since_bounds_from_below() -> None:
    """What has gone on since a year was written in it or later."""
    assert interval(f"{EN} It has been closed since 2022.") == ("2022-01-01", "")


@pytest.mark.parametrize("stamp", ["yesterday", "2024-13-45", "18/06/2024"])
def test_a_stamp_that_is_no_date_is_not_used(stamp: str) -> None:
    """Only ISO 8601 counts."""
    assert interval(AR, published=stamp, fetched=stamp) == ("", "")


PIECES = st.lists(st.sampled_from([text for text, _ in SPELLED] + [AR, EN]), max_size=8)
DAYS = st.sampled_from(["", "2015-07-21", "2023-09-14", "2024-10-30"])


@given(PIECES, DAYS, DAYS)
def test_intervals_are_ordered_and_never_later_than_fetching(
    pieces: list[str], published: str, fetched: str
) -> None:
    """Whatever the text says, earliest is not after latest, and latest not after the fetch."""
    earliest, latest = interval("\n".join(pieces), published=published, fetched=fetched)
    assert not (earliest and latest) or earliest <= latest
    if fetched and latest:
        assert date.fromisoformat(latest) <= date.fromisoformat(fetched) + timedelta(1)


@given(st.text(max_size=200))
def test_any_text_can_be_dated(text: str) -> None:
    """No text breaks the reader, and every date it finds is one."""
    for words in find_dates(text):
        assert 0 <= words.day <= 31
        assert 0 <= words.month <= 12
    dated(text)
