"""The credit reader: roles by evidence, spans of the original, and its laws."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.attribution.reading import read_mentions
from provenance.model import Article, ArticleId, Mention

STORY_AR = (
    "افتتح عمدة المدينة الجسر الجديد صباح أمس بعد أعمال استمرت ثلاث سنوات، وعبره في الساعات الأولى "
    "آلاف السكان سيرا على الأقدام قبل أن يفتح أمام السيارات."
)
MORE_AR = (
    "وقال مهندس المشروع إن الجسر صمم ليتحمل الرياح القوية، وإن العمل فيه توقف مرتين بسبب الفيضانات "
    "التي ضربت الوادي في الشتاء الماضي."
)
BODY_AR = f"{STORY_AR}\n{MORE_AR}\n{STORY_AR}\n{MORE_AR}"
STORY_EN = (
    "The mayor opened the new bridge on Monday after three years of work, and thousands of people "
    "crossed it on foot before the first cars were let through."
)


def read(text: str, **fields: str) -> tuple[Mention, ...]:
    return read_mentions(Article(id=ArticleId("a"), text=text, **fields))


def roles(mentions: tuple[Mention, ...]) -> set[tuple[str | None, str]]:
    return {(mention.agency, mention.role) for mention in mentions}


CREDITS = [
    (f"باريس (أ ف ب) - {STORY_AR}", "afp", "syndicated_copy", "dateline"),
    (f"باريس - رويترز\n{STORY_AR}", "reuters", "syndicated_copy", "dateline"),
    (f"{STORY_AR} (د.ب.أ)", "dpa", "syndicated_copy", "tail"),
    (f"{STORY_AR}\n{MORE_AR}\nالمصدر: رويترز", "reuters", "syndicated_copy", "tail"),
    (f"{STORY_AR}\nساهمت وكالة فرانس برس في هذا التقرير", "afp", "contribution", "tail"),
    (f"{STORY_AR}\nمصادر إضافية • رويترز", "reuters", "additional_sources", "tail"),
    (f"{STORY_AR}\nالمصادر:\nالمنبر - وكالات", None, "composite_credit", "tail"),
    (f"{STORY_AR}\nالمصدر: وكالات", None, "generic_agencies", "tail"),
    (f"{MORE_AR} وأضاف لوكالة رويترز أنه راض.\n{BODY_AR}", "reuters", "told_outlet", "lead"),
    (f"{MORE_AR} ونقلت الأناضول عنه ذلك.\n{BODY_AR}", "anadolu", "cited_report", "lead"),
    (f"{BODY_AR}\nوقال في تصريحات نقلتها رويترز ذلك.", "reuters", "relayed_quote", "tail"),
    (
        f"قالت وكالة الأنباء السعودية إن الجسر افتتح. {STORY_AR}\n{BODY_AR}",
        "spa",
        "official_agency_as_source",
        "lead",
    ),
    (f"{STORY_AR}\n{MORE_AR} // انتهى //", "spa", "agency_end_marker", "tail"),
    (f"{STORY_AR}\n{MORE_AR}\n[ad_2]\nالمصدر", None, "autoblog_source_link", "wrapper"),
    (f"عنوان الخبر\nالجسر (الصورة: غيتي)\n{STORY_AR}", "getty", "photo_credit", "caption"),
    (f"عنوان\nسالم ناصر | أ ف ب | غيتي\n{STORY_AR}", "afp", "photo_credit", "caption"),
    (f"{STORY_AR}\nتمت ترجمة هذا المقال آليا", None, "translation_machine", "tail"),
    (f"{STORY_AR}\nترجمة: نورة سالم", None, "translation_human", "tail"),
    (f"LISBON, May 3 (Reuters) - {STORY_EN}", "reuters", "syndicated_copy", "dateline"),
    (f"{STORY_EN}\nThe Associated Press contributed to this report.", "ap", "contribution", "tail"),
    (f"{STORY_EN} A witness told AFP it was closed.\n{BODY_AR}", "afp", "told_outlet", "lead"),
    (f"{STORY_EN} (APA/dpa, 23.8.2015)", "dpa", "composite_credit", "tail"),
    (f"МОСКВА, 3 мая - РИА Новости. {STORY_EN}", "ria", "syndicated_copy", "dateline"),
]


@pytest.mark.parametrize(("text", "agency", "role", "zone"), CREDITS)
def test_a_mention_is_read_with_agency_role_and_zone(
    text: str, agency: str | None, role: str, zone: str
) -> None:
    """Each way of naming a source gives the agency, what is said of it, and where."""
    found = {(mention.agency, mention.role, mention.zone) for mention in read(text)}
    assert (agency, role, zone) in found


TRAPS = [
    "وقال المصدر: إن رويترز لم تكن حاضرة في القاعة حين أعلن القرار أمام الجمهور الكبير",
    "ومع ذلك كان معا في صف واحد وبنا بيتا واسعا",
    "بلغت قدرة المحطة 300 ميجا وات في الساعة",
    "سافر إلى هضبة الأناضول ثم عاد إلى محافظة قنا",
    "قال لوكالة الطاقة الدولية إن الإنتاج مستقر",
    "ذكرت وكالة موديز أن التصنيف لم يتغير",
    "أعلنت المحكمة الرياضية (تاس) حكمها أمس",
    "مقتل مصور رويترز في القصف",
    "استقال رئيس وكالة فرانس برس من منصبه",
    "فازت وكالة أسوشيتد برس بجائزة كبرى",
    "وقع الوزير اتفاقا مع وكالة الأنباء الكويتية",
    "أطلقت بلومبرغ منصة جديدة للتداول",
    "كانت نينا وهينا أمام محطة سيبا",
    "جرعة من لقاح سبوتنيك للأطفال",
    "The AFP chief visited the camp on Monday",
    "AP government ordered an inquiry into the fire",
    "Thomson Reuters shares rose on Friday",
    "The MENA region grew faster than expected",
    "He worked for Reuters before the war",
    "Prime minister and PA minister met in the town",
    "La EFE cumple cien años de historia",
    "Die dpa feiert ihren Geburtstag",
]
CREDITING = {
    "syndicated_copy",
    "contribution",
    "composite_credit",
    "additional_sources",
    "told_outlet",
    "agency_staff_credit",
    "agency_end_marker",
}


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("around", ["{}", STORY_AR + " {}. " + MORE_AR])
def test_what_only_looks_like_a_source_is_none(trap: str, around: str) -> None:
    """Everyday words, other institutions and news about agencies credit nobody."""
    named = {m.agency for m in read(around.format(trap)) if m.role in CREDITING}
    assert named <= {None}


def test_the_state_agency_named_before_is_the_one_meant_later() -> None:
    """ "The official agency" is the one state agency that the text has introduced."""
    text = (
        "قالت وكالة الأنباء السعودية إن الجسر افتتح.\n"
        f"{STORY_AR}\n{MORE_AR}\n{STORY_AR}\nوأضافت الوكالة الرسمية أن العمل انتهى."
    )
    again = [m for m in read(text) if m.rule == "ar.official.again"]
    assert [m.agency for m in again] == ["spa"]
    assert read("وأضافت الوكالة الرسمية أن العمل انتهى.") == ()


def test_a_byline_credits_every_agency_in_it() -> None:
    """One agency in the author line is the source, two are a composite credit."""
    assert roles(read(STORY_AR, byline="المنبر - رويترز:")) == {("reuters", "syndicated_copy")}
    assert roles(read(STORY_AR, byline="رويترز، أ ف ب")) == {
        ("reuters", "composite_credit"),
        ("afp", "composite_credit"),
    }
    assert {m.field for m in read(STORY_AR, byline="رويترز، أ ف ب")} == {"byline"}


def test_an_author_line_with_the_publishers_name_is_its_own() -> None:
    """The outlet's name alone claims the text; beside an agency it claims nothing."""
    own = read(STORY_EN, byline="Ann Writer, The Harbour", publisher="The Harbour")
    assert roles(own) == {(None, "publisher_self_credit")}
    wire = read(STORY_EN, byline="The Harbour / AFP", publisher="The Harbour")
    assert roles(wire) == {("afp", "syndicated_copy")}


