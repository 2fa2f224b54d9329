"""Whole stories, drawn: who took what from whom, what nobody collected, and how many sources."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from difflib import SequenceMatcher

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.config import LineageSpec
from provenance.lineage.direction import judge_direction, order_in_time
from provenance.lineage.graph import draw_story
from provenance.model import (
    AlignedSpan,
    Article,
    ArticleId,
    Dates,
    Direction,
    Edge,
    Link,
    LinkKind,
    Mask,
    Mention,
    Overlap,
    Role,
    Story,
)

# One invented event in six paragraphs, and another outlet's own report of it in three.
FERRY = (
    "توقفت العبارة الرابطة بين ضفتي خليج المرجان صباح الاثنين بعد عطل مفاجئ في محركها الرئيسي.",
    "وقال ربان العبارة إن خمسين راكبا أُنزلوا إلى قوارب صغيرة دون أن يصاب أحد منهم بأذى.",
    "وذكرت هيئة الموانئ أن فريقا من المهندسين بدأ فحص المحرك ويتوقع إصلاحه خلال ثلاثة أيام.",
    "وتنقل العبارة في العادة نحو ألفي راكب كل يوم بين حي الصيادين ومحطة القطار الجنوبية.",
    "واضطر كثير من العمال إلى سلوك الطريق البري الطويل الذي يستغرق أكثر من ساعتين.",
    "وكانت العبارة قد تعطلت مرتين خلال الصيف الماضي بسبب تسرب الماء إلى غرفة المضخات.",
)
OWN = (
    "جلس أبو رامي على حافة الرصيف ينتظر قاربا يحمله إلى دكانه في السوق القديم كعادته كل صباح.",
    "يقول إن العبارة هي الشريان الوحيد لأهل الحي وإن إهمالها سنوات طويلة أوصلها إلى هذه الحال.",
    "أما جارته أم ليلى فتخشى أن تطول مدة الإصلاح فتخسر زبائنها الذين يأتون من الضفة الأخرى.",
)
WEIGHTS: dict[str, float] = {"told_outlet": 2.0, "contribution": 2.0, "generic_agencies": 2.0}


class Newsroom:
    """Collects articles, their mentions and dates, links what matches, and draws."""

    def __init__(self) -> None:
        self.articles: list[Article] = []
        self.mentions: dict[ArticleId, list[Mention]] = {}
        self.dates: dict[ArticleId, Dates] = {}
        self.kinds: dict[tuple[str, str], LinkKind] = {}

    def add(
        self,
        name: str,
        *paragraphs: str,
        publisher: str = "",
        day: str = "",
        said: Sequence[tuple[str, Role, str | None]] = (),
        **fields: str,
    ) -> None:
        item = Article(
            id=ArticleId(name),
            text="\n".join(paragraphs),
            publisher=publisher or f"صحيفة {name}",
            **fields,
        )
        self.articles.append(item)
        self.dates[item.id] = Dates(earliest=day, latest=day)
        self.mentions[item.id] = [
            Mention(
                id=item.id,
                agency=agency,
                role=role,
                zone="tail",
                span=(item.text.index(words), item.text.index(words) + len(words)),
                text=words,
                rule="test",
                weight=WEIGHTS.get(role, 4.0),
            )
            for words, role, agency in said
        ]

    def links(self) -> list[Link]:
        items = sorted(self.articles, key=lambda item: item.id)
        found = []
        for number, a in enumerate(items):
            for b in items[number + 1 :]:
                pair = link(a, b, self.kinds.get((a.id, b.id)))
                if pair:
                    judged = judge_direction(
                        pair,
                        a,
                        b,
                        self.mentions[a.id],
                        self.mentions[b.id],
                        self.dates[a.id],
                        self.dates[b.id],
                    )
                    found.append(judged)
        return found

    def draw_with(self, **settings: float) -> Story:
        """Draw with some settings of the lineage changed."""
        spec = attrs.evolve(LineageSpec(), **settings)
        return draw_story("s-1", self.articles, self.links(), self.mentions, self.dates, spec)

    def draw(self, **options: dict[ArticleId, list[Mask]]) -> Story:
        return draw_story(
            "s-1", self.articles, self.links(), self.mentions, self.dates, LineageSpec(), **options
        )


def link(a: Article, b: Article, kind: LinkKind | None = None) -> Link | None:
    """Compare two texts word by word; the shortest way to a verified pair."""
    words_a, words_b = (list(re.finditer(r"\S+", item.text)) for item in (a, b))
    matcher = SequenceMatcher(None, [w[0] for w in words_a], [w[0] for w in words_b], False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= 4]
    shared = sum(block.size for block in blocks)
    if shared < 10 and kind is None:
        return None
    inside_a, inside_b = shared / max(1, len(words_a)), shared / max(1, len(words_b))
    if kind is None:
        kind = "repost" if min(inside_a, inside_b) >= 0.8 else "excerpt"
        kind = "update" if a.publisher == b.publisher else kind
    spans = tuple(
        AlignedSpan(
            a=(words_a[m.a].start(), words_a[m.a + m.size - 1].end()),
            b=(words_b[m.b].start(), words_b[m.b + m.size - 1].end()),
        )
        for m in blocks
    )
    if kind in ("rewrite", "translation"):
        view = "wording" if kind == "rewrite" else "anchors"
        spans = (AlignedSpan(a=(0, len(a.text)), b=(0, len(b.text)), view=view),)  # type: ignore[arg-type]
    return Link(
        a=a.id,
        b=b.id,
        kind=kind,
        related=0.99,
        direction=Direction(a_to_b=0.25, b_to_a=0.25, common_source=0.5),
        overlap=Overlap(
            jaccard=shared / (len(words_a) + len(words_b) - shared),
            containment_a=inside_a,
            containment_b=inside_b,
        ),
        spans=spans,
    )


def drawn(story: Story) -> set[tuple[str, str, str]]:
    return {(e.parent, e.child, e.kind) for e in story.edges if e.directed}


def undirected(story: Story) -> set[tuple[str, str]]:
    return {(e.parent, e.child) for e in story.edges if not e.directed}


def origins(story: Story, name: str) -> dict[str | None, str]:
    document = next(d for d in story.documents if d.id == name)
    return {origin.agency: origin.basis for origin in document.origins}


def edge(story: Story, parent: str, child: str) -> Edge:
    return next(e for e in story.edges if (e.parent, e.child) == (parent, child))


REUTERS = ("(رويترز)", "syndicated_copy", "reuters")
AFP = ("(أ ف ب)", "syndicated_copy", "afp")


def test_hidden_wire_feeds_copies_with_the_credit_kept_replaced_and_lost() -> None:
    """One credited copy names the unseen parent of all; no copy becomes another's parent."""
    room = Newsroom()
    room.add("kept", "(رويترز)", *FERRY, said=[REUTERS], day="2024-05-06")
    room.add("lost", *FERRY, day="2024-05-07")
    room.add(
        "replaced",
        "المرجان: «صحيفة replaced»",
        *FERRY,
        said=[("المرجان: «صحيفة replaced»", "publisher_self_credit", None)],
        day="2024-05-06",
    )
    story = room.draw()
    assert drawn(story) == {
        ("wire:reuters", "kept", "repost"),
        ("wire:reuters", "lost", "repost"),
        ("wire:reuters", "replaced", "repost"),
    }
    assert origins(story, "kept") == {"reuters": "own credit"}
    assert origins(story, "lost") == {"reuters": "credited copy"}
    assert story.independent_sources == 1
    node = next(node for node in story.nodes if node.node == "wire:reuters")
    assert (node.type, node.agency) == ("unobserved", "reuters")


