"""Direction moves for explicit reasons only, and every reason can be shown."""

from __future__ import annotations

import attrs
import pytest

from provenance.lineage.direction import is_directed, judge_direction, order_in_time
from provenance.model import (
    AlignedSpan,
    Article,
    ArticleId,
    Dates,
    Direction,
    Link,
    LinkKind,
    Mention,
    Overlap,
    Role,
)

STORY = "أعلنت بلدية وادي النخيل افتتاح الحديقة العامة بعد عامين من أعمال الترميم."


def article(name: str, text: str = STORY, **fields: str) -> Article:
    return Article(id=ArticleId(name), text=text, **fields)


def link(kind: LinkKind = "repost") -> Link:
    return Link(
        a=ArticleId("a"),
        b=ArticleId("b"),
        kind=kind,
        related=0.99,
        direction=Direction(a_to_b=0.25, b_to_a=0.25, common_source=0.5),
        overlap=Overlap(jaccard=0.9, containment_a=0.95, containment_b=0.95),
        spans=(AlignedSpan(a=(0, len(STORY)), b=(0, len(STORY))),),
    )


def mention(
    item: Article, words: str, role: Role, agency: str | None = None, field: str = "text"
) -> Mention:
    where = getattr(item, field)
    start = where.index(words)
    return Mention(
        id=item.id,
        agency=agency,
        role=role,
        zone="body",
        span=(start, start + len(words)),
        text=words,
        rule="test",
        weight=4.0,
        field=field,  # type: ignore[arg-type]
    )


def on(day: str) -> Dates:
    return Dates(earliest=day, latest=day)


def test_nothing_explicit_prefers_no_side() -> None:
    """Two bare copies stay undecided, half of the belief with a common source."""
    judged = judge_direction(link(), article("a", publisher="X"), article("b", publisher="Y"))
    assert judged.direction.a_to_b == judged.direction.b_to_a == pytest.approx(0.25)
    assert judged.direction.common_source == pytest.approx(0.5)
    assert [item.type for item in judged.evidence] == ["missing"]


def test_longer_text_is_no_reason() -> None:
    """Length and containment say nothing about who came first."""
    long = article("b", STORY + " " + "وقال مسؤول إن الدخول مجاني." * 5)
    judged = judge_direction(link("excerpt"), article("a"), long)
    assert judged.direction.a_to_b == judged.direction.b_to_a


def test_trusted_days_order_copies() -> None:
    """The earlier may be the source, the later may not."""
    judged = judge_direction(
        link(), article("a"), article("b"), (), (), on("2024-03-01"), on("2024-03-02")
    )
    assert judged.direction.a_to_b > 0.5
    assert judged.direction.b_to_a < 0.02


def test_overlapping_days_order_nothing() -> None:
    """Intervals that overlap leave the order open."""
    wide = Dates(earliest="2024-03-01", latest="2024-03-05")
    assert order_in_time(article("a"), article("b"), wide, on("2024-03-02")) is None


@pytest.mark.parametrize(
    ("first", "second", "minutes"),
    [
        ("2024-03-01T10:00:00+03:00", "2024-03-01T08:30:00+00:00", 90.0),
        ("2024-03-01T10:00:00", "2024-03-01T09:00:00", -60.0),
        ("2024-03-01T10:00:00+03:00", "2024-03-01T11:00:00", None),
        ("2024-03-01", "2024-03-01T11:00:00", None),
        ("2024-03-01T10:00:00", "2024-03-01T10:00:00", None),
        ("2024-03-01Tnoon", "2024-03-01T10:00:00", None),
    ],
)
def test_times_of_one_day(first: str, second: str, minutes: float | None) -> None:
    """Clock times count where both are given and comparable."""
    a, b = article("a", published=first), article("b", published=second)
    assert order_in_time(a, b, on("2024-03-01"), on("2024-03-01")) == minutes


def test_refuted_time_orders_nothing() -> None:
    """A carrier's time that its own text refutes is not used."""
    a = article("a", published="2024-10-30T10:00:00")
    b = article("b", published="2024-10-30T11:00:00")
    assert order_in_time(a, b, on("2023-09-13"), on("2024-10-30")) is not None
    assert order_in_time(a, b, Dates(), Dates()) is None
    wide = Dates(earliest="2023-09-01", latest="2024-12-01")
    early = Dates(earliest="2023-09-01", latest="2023-10-01")
    assert order_in_time(a, b, early, wide) is None