def test_embeds_of_one_account_give_the_page_away() -> None:
    """Two posts of one account, and none of another, are taken for the page's own."""
    post = "— المنبر مباشر (@almanbar) May 3, 2021"
    text = f"{STORY_AR}\n{post}\n{MORE_AR}\n{post}\n{STORY_AR}"
    assert [m.text for m in read(text) if m.role == "publisher_self_credit"] == ["@almanbar"]
    other = text.replace("almanbar", "someone", 1)
    assert "publisher_self_credit" not in {m.role for m in read(other)}


def test_a_title_with_the_sites_name_gives_the_page_away() -> None:
    """A name behind a title that is repeated below is the site's."""
    text = f"فتح الجسر الجديد | أخبار المنبر\n\nفتح الجسر الجديد\n\n{STORY_AR}"
    assert [m.text for m in read(text)] == ["أخبار المنبر"]


def test_two_traces_of_a_machine_are_a_translation_and_one_is_not() -> None:
    """What a machine leaves behind counts when two different signs come together."""
    inserted = f"{STORY_AR} قال إن [U.S.] الإدارة تعرف ذلك."
    stranded = f"{inserted} “كل شيء على ما يرام”. أضاف. {MORE_AR}"
    assert read(inserted) == ()
    assert roles(read(stranded)) == {(None, "translation_machine")}