def test_borrowed_credit_is_shown_where_it_stands() -> None:
    """The evidence for a lost credit is the line of the copy that kept it."""
    room = Newsroom()
    room.add("kept", "(رويترز)", *FERRY, said=[REUTERS])
    room.add("lost", *FERRY)
    reason = edge(room.draw(), "wire:reuters", "lost").evidence[0]
    assert (reason.type, reason.doc, reason.text) == ("credited copy", "kept", "(رويترز)")
    assert reason.span is not None
    assert room.articles[0].text[slice(*reason.span)] == "(رويترز)"


def test_agencys_own_item_is_the_parent() -> None:
    """Where the agency's item was collected, no second, unseen one is drawn."""
    room = Newsroom()
    room.add("w", "(رويترز)", *FERRY, publisher="رويترز", said=[REUTERS], day="2024-05-06")
    room.add("kept", "(رويترز)", *FERRY, said=[REUTERS], day="2024-05-06")
    room.add("lost", *FERRY[:4], day="2024-05-07")
    story = room.draw()
    assert drawn(story) == {("w", "kept", "repost"), ("w", "lost", "excerpt")}
    assert all(node.type == "document" for node in story.nodes)
    assert origins(story, "lost") == {"reuters": "credited copy"}
    assert story.independent_sources == 1


