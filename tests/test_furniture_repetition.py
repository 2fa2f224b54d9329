"""Lines that an outlet prints under different articles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provenance.model import Mask
from provenance.text.furniture import find_repeated_lines

NOTICE = "النشرة المسائية من الأفق كل يوم في الثامنة"
TOPICS = (
    "الجسر",
    "المدرسة",
    "المستشفى",
    "الميناء",
    "المتحف",
    "الملعب",
    "السوق",
    "المكتبة",
    "الحديقة",
    "المسرح",
)


def article(number: int, *lines: str) -> str:
    topic = f"{TOPICS[number % len(TOPICS)]} رقم {'أبجدهوز'[number // len(TOPICS)]}"
    body = [
        f"أعلنت البلدية أن {topic} سيفتح أبوابه أمام الزوار بعد أعمال صيانة طويلة.",
        f"وقال المهندس المشرف على {topic} إن العمل انتهى قبل موعده بأسبوعين كاملين.",
    ]
    return "\n".join([*body, *lines])


def masked(texts: list[str], publisher: str = "الأفق", **options: object) -> list[list[str]]:
    found = find_repeated_lines(texts, [publisher] * len(texts), **options)  # type: ignore[arg-type]
    return [
        [text[mask.span[0] : mask.span[1]] for mask in masks]
        for text, masks in zip(texts, found, strict=True)
    ]


def test_a_line_under_three_different_articles_is_furniture() -> None:
    """Three is the least number that is called repetition."""
    assert masked([article(n, NOTICE) for n in range(3)]) == [[NOTICE]] * 3
    assert masked([article(n, NOTICE) for n in range(2)]) == [[], []]


def test_numbers_and_signs_do_not_make_a_line_new() -> None:
    """A line is the same whatever its digits and punctuation."""
    lines = ["العدد 12 - الأفق", "العدد 7 الأفق", "العدد ١٣: الأفق"]
    assert masked([article(n, line) for n, line in enumerate(lines)]) == [[line] for line in lines]


def test_one_article_posted_many_times_keeps_its_lines() -> None:
    """What repeats because the article repeats is not furniture."""
    assert masked([article(1)] * 20) == [[]] * 20


def test_furniture_is_found_among_reposts() -> None:
    """Reposts count once, and still lose the line that others have as well."""
    texts = [article(0, NOTICE)] * 3 + [article(1, NOTICE), article(2, NOTICE)]
    assert masked(texts) == [[NOTICE]] * 5


def test_updates_of_one_article_keep_their_lines() -> None:
    """An article that grows with every update is one article."""
    grown = ["\n".join(article(n) for n in range(1, 2 + updates)) for updates in range(8)]
    assert masked(grown) == [[]] * 8


def test_a_form_filled_every_day_is_one_article() -> None:
    """A table of prayer times repeats in all its lines; it is text, not furniture."""
    form = "مواقيت الصلاة في العاصمة ليوم {0}\nالفجر 4:{0}\nالظهر 12:{0}\nالعصر 3:{0}"
    assert masked([form.format(day) for day in range(10, 40)]) == [[]] * 30


def test_a_large_outlet_needs_one_in_a_hundred() -> None:
    """Under 1 % of its documents a line is a formula."""
    texts = [
        article(n % 70, f"سطر لا يتكرر {'أبتثجحخدذرزسشص'[n % 14] * (n // 14 + 1)}")
        for n in range(400)
    ]
    texts[:3] = [article(n, NOTICE) for n in range(3)]
    assert NOTICE not in {line for lines in masked(texts) for line in lines}


def test_without_a_publisher_the_bar_is_higher() -> None:
    """Lines of unknown outlets must stand under ten articles."""
    assert masked([article(n, NOTICE) for n in range(9)], publisher="") == [[]] * 9
    assert masked([article(n, NOTICE) for n in range(10)], publisher="") == [[NOTICE]] * 10


def test_outlets_do_not_share_their_furniture() -> None:
    """A line counts among the documents of its own publisher."""
    texts = [article(n, NOTICE) for n in range(6)]
    assert find_repeated_lines(texts, list("aabbcc")) == [()] * 6


def test_kept_lines_are_not_masked() -> None:
    """A line that holds a kept span stays, the same line elsewhere goes."""
    texts = [article(n, NOTICE) for n in range(3)]
    start = texts[0].index(NOTICE)
    assert masked(texts, keeps=[[(start, start + 5)], [], []]) == [[], [NOTICE], [NOTICE]]


def test_an_empty_corpus_has_no_masks() -> None:
    """Nothing in, nothing out; empty texts have no lines."""
    assert find_repeated_lines([], []) == []
    assert find_repeated_lines(["", "\n"], ["a", "a"]) == [(), ()]


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.sampled_from("ab")), max_size=12),
    st.randoms(),
)
def test_order_does_not_matter_without_copies(
    documents: list[tuple[int, bool, str]], random: object
) -> None:
    """Masks of different articles do not depend on the order of the corpus."""
    unique = list({number: (number, flag, name) for number, flag, name in documents}.values())
    texts = [article(number, *([NOTICE] if flag else [])) for number, flag, _ in unique]
    names = [name for *_, name in unique]
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    straight = find_repeated_lines(texts, names)
    shuffled = find_repeated_lines([texts[n] for n in order], [names[n] for n in order])
    assert [straight[n] for n in order] == shuffled


@given(st.lists(st.text(max_size=60), max_size=8))
def test_masks_are_whole_lines(texts: list[str]) -> None:
    """Every mask is a line of its text without the white space around it."""
    for text, masks in zip(texts, find_repeated_lines(texts, ["a"] * len(texts)), strict=True):
        assert all(isinstance(mask, Mask) for mask in masks)
        assert all(text[slice(*mask.span)] == text[slice(*mask.span)].strip() for mask in masks)
