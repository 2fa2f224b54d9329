"""What is masked in one document, what is left alone, and the laws of masks."""

from __future__ import annotations

import importlib.util
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import Mask
from provenance.text.furniture import find_furniture, merge_masks

ROOT = Path(__file__).parent.parent
AR = "أعلنت وزارة النقل أن الجسر الجديد سيفتح أمام السيارات في نهاية الشهر بعد أعمال صيانة استمرت عامين كاملين."
EN = (
    "The ministry of transport said the new bridge would open to cars at the end of the month, "
    "after repairs that took two years and cost more than planned."
)
SPANS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda s: (min(s), max(s)))
MASKS = st.lists(
    st.builds(lambda span, reason: Mask(span=span, reason=reason), SPANS, st.sampled_from("abc"))
)


def masked(text: str, **options: object) -> list[tuple[str, str]]:
    return [
        (mask.reason, text[mask.span[0] : mask.span[1]])
        for mask in find_furniture(text, **options)  # type: ignore[arg-type]
    ]


def page(*lines: str, body: str = AR) -> str:
    return "\n\n".join([body, *lines])


TAILS = [
    ("share", "شارك القصة", AR),
    ("share", "Share this article", EN),
    ("share", "Bu haberi paylaş", EN),
    ("comment_form", "اترك تعليقاً", AR),
    ("comment_form", "Laisser un commentaire", EN),
    ("comment_form", "Deja un comentario", EN),
    ("comment_form", "Schreibe einen Kommentar", EN),
    ("comment_form", "Оставить комментарий", EN),
    ("follow_us", "تابعونا على فيسبوك وتويتر", AR),
    ("follow_us", "Siga-nos no Instagram", EN),
    ("related", "اقرأ أيضا: افتتاح مدرسة جديدة في العاصمة", AR),
    ("related", "یہ بھی پڑھیں: نیا پل کھل گیا", EN),
    ("related", "Lesen Sie auch: Neue Schule eröffnet", EN),
    ("theme", "زر الذهاب إلى الأعلى", AR),
    ("theme", "Advertisement", EN),
    ("copyright", "جميع الحقوق محفوظة لصحيفة الأفق", AR),
    ("copyright", "\N{COPYRIGHT SIGN} 2031 The Horizon", EN),
    ("wrapper", "المصدر", AR),
    ("wrapper", "[ad_2]", AR),
    ("end_mark", "// انتهى //", AR),
    ("end_mark", "انتهای پیام/", EN),
    ("columnist", "للتواصل مع الكاتب أرسل رسالة SMS تبدأ بالرمز (7) إلى 1234", AR),
    ("contact", "writer@horizon.example", EN),
    ("date_line", "14:05 ت م", AR),
    ("embed", "pic.twitter.com/aB3dE5", EN),
]


@pytest.mark.parametrize(("reason", "line", "body"), TAILS)
def test_a_line_of_furniture_is_masked_whole(reason: str, line: str, body: str) -> None:
    """A button, form, notice or mark under an article is masked with its reason."""
    assert masked(page(line, body=body)) == [(reason, line)]


HEADS = [
    ("date_line", "الأربعاء 30 أكتوبر / October 2030"),
    ("date_line", "(آخر تحديث) الساعة 17:51 (مكة المكرمة)، 14:51 (غرينتش)"),
    ("date_line", "Veröffentlicht am 3. März 2031 um 14:05 Uhr"),
    ("date_line", "Yayınlanma: 3 Mart 2031 Pazartesi 14:05"),
    ("share", "شارك القصة"),
    ("theme", "Next Previous"),
]


@pytest.mark.parametrize(("reason", "line"), HEADS)
def test_furniture_above_the_article_is_masked(reason: str, line: str) -> None:
    """Date lines and buttons stand above articles too."""
    assert masked(f"{line}\n{AR}") == [(reason, line)]


BODIES = [
    AR,
    EN,
    "قال الوزير إن المصدر الرئيسي للتمويل هو ميزانية الدولة.",
    "Share prices fell on Monday. Comments by the minister did not help.",
    "Read also how the ministry explained it: the bridge was old, and nobody had looked at it for years.",
    f"{AR}\nالتعليقات التي أدلى بها الوزير أمس أثارت جدلا واسعا في البرلمان وخارجه.\n{AR}",
    f"{AR}\nThe bridge cost 30 million.\nIt opens on 3 March.",
    f"{EN}\nContact between the two sides was lost at 14:05.\n{EN}",
    f"النتائج الكاملة:\n{AR}\nالفريق الأول   2 - 1   الفريق الثاني   \nالفريق الثالث   0 - 0   الفريق الرابع",
    "عاجل: افتتاح الجسر الجديد",
    "Comments",
    "",
]