def test_shorter_copy_of_an_unseen_item_is_an_excerpt() -> None:
    """How a copy took an unseen item is read off the longer copies."""
    room = Newsroom()
    room.add("long", "(رويترز)", *FERRY, said=[REUTERS])
    room.add("short", "(رويترز)", *FERRY[:2], said=[REUTERS])
    assert ("wire:reuters", "short", "excerpt") in drawn(room.draw())


def test_unrelated_reports_stand_alone() -> None:
    """Without shared text and credits nothing is drawn, and every document is a source."""
    room = Newsroom()
    room.add("a", *FERRY, day="2024-05-06")
    room.add("b", *OWN, day="2024-05-07")
    story = room.draw()
    assert not story.edges
    assert story.independent_sources == 2
    assert {d.id: d.own_share for d in story.documents} == {"a": 1.0, "b": 1.0}
    assert origins(story, "a") == {None: "none"}
    assert story.interval == ("2024-05-06", "2024-05-07")


def test_two_bare_copies_are_joined_without_an_arrow() -> None:
    """Nothing says who came first: one undirected edge, one source."""
    room = Newsroom()
    room.add("a", *FERRY)
    room.add("b", *FERRY)
    story = room.draw()
    assert not drawn(story)
    assert undirected(story) == {("a", "b")}
    assert story.independent_sources == 1


def test_hidden_parent_of_bare_copies() -> None:
    """Copies of which none holds the others have an unseen source, if most sources are believed unseen."""
    room = Newsroom()
    room.add("a", *FERRY[:4])
    room.add("b", *FERRY[2:])
    room.add("c", *FERRY[:2], *FERRY[4:])
    assert not drawn(room.draw())
    story = room.draw_with(unseen=0.9)
    assert drawn(story) == {("source:1", name, "common_source") for name in ("a", "b", "c")}
    assert story.independent_sources == 1


@pytest.mark.parametrize("unseen", [0.0, 1.0])
def test_prior_may_be_extreme(unseen: float) -> None:
    """A belief that no source, or every source, is unseen draws something all the same."""
    room = Newsroom()
    room.add("a", *FERRY)
    room.add("b", *FERRY)
    story = room.draw_with(unseen=unseen)
    assert bool(drawn(story)) == (unseen == 1.0)


def test_dated_copies_follow_each_other() -> None:
    """With days alone every copy has an earlier one for its parent, and the first has none."""
    room = Newsroom()
    for number, name in enumerate("abcd"):
        room.add(name, *FERRY, day=f"2024-05-0{number + 1}")
    story = room.draw_with(collected=0.5)
    children = {child: parent for parent, child, _ in drawn(story)}
    assert set(children) == set("bcd")
    assert all(parent < child for child, parent in children.items())


def test_many_copies_of_a_wire_do_not_make_a_copier() -> None:
    """Twenty earlier clients of an agency are no better reason for copying than one."""
    room = Newsroom()
    for number in range(20):
        room.add(
            f"c{number:02}", "(رويترز)", *FERRY, said=[REUTERS], day=f"2024-05-{number + 1:02}"
        )
    story = room.draw()
    assert {parent for parent, _, _ in drawn(story)} == {"wire:reuters"}


def test_named_outlet_beats_the_wire() -> None:
    """A copy that names the outlet it took from hangs on that outlet, credit and all."""
    room = Newsroom()
    room.add("a", "(رويترز)", *FERRY, publisher="جريدة المرسى", said=[REUTERS])
    room.add(
        "b",
        "(رويترز)",
        *FERRY,
        "المصدر: جريدة المرسى",
        said=[REUTERS, ("المصدر: جريدة المرسى", "republication_notice", None)],
    )
    story = room.draw()
    assert drawn(story) == {("wire:reuters", "a", "repost"), ("a", "b", "repost")}
    assert story.independent_sources == 1