def test_rivals_that_share_a_name_are_settled_by_language_or_not_at_all() -> None:
    """An abbreviation of several agencies is the one of the text's language, else nobody's."""
    german = "Die Regierung hat am Dienstag ein neues Gesetz vorgestellt, das ab Mai gelten soll."
    assert roles(read(f"{german} (APA)")) == {("apa_at", "syndicated_copy")}
    assert roles(read(f"{STORY_EN} (APA)", language="en")) == {(None, "syndicated_copy")}


def test_a_title_is_read_and_says_so() -> None:
    """A headline that quotes an agency cites it."""
    mentions = read(STORY_AR, title='"رويترز": الأسهم تهبط')
    assert [(m.field, m.zone, m.agency) for m in mentions] == [("title", "title", "reuters")]


def test_reading_needs_no_numeric_library() -> None:
    """The credit reader starts fast: none of the heavy libraries is loaded for it."""
    code = (
        "import sys; from provenance.attribution.reading import read_mentions; "
        "from provenance.model import Article; "
        "read_mentions(Article(id='a', text='told Reuters')); "
        "print([m for m in ('numpy', 'numba', 'datasketch', 'networkx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


CREDITED = [text for text, *_ in CREDITS]
UNRELATED = ["كان الطقس معتدلا في الساحل", "وزاد عدد الزوار هذا الموسم", "أغلق السوق باكرا"]


@given(
    st.sampled_from(CREDITED),
    st.text(alphabet='رويتزاسفبكالةنء ()"«»-ـ\u064e\u200f\u00a0\nReutsAFP/:|.😀', max_size=60),
    st.integers(min_value=0, max_value=200),
)
@settings(max_examples=150, deadline=None)
def test_every_span_cuts_its_text_out_of_the_original(text: str, noise: str, at: int) -> None:
    """Whatever stands around it, a mention's span is where its text is."""
    noisy = text[:at] + noise + text[at:]
    for mention in read(noisy):
        start, end = mention.span
        assert 0 <= start < end <= len(noisy)
        assert noisy[start:end] == mention.text


@given(st.sampled_from(CREDITED), st.sampled_from(UNRELATED))
@settings(max_examples=60, deadline=None)
def test_an_unrelated_paragraph_in_the_body_removes_no_finding(text: str, sentence: str) -> None:
    """More text inside an article never takes a finding away."""
    head, _, rest = text.partition(STORY_AR)
    if not rest:
        return
    longer = f"{head}{STORY_AR}\n{sentence}.\n{MORE_AR}{rest}"
    base = roles(read(f"{head}{STORY_AR}\n{MORE_AR}{rest}"))
    assert base <= roles(read(longer))


PARAGRAPHS = [
    f"{MORE_AR} وأضاف لوكالة رويترز أنه راض.",
    f"{MORE_AR} ونقلت الأناضول عنه ذلك.",
    f"وقال في تصريحات نقلتها وكالة فرانس برس ذلك. {MORE_AR}",
    f"قالت وكالة الأنباء السعودية إن الجسر افتتح. {MORE_AR}",
    f"وأضافت الوكالة الرسمية أن العمل انتهى. {MORE_AR}",
    f"وفي حديث لمراسلة (وات) قال المهندس إنه راض. {MORE_AR}",
    f"{STORY_EN} A witness told AFP the road was closed.",
    f"{STORY_EN} According to dpa, two cars were lost.",
    MORE_AR,
    STORY_EN,
]


@given(st.permutations(PARAGRAPHS))
@settings(max_examples=60, deadline=None)
def test_the_order_of_paragraphs_in_the_body_removes_no_finding(order: list[str]) -> None:
    """What a paragraph of the body says of its source does not depend on its place."""

    def found(paragraphs: list[str]) -> set[tuple[str | None, str]]:
        return roles(read("\n".join([STORY_AR, *paragraphs, MORE_AR, STORY_AR, MORE_AR])))

    assert found(order) == found(PARAGRAPHS)


@given(
    st.sampled_from(PARAGRAPHS[:-2]),
    st.sampled_from(UNRELATED),
    st.integers(min_value=0, max_value=9),
)
@settings(max_examples=60, deadline=None)
def test_an_unrelated_sentence_anywhere_in_the_body_removes_no_finding(
    paragraph: str, sentence: str, place: int
) -> None:
    """A sentence before, behind or inside a paragraph of the body takes nothing away."""
    sentences = paragraph.split(". ")
    at = min(place, len(sentences))
    longer = ". ".join([*sentences[:at], sentence, *sentences[at:]])
    text = "\n".join([STORY_AR, "{}", MORE_AR, STORY_AR, MORE_AR])
    assert roles(read(text.format(paragraph))) <= roles(read(text.format(longer)))


SPELLINGS = {
    "vowels": lambda t: "".join(c + "\u064e" if "ب" <= c <= "ي" else c for c in t),
    "marks of direction": lambda t: t.replace(" ", "\u200f "),
    "no-break spaces": lambda t: t.replace(" ", "\u00a0"),
    "entities": lambda t: t.replace(" (", "&nbsp;("),
    "double spaces": lambda t: t.replace(" ", "  "),
    "no hamza": lambda t: t.replace("أ", "ا").replace("إ", "ا"),
    "long dashes": lambda t: t.replace("-", "—"),
}


@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("text", [text for text in CREDITED if "ا" in text])
def test_spelling_does_not_change_what_is_read(name: str, text: str) -> None:
    """Vowels, marks, blanks, references and dashes are looked through."""
    changed = SPELLINGS[name](text)
    assert roles(read(text)) <= roles(read(changed))


HOSTILE = {
    "blanks": " " * 20_000 + "رويترز",
    "quotes": '"' * 20_000 + " AFP",
    "brackets": "(" * 20_000 + "رويترز" + ")" * 20_000,
    "lines": "رويترز\n" * 3_000,
    "names": "رويترز، " * 3_000,
    "words": "كلمة " * 20_000 + "رويترز",
    "letters": "ا" * 100_000,
    "told": 'قال "أ" ل' * 5_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long(name: str) -> None:
    """Runs of blanks, brackets or names are read in time that grows with their length."""
    begin = time.process_time()
    read(HOSTILE[name])
    assert time.process_time() - begin < 4


#: Text, agency and role that it must not be given, or None where the agency must not be read at all.
NO_NAMES = [
    ("اللهم إني أسألك قلبا سليما ولسانا\N{ARABIC FATHATAN} صادقا.", "sana", None),
    ("وقال مصدر بالشرطة الفرنسية لرويترز إن الجسر مغلق.", "afp", None),
    ("وأفاد سالم فارس وهو مهندس في البلدية لرويترز بأن الجسر مغلق.", "fars", None),
    ('سمح لسيارات الأجرة " لواج" بعبور الجسر، كما قالت الوزارة.', "aps_dz", None),
    ("ثم صادفها مصور رويترز قرب الجسر فابتسمت له.", "reuters", "told_outlet"),
    ("وعمل مراسلا لوكالة رويترز عشرة أعوام قبل أن ينتقل إلى البلدية.", "reuters", "told_outlet"),
]


@pytest.mark.parametrize(("sentence", "agency", "role"), NO_NAMES)
def test_a_word_that_is_no_source_is_left_alone(
    sentence: str, agency: str, role: str | None
) -> None:
    """Nouns, adjectives, given names and people of agencies who report nothing make no source."""
    found = roles(read(f"{STORY_AR}\n{sentence} {MORE_AR}\n{BODY_AR}"))
    assert not [pair for pair in found if pair[0] == agency and role in (None, pair[1])]


def test_what_a_picture_slider_leaves_hides_no_dateline() -> None:
    """The buttons of a slider before a dateline do not make it a caption."""
    found = read(f"Next Previous الميناء – واس\n{BODY_AR}")
    assert [(m.agency, m.role, m.zone) for m in found] == [("spa", "syndicated_copy", "dateline")]


def test_a_clitic_without_an_outlet_in_quotes_wakes_nothing() -> None:
    """A lone "to" is looked at only where a quotation mark follows."""
    assert not read(f"وبيعت التذاكر ل 50 ألفا من الزوار. {BODY_AR}")
    found = read(f"وقال المهندس لــ «المنبر» إن الجسر آمن. {BODY_AR}")
    assert [m.text for m in found if m.role == "told_own_outlet"] == ["المنبر"]