def test_minutes_apart_speak_for_a_wire() -> None:
    """Copies within five minutes are two clients of one source."""
    a = article("a", published="2024-03-01T10:00:00")
    b = article("b", published="2024-03-01T10:03:00")
    judged = judge_direction(link(), a, b, (), (), on("2024-03-01"), on("2024-03-01"))
    assert judged.direction.common_source > judged.direction.a_to_b


def test_credit_naming_the_other_outlet() -> None:
    """Whoever credits the other's outlet took from it, and the place is shown."""
    a = article("a", publisher="جريدة المرسى")
    b = article("b", STORY + "\nالمصدر: جريدة المرسى", publisher="نشرة الصباح")
    said = mention(b, "المصدر: جريدة المرسى", "republication_notice")
    judged = judge_direction(link(), a, b, (), (said,))
    assert judged.direction.a_to_b > 0.9
    shown = [item for item in judged.evidence if item.toward == "a_to_b"]
    assert shown[0].doc == "b"
    assert shown[0].span is not None
    assert b.text[slice(*shown[0].span)] == shown[0].text
    assert any(item.toward == "b_to_a" and item.weight < 0 for item in judged.evidence)


def test_own_outlet_left_in_a_copy() -> None:
    """An outlet told in its own report and left standing in another's copy points back to it."""
    text = STORY + " وقال العمدة لـ«المرسى» إن العمل مستمر."
    a = article("a", text, publisher="جريدة المرسى")
    b = article("b", text, publisher="نشرة الصباح")
    told = [mention(item, "لـ«المرسى»", "told_own_outlet") for item in (a, b)]
    judged = judge_direction(link(), a, b, told[:1], told[1:])
    assert judged.direction.a_to_b > 0.9
    unread = judge_direction(link(), a, b)
    assert unread.direction == judged.direction
    once = judge_direction(link(), attrs.evolve(a, text=STORY), b)
    assert 0.5 < once.direction.a_to_b < judged.direction.a_to_b


def test_unquoted_name_is_no_credit() -> None:
    """An outlet named like a place is not credited by the place."""
    a = article("a", publisher="الساحل")
    b = article("b", "الساحل - " + STORY, publisher="نشرة الصباح")
    assert not is_directed(judge_direction(link(), a, b).evidence, "a_to_b")


def test_name_under_a_photo_is_no_credit() -> None:
    """A photo credit says nothing about the words."""
    a = article("a", publisher="Harbour Wire")
    b = article("b", STORY + " “Harbour Wire”", publisher="Dawn Sheet")
    photo = mention(b, "Harbour Wire", "photo_credit")
    assert not is_directed(judge_direction(link(), a, b, (), (photo,)).evidence, "a_to_b")


def test_address_of_the_other_page() -> None:
    """A printed address of the other's site is a credit."""
    a = article("a", publisher="X", url="https://www.marsa.example/news/1")
    b = article("b", STORY + "\nمن marsa.example", publisher="Y", url="https://sabah.example/2")
    judged = judge_direction(link(), a, b)
    assert judged.direction.a_to_b > 0.9
    assert any(item.text == "marsa.example" for item in judged.evidence)


def test_agency_item_precedes_its_copies() -> None:
    """The agency's own item is the source of a copy that credits it, and of one that does not."""
    a = article("a", "لندن - رويترز: " + STORY, publisher="رويترز")
    credit = mention(a, "لندن - رويترز", "syndicated_copy", "reuters")
    b = article("b", "لندن - رويترز: " + STORY, publisher="نشرة الصباح")
    copy = mention(b, "لندن - رويترز", "syndicated_copy", "reuters")
    kept = judge_direction(link(), a, b, (credit,), (copy,))
    lost = judge_direction(link(), a, article("b", publisher="نشرة الصباح"), (credit,))
    assert kept.direction.a_to_b > 0.9
    assert 0.5 < lost.direction.a_to_b < kept.direction.a_to_b


def test_table_names_an_agency_outlet() -> None:
    """An outlet known to be an agency needs no credit line of its own."""
    a, b = article("a", publisher="Agency Desk"), article("b", publisher="Dawn Sheet")
    judged = judge_direction(link(), a, b, agencies={"Agency Desk": "dpa"})
    assert judged.direction.a_to_b > judged.direction.common_source


def test_same_agency_means_a_common_source() -> None:
    """Two copies that credit one agency took from it, not from each other."""
    a = article("a", "باريس - أ ف ب: " + STORY, publisher="X")
    b = article("b", "أ ف ب - باريس: " + STORY, publisher="Y")
    judged = judge_direction(
        link(),
        a,
        b,
        (mention(a, "باريس - أ ف ب", "syndicated_copy", "afp"),),
        (mention(b, "أ ف ب - باريس", "syndicated_copy", "afp"),),
        on("2024-03-01"),
        on("2024-03-02"),
    )
    assert judged.direction.common_source > 0.8