def test_compilation_of_two_collected_texts() -> None:
    """What the first parent leaves unexplained gets a second one; both kinds say so."""
    room = Newsroom()
    room.add("a", *FERRY, day="2024-05-06")
    room.add("b", *OWN, day="2024-05-06")
    room.add("c", *FERRY[:4], *OWN[:2], day="2024-05-08")
    story = room.draw_with(collected=0.5)
    assert drawn(story) == {("a", "c", "compilation"), ("b", "c", "compilation")}
    assert story.independent_sources == 2


def test_compilation_of_two_wires() -> None:
    """Two agencies credited with the text are two parents."""
    room = Newsroom()
    room.add("a", *FERRY, "(رويترز) (أ ف ب)", said=[REUTERS, AFP])
    story = room.draw()
    assert drawn(story) == {
        ("wire:afp", "a", "compilation"),
        ("wire:reuters", "a", "compilation"),
    }


def test_lost_credits_of_different_passages_are_two_sources() -> None:
    """Passages shared with copies of two agencies come from both."""
    room = Newsroom()
    room.add("a", "(رويترز)", *FERRY, said=[REUTERS])
    room.add("b", "(أ ف ب)", *OWN, said=[AFP])
    room.add("c", *FERRY[:4], *OWN)
    story = room.draw()
    assert {(p, k) for p, c, k in drawn(story) if c == "c"} == {
        ("wire:afp", "compilation"),
        ("wire:reuters", "compilation"),
    }


def test_update_follows_its_first_version() -> None:
    """A later version of one outlet's text comes from the earlier."""
    room = Newsroom()
    room.add("a", *FERRY[:4], publisher="صحيفة س", day="2024-05-06")
    room.add("b", *FERRY, publisher="صحيفة س", day="2024-05-07")
    story = room.draw()
    assert drawn(story) == {("a", "b", "update")}
    assert story.independent_sources == 1


def test_wrapper_page_nobody_collected() -> None:
    """A scraper's text without a match comes from the page it was scraped from."""
    wrapper = ("[ad_1]", "autoblog_source_link", None)
    room = Newsroom()
    room.add("s", "[ad_1]", *FERRY, said=[wrapper])
    story = room.draw()
    assert drawn(story) == {("page:s", "s", "repost")}
    assert story.independent_sources == 1


def test_wrapper_around_a_collected_text() -> None:
    """Where the scraped text itself was collected, no page is invented."""
    room = Newsroom()
    room.add("o", *FERRY)
    room.add("s", "[ad_1]", *FERRY, said=[("[ad_1]", "autoblog_source_link", None)])
    assert drawn(room.draw()) == {("o", "s", "repost")}


def test_told_passage_is_a_part() -> None:
    """A statement given to an agency makes it a source of a part; the text remains its outlet's."""
    told = ("لرويترز", "told_outlet", "reuters")
    room = Newsroom()
    room.add("a", *OWN, "وقال ربان العبارة لرويترز إن أحدا لم يصب بأذى.", said=[told])
    story = room.draw()
    assert drawn(story) == {("wire:reuters", "a", "excerpt")}
    assert origins(story, "a") == {"reuters": "told"}
    assert edge(story, "wire:reuters", "a").probability < 0.9
    assert story.independent_sources == 1


def test_contribution_is_a_part() -> None:
    """An agency that contributed is a parent beside the outlet's own work, and no further report."""
    line = ("ساهمت رويترز", "contribution", "reuters")
    room = Newsroom()
    room.add("a", *OWN, "ساهمت رويترز", said=[line])
    story = room.draw()
    assert drawn(story) == {("wire:reuters", "a", "compilation")}
    assert story.independent_sources == 1