@pytest.mark.parametrize("text", BODIES)
def test_running_text_is_left_alone(text: str) -> None:
    """Sentences that begin or end like furniture, tables and flashes are not masked."""
    assert masked(text) == []


def test_a_title_is_masked_where_it_stands_a_second_time() -> None:
    """The first copy stays, its site name and the second copy go."""
    text = (
        f"افتتاح الجسر الجديد في المدينة |  أخبار الأفق\n\nافتتاح الجسر الجديد في المدينة\n\n{AR}"
    )
    assert masked(text) == [
        ("site_name", " |  أخبار الأفق"),
        ("repeated_title", "افتتاح الجسر الجديد في المدينة"),
    ]


def test_a_given_title_is_masked_wherever_it_heads_the_text() -> None:
    """What the carrier gave as title does not count as text."""
    text = f"The new bridge opens - The Horizon\n{EN}"
    assert masked(text, title="The new bridge opens") == [
        ("repeated_title", "The new bridge opens - The Horizon")
    ]


def test_from_the_comment_form_to_the_end() -> None:
    """A comment form takes whatever follows it along, the comments of readers included."""
    tail = "Leave a Reply\nYour email address will not be published. Required fields are marked *\nBob: nice bridge"
    assert masked(page(tail, body=EN)) == [("comment_form", tail)]


def test_a_comment_form_above_the_article_takes_only_its_line() -> None:
    """Some pages print the form first; the article below it stays."""
    form = "Your email address will not be published."
    assert masked(f"{form}\n{EN}\n{EN}") == [("comment_form", form)]


def test_headlines_under_a_related_label_go_with_it() -> None:
    """At the end of the page a list of headlines belongs to its label."""
    tail = "مواضيع ذات صلة\nافتتاح مدرسة جديدة في العاصمة\nارتفاع أسعار الخضار هذا الأسبوع"
    assert masked(page(tail)) == [("related", tail)]


def test_one_headline_in_the_body_goes_with_its_label() -> None:
    """Inside the article only the headline right under the label goes."""
    text = f"{AR}\nاقرأ أيضا\nافتتاح مدرسة جديدة في العاصمة\n{AR}\n{AR}"
    assert masked(text) == [("related", "اقرأ أيضا\nافتتاح مدرسة جديدة في العاصمة")]


EMBEDS = [
    "الجسر الجديد كما لم تروه من قبل #الأفق pic.twitter.com/aB3dE5\n— الأفق (@horizon) September 14, 2031",
    '"لم نر مثله".. الجسر كما يصفه زواره #الجسر\nما رأيكم؟ pic.twitter.com/aB3dE5— الأفق (@horizon) September 14, 2031',
    "The bridge is open! — The Horizon (@horizon) 14 September 2031",
]


@pytest.mark.parametrize("post", EMBEDS)
def test_an_embedded_post_is_masked_back_to_its_paragraph(post: str) -> None:
    """The post goes with its signature; the paragraphs around it stay."""
    assert masked(f"{AR}\n{post}\n{AR}") == [("embed", post)]


def test_hidden_characters_are_masked() -> None:
    """A manifest written in variation selectors is masked; an emoji keeps its selector."""
    hidden = "\ufeff" + "\ufe01\U000e0101" * 20
    assert masked(f"{EN}{hidden} \N{HEAVY BLACK HEART}\ufe0f") == [("hidden_characters", hidden)]


def test_a_ticker_of_headlines_is_masked() -> None:
    """Headlines of other articles in one line, wide gaps between them, are not the article."""
    ticker = "    ".join(
        [
            "افتتاح مدرسة جديدة في العاصمة",
            "ارتفاع أسعار الخضار هذا الأسبوع",
            "فوز الفريق في مباراة الأمس",
            "اجتماع وزراء النقل في المدينة",
            "أمطار غزيرة متوقعة يوم غد",
        ]
    )
    assert masked(f"{ticker}\n{AR}") == [("ticker", ticker)]