def test_conflicting_credits_speak_against_both_ways() -> None:
    """Copies that credit different agencies were hardly made from each other."""
    a = article("a", "باريس - أ ف ب: " + STORY, publisher="X")
    b = article("b", "باريس - رويترز: " + STORY, publisher="Y")
    judged = judge_direction(
        link(),
        a,
        b,
        (mention(a, "باريس - أ ف ب", "syndicated_copy", "afp"),),
        (mention(b, "باريس - رويترز", "syndicated_copy", "reuters"),),
    )
    assert judged.direction.common_source > 0.9
    assert {item.type for item in judged.evidence} >= {"conflict"}


def test_wrapper_marks_the_copy() -> None:
    """The text inside a scraper's wrapper is the copy."""
    b = article("b", "[ad_1]\n" + STORY, publisher="Y")
    wrapper = mention(b, "[ad_1]", "autoblog_source_link")
    judged = judge_direction(link(), article("a", publisher="X"), b, (), (wrapper,))
    assert judged.direction.a_to_b > 0.75


def test_end_mark_cannot_come_from_a_text_without_it() -> None:
    """A desk's end mark in one copy alone rules the other out as its source."""
    b = article("b", STORY + "\n// انتهى //", publisher="Y")
    mark = mention(b, "// انتهى //", "agency_end_marker", "spa")
    judged = judge_direction(link(), article("a", publisher="X"), b, (), (mark,))
    assert judged.direction.a_to_b < 0.02


def test_translation_is_not_the_original() -> None:
    """A text that calls itself a translation comes after the one it renders."""
    b = article("b", STORY + "\nترجمة آلية", publisher="Y")
    notice = mention(b, "ترجمة آلية", "translation_machine")
    judged = judge_direction(link("translation"), article("a", publisher="X"), b, (), (notice,))
    assert judged.direction.a_to_b > 0.8


def test_versions_of_one_outlet_have_no_outside_source() -> None:
    """Two dated versions of an outlet's text follow each other."""
    a, b = article("a", publisher="X"), article("b", publisher="X")
    judged = judge_direction(link("update"), a, b, (), (), on("2024-03-01"), on("2024-03-02"))
    assert judged.direction.a_to_b > 0.95


def test_same_event_alone_has_no_direction() -> None:
    """A link that claims no reuse comes back untouched."""
    story = attrs.evolve(
        link("same_story"), direction=Direction(a_to_b=0.0, b_to_a=0.0, common_source=0.0)
    )
    judged = judge_direction(story, article("a"), article("b"), (), (), on("2024-03-01"))
    assert judged == story


def test_turning_the_pair_turns_the_direction() -> None:
    """Exchanging the ends exchanges the probabilities, whatever the evidence."""
    a = article("a", publisher="جريدة المرسى")
    b = article("b", STORY + "\nوفق «المرسى»", publisher="نشرة الصباح")
    days = on("2024-03-01"), on("2024-03-02")
    judged = judge_direction(link(), a, b, (), (), *days)
    turned = judge_direction(
        link(),
        attrs.evolve(b, id=ArticleId("a")),
        attrs.evolve(a, id=ArticleId("b")),
        (),
        (),
        *days[::-1],
    )
    assert turned.direction.b_to_a == pytest.approx(judged.direction.a_to_b)
    assert turned.direction.common_source == pytest.approx(judged.direction.common_source)


@pytest.mark.parametrize(
    "extra",
    [
        {"isBasedOn": "https://www.x.example/1?utm=2"},
        {"isBasedOn": [{"@type": "NewsArticle", "url": "http://x.example/1/"}]},
        {"canonical": "https://x.example/1"},
        {"sourceOrganization": {"@type": "Organization", "name": "صحيفة المرسى"}},
    ],
)
def test_page_that_declares_its_source(extra: dict[str, object]) -> None:
    """What the markup of a page says it is based on is evidence, and only for that page."""
    a = article("a", publisher="صحيفة المرسى", url="https://x.example/1")
    b = article("b", publisher="صحيفة الميناء", extra=extra)  # type: ignore[arg-type]
    judged = judge_direction(link(), a, b)
    assert judged.direction.a_to_b > 0.75
    assert "declared" in {item.type for item in judged.evidence}
    other = article("a", publisher="صحيفة أخرى", url="https://x.example/2")
    assert judge_direction(link(), other, b).direction.a_to_b == pytest.approx(0.25)