def test_conflicting_credits_stay_visible() -> None:
    """Copies with different printed credits keep their own, are joined, and count once."""
    room = Newsroom()
    room.add("a", "(رويترز)", *FERRY, said=[REUTERS])
    room.add("b", "(أ ف ب)", *FERRY, said=[AFP])
    room.add("c", *FERRY)
    story = room.draw()
    assert {("wire:reuters", "a", "repost"), ("wire:afp", "b", "repost")} <= drawn(story)
    document = next(d for d in story.documents if d.id == "a")
    assert [o.agency for o in document.origins] == ["reuters", "afp"]
    assert document.origins[1].probability < 0.1
    contested = next(d for d in story.documents if d.id == "c")
    assert {o.agency for o in contested.origins} == {"reuters", "afp"}
    assert contested.origins[0].probability < 0.8
    wire = next(e for e in story.edges if e.child == "c" and e.directed)
    assert {reason.type for reason in wire.evidence} == {"credited copy", "conflict"}
    assert story.independent_sources == 1


def test_article_about_an_agency_has_no_agency_origin() -> None:
    """An agency that is the topic, under a photo or behind a quotation, gave no text."""
    silent: list[tuple[str, Role, str | None]] = [
        ("رويترز تعلن", "topic_mention", "reuters"),
        ("تصوير: أ ف ب", "photo_credit", "afp"),
        ("نقلتها بلومبرغ", "relayed_quote", "bloomberg"),
    ]
    room = Newsroom()
    room.add("a", "رويترز تعلن", *OWN, "نقلتها بلومبرغ", "تصوير: أ ف ب", said=silent)
    story = room.draw()
    assert not story.edges
    assert origins(story, "a") == {None: "none"}


def test_cited_report_is_cited_not_taken() -> None:
    """Retelling an agency's report is a citation of its item; the text is the outlet's own."""
    room = Newsroom()
    room.add(
        "a",
        *OWN,
        "ذكرت وكالة واس",
        said=[("ذكرت وكالة واس", "official_agency_as_source", "spa")],
    )
    story = room.draw()
    assert drawn(story) == {("wire:spa", "a", "cites")}
    assert origins(story, "a") == {None: "none"}
    assert story.independent_sources == 1


def test_cited_item_that_was_collected() -> None:
    """A citation points at the agency's own item where that was collected."""
    room = Newsroom()
    room.add("w", "(رويترز)", *FERRY, publisher="رويترز", said=[REUTERS], day="2024-05-06")
    room.add(
        "a",
        *OWN,
        "وفقا لرويترز",
        said=[("وفقا لرويترز", "cited_report", "reuters")],
        day="2024-05-07",
    )
    assert drawn(room.draw()) == {("w", "a", "cites")}


def test_unnamed_agencies_leave_the_origin_open() -> None:
    """ "Agencies" without a name makes a text no outlet's own and no agency's."""
    room = Newsroom()
    room.add("a", *FERRY, "وكالات", said=[("وكالات", "generic_agencies", None)])
    story = room.draw()
    assert not story.edges
    assert origins(story, "a") == {None: "own credit"}


def test_rewrite_of_a_credited_text_shares_its_origin() -> None:
    """A rewording of an agency's copy goes back to the agency."""
    room = Newsroom()
    room.add("a", "(رويترز)", *FERRY, said=[REUTERS])
    room.add("b", *OWN)
    room.kinds["a", "b"] = "rewrite"
    story = room.draw()
    assert ("wire:reuters", "b", "rewrite") in drawn(story)
    assert next(d for d in story.documents if d.id == "b").own_share == 1.0


def test_translation_notice_points_at_the_original() -> None:
    """The text that calls itself a translation is the child."""
    notice = ("ترجمة آلية", "translation_machine", None)
    room = Newsroom()
    room.add("ar", *OWN, "ترجمة آلية", said=[notice], language="ar")
    room.add("en", "The ferry stopped on Monday.", language="en")
    room.kinds["ar", "en"] = "translation"
    assert drawn(room.draw()) == {("en", "ar", "translation")}


def test_named_original_in_another_language() -> None:
    """A notice naming the outlet of a text in another language is enough without common words."""
    notice = ("نشر أولا في Tide Sheet", "republication_notice", None)
    room = Newsroom()
    room.add("ar", *OWN, "نشر أولا في Tide Sheet", said=[notice], language="ar")
    room.add("en", "The ferry stopped on Monday.", publisher="Tide Sheet", language="en")
    assert drawn(room.draw()) == {("en", "ar", "translation")}