def credit(text: str, words: str, **options: object) -> list[tuple[str, str]]:
    start = text.index(words)
    return masked(text, credits=[(start, start + len(words))], **options)


CREDITS = [
    (
        f"{AR}\n\nساهمت رويترز في هذا المقال.",
        "ساهمت رويترز في هذا المقال",
        "ساهمت رويترز في هذا المقال.",
    ),
    (f"لندن - رويترز\n{AR}", "رويترز", "لندن - رويترز"),
    (f"LONDON (Reuters) - {EN}", "LONDON (Reuters)", "LONDON (Reuters) - "),
    (f"الرياض - واس: {AR}", "واس", "الرياض - واس: "),
    (f"{AR} (د ب أ)", "د ب أ", "(د ب أ)"),
    (f"{AR} «الفرنسية»", "الفرنسية", "«الفرنسية»"),
    (
        f"{AR} ساهمت رويترز في هذا المقال.",
        "ساهمت رويترز في هذا المقال.",
        "ساهمت رويترز في هذا المقال.",
    ),
]


@pytest.mark.parametrize(("text", "words", "expected"), CREDITS)
def test_a_credit_that_stands_on_its_own_is_masked(text: str, words: str, expected: str) -> None:
    """Credit lines, datelines, brackets and last sentences go, with the signs around them."""
    assert credit(text, words) == [("credit", expected)]


def test_a_credit_in_a_running_sentence_stays() -> None:
    """A name inside the sentence is text."""
    text = f"{EN} Officials who spoke to Reuters in the city said that the work was not finished."
    assert credit(text, "Reuters") == []


def test_what_is_kept_is_never_masked() -> None:
    """A kept span cuts a hole into a mask."""
    text = f"{EN}\nShare this article"
    start = text.index("this")
    assert masked(text, keep=[(start, start + 4)]) == [("share", "Share "), ("share", " article")]


@given(MASKS)
def test_merged_masks_are_sorted_and_disjoint(masks: list[Mask]) -> None:
    """After merging, masks are in order, never overlap, and never touch with one reason."""
    for before, after in pairwise(merge_masks(masks)):
        assert before.span[1] <= after.span[0]
        assert before.span[1] < after.span[0] or before.reason != after.reason


@given(MASKS)
def test_merging_covers_the_same_code_points(masks: list[Mask]) -> None:
    """Merging neither adds nor loses a code point, and the first reason holds."""
    first: dict[int, str] = {}
    for mask in masks:
        for place in range(*mask.span):
            first.setdefault(place, mask.reason)
    merged = {place: mask.reason for mask in merge_masks(masks) for place in range(*mask.span)}
    assert merged == first


@given(MASKS)
def test_merging_twice_changes_nothing(masks: list[Mask]) -> None:
    """Merged masks are merged."""
    assert merge_masks(merge_masks(masks)) == merge_masks(masks)


@given(st.lists(st.sampled_from([AR, EN, *(line for _, line, _ in TAILS)]), max_size=8))
def test_masks_of_any_page_stay_inside_it(lines: list[str]) -> None:
    """Masks are spans of the text, sorted and disjoint, and leave words where there are any."""
    text = "\n".join(lines)
    masks = find_furniture(text)
    assert all(0 <= mask.span[0] < mask.span[1] <= len(text) for mask in masks)
    assert all(a.span[1] <= b.span[0] for a, b in pairwise(masks))


@given(st.text(max_size=200), st.lists(SPANS, max_size=3))
def test_any_text_can_be_read(text: str, spans: list[tuple[int, int]]) -> None:
    """No text and no credit spans break the rules."""
    credits_inside = [span for span in spans if span[0] < span[1] <= len(text)]
    for mask in find_furniture(text, credits=credits_inside, title=text[:20]):
        assert 0 <= mask.span[0] < mask.span[1] <= len(text)


def test_the_compiled_phrases_are_those_of_the_catalogue() -> None:
    """``seeds/build_furniture.py`` was run after the last change of the list."""
    spec = importlib.util.spec_from_file_location("build", ROOT / "seeds" / "build_furniture.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    compiled = ROOT / "provenance" / "text" / "data" / "furniture.json"
    assert compiled.read_bytes() == build.compiled()