def test_agency_item_in_another_language() -> None:
    """A credit finds the agency's collected item where only its language hides the match."""
    room = Newsroom()
    room.add("w", "A ferry stopped. (Reuters)", publisher="Reuters", language="en")
    room.mentions[ArticleId("w")] = [
        Mention(
            id=ArticleId("w"),
            agency="reuters",
            role="syndicated_copy",
            zone="tail",
            span=(17, 26),
            text="(Reuters)",
            rule="test",
            weight=4.0,
        )
    ]
    room.add("ar", "(رويترز)", *FERRY, said=[REUTERS], language="ar")
    assert drawn(room.draw()) == {("w", "ar", "translation")}
    same = Newsroom()
    same.add("w", "(رويترز)", *OWN, publisher="رويترز", said=[REUTERS], language="ar")
    same.add("ar", "(رويترز)", *FERRY, said=[REUTERS], language="ar")
    assert drawn(same.draw()) == {("wire:reuters", "ar", "repost")}


def test_own_report_with_a_borrowed_passage_is_a_source() -> None:
    """A document that took less than half of its words stands on its own."""
    room = Newsroom()
    room.add("a", *FERRY, publisher="جريدة المرسى", day="2024-05-06")
    room.add(
        "b",
        *OWN,
        FERRY[0],
        "المصدر: جريدة المرسى",
        day="2024-05-07",
        said=[("المصدر: جريدة المرسى", "republication_notice", None)],
    )
    story = room.draw()
    assert drawn(story) == {("a", "b", "excerpt")}
    assert story.independent_sources == 2


def test_expansion_is_no_excerpt() -> None:
    """A text that holds the whole of its source and more has reworked it."""
    room = Newsroom()
    room.add("a", *FERRY[:3], day="2024-05-06")
    room.add("b", *FERRY[:3], *OWN, day="2024-05-07")
    assert drawn(room.draw_with(collected=0.5)) == {("a", "b", "rewrite")}


def test_masked_words_are_not_counted() -> None:
    """Furniture is no word of the text and no part of its own share."""
    room = Newsroom()
    room.add("a", *FERRY, day="2024-05-06")
    room.add("b", *FERRY, "تابعونا على كل المنصات", day="2024-05-07")
    start = len("\n".join(FERRY))
    mask = Mask(span=(start, len(room.articles[1].text)), reason="follow_us")
    bare = next(d for d in room.draw().documents if d.id == "b")
    masked = next(d for d in room.draw(masks={ArticleId("b"): [mask]}).documents if d.id == "b")
    assert bare.own_share > 0.03
    assert masked.own_share == 0.0


def test_empty_story_member() -> None:
    """A document without a word is a node like any other."""
    room = Newsroom()
    room.add("a")
    story = room.draw()
    assert story.documents[0].own_share == 1.0
    assert story.independent_sources == 1


def test_crossed_credits_make_no_cycle() -> None:
    """Two texts that each name the other's outlet are not each other's parents."""
    room = Newsroom()
    for name, other in (("a", "b"), ("b", "a")):
        line = f"المصدر: صحيفة {other}"
        room.add(name, *FERRY, line, said=[(line, "republication_notice", None)])
    story = room.draw()
    assert len(story.edges) == 1
    assert story.independent_sources == 1


PARAGRAPHS = st.lists(st.sampled_from((*FERRY, *OWN)), min_size=1, max_size=5, unique=True)
CREDITS = st.sampled_from([None, REUTERS, AFP, ("[ad_1]", "autoblog_source_link", None)])
DAYS = st.sampled_from(["", "2024-05-05", "2024-05-06", "2024-05-07"])


@st.composite
def newsrooms(draw: st.DrawFn) -> Newsroom:
    room = Newsroom()
    for name in "abcdef"[: draw(st.integers(1, 6))]:
        credit = draw(CREDITS)
        extra = (credit[0],) if credit else ()
        room.add(
            name,
            *extra,
            *draw(PARAGRAPHS),
            publisher=draw(st.sampled_from(["س", "ص", "رويترز", ""])),
            said=[credit] if credit else [],
            day=draw(DAYS),
        )
    return room


@given(newsrooms(), st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(room: Newsroom, shuffle: random.Random) -> None:
    """The same articles and links in any order give the same story."""
    links = room.links()
    story = draw_story("s-1", room.articles, links, room.mentions, room.dates)
    articles = room.articles[:]
    shuffle.shuffle(articles)
    shuffle.shuffle(links)
    mentions = {name: said[::-1] for name, said in reversed(room.mentions.items())}
    assert draw_story("s-1", articles, links, mentions, room.dates) == story


@given(newsrooms())
def test_no_cycle_and_no_step_back_in_time(room: Newsroom) -> None:
    """Following directed edges never returns, and never leads to an earlier document."""
    story = room.draw()
    below: dict[str, list[str]] = {}
    items = {item.id: item for item in room.articles}
    for drawn_edge in story.edges:
        assert 0.0 < drawn_edge.probability <= 1.0
        if not drawn_edge.directed:
            assert drawn_edge.parent < drawn_edge.child
            continue
        below.setdefault(drawn_edge.parent, []).append(drawn_edge.child)
        if drawn_edge.parent in items:
            a, b = items[ArticleId(drawn_edge.parent)], items[ArticleId(drawn_edge.child)]
            minutes = order_in_time(a, b, room.dates[a.id], room.dates[b.id])
            assert minutes is None or minutes > 0
    for start, children in below.items():
        seen, waiting = set(), [*children]
        while waiting:
            node = waiting.pop()
            assert node != start
            if node not in seen:
                seen.add(node)
                waiting += below.get(node, [])


@given(newsrooms())
def test_figures_stay_in_bounds(room: Newsroom) -> None:
    """Every edge ends on known nodes; probabilities and shares lie between 0 and 1."""
    story = room.draw()
    names = {node.node for node in story.nodes}
    assert all(e.parent in names and e.child in names for e in story.edges)
    assert all(0.0 <= d.own_share <= 1.0 for d in story.documents)
    assert all(0.0 <= o.probability <= 1.0 for d in story.documents for o in d.origins)
    assert 1 <= story.independent_sources <= len(story.nodes)
    assert len({(e.parent, e.child) for e in story.edges}) == len(story.edges)


@given(newsrooms())
def test_unrelated_member_changes_nothing(room: Newsroom) -> None:
    """A further document that shares nothing adds itself and one source."""
    before = room.draw()
    room.add("zz", "نص قصير لا صلة له بشيء")
    after = room.draw()
    assert after.edges == before.edges
    assert after.independent_sources == before.independent_sources + 1


def test_settings_decide_what_is_drawn() -> None:
    """A stricter bar leaves the arrow out and keeps the match."""
    room = Newsroom()
    room.add("a", *FERRY, day="2024-05-06")
    room.add("b", *FERRY, day="2024-05-07")
    assert drawn(room.draw_with(collected=0.5)) == {("a", "b", "repost")}
    strict = room.draw_with(min_probability=0.99)
    assert not drawn(strict)
    assert undirected(strict) == {("a", "b")}


@pytest.mark.parametrize("count", [60])
def test_large_group_with_few_links_shares_one_credit(count: int) -> None:
    """Identical bodies linked to an anchor only still share the one credit among them."""
    room = Newsroom()
    for number in range(count):
        room.add(f"d{number:02}", *FERRY)
    room.add("kept", *FERRY, byline="رويترز")
    said = Mention(
        id=ArticleId("kept"),
        agency="reuters",
        role="syndicated_copy",
        zone="byline",
        span=(0, 6),
        text="رويترز",
        rule="test",
        weight=4.0,
        field="byline",
    )
    room.mentions[ArticleId("kept")] = [said]
    anchor = room.articles[0]
    pairs = [link(*sorted((anchor, item), key=lambda i: i.id)) for item in room.articles[1:]]
    links = [
        judge_direction(
            pair, *(next(i for i in room.articles if i.id == e) for e in (pair.a, pair.b))
        )
        for pair in pairs
        if pair
    ]
    story = draw_story("s-1", room.articles, links, room.mentions, room.dates)
    assert {e.parent for e in story.edges} == {"wire:reuters"}
    assert len(story.edges) == count + 1
