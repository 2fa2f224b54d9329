"""The page: complete, safe, and pointing where the records point."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import (
    AlignedSpan,
    Article,
    Direction,
    DocumentOrigins,
    Edge,
    Evidence,
    Link,
    Mask,
    Mention,
    Node,
    Origin,
    Overlap,
    Story,
)
from provenance.report.drawing import lay_out
from provenance.report.marked import Mark, cut_pieces
from provenance.report.page import render_report
from provenance.report.pair import render_pair

A = Article(id="a", text="LONDON (Reuters) - Prices fell.\n\nShare <b>this</b>", publisher="Rasd")
B = Article(id="b", text="Prices fell.", publisher="Al Maraya", title="Prices & more")
LINK = Link(
    a="a",
    b="b",
    kind="excerpt",
    related=0.99,
    direction=Direction(a_to_b=0.1, b_to_a=0.1, common_source=0.8),
    overlap=Overlap(jaccard=0.5, containment_a=0.6, containment_b=1.0),
    spans=(AlignedSpan(a=(19, 31), b=(0, 12)),),
    evidence=(
        Evidence(type="credit", doc="a", span=(8, 15), text="Reuters", weight=4.0, toward="x"),
    ),
)
MENTION = Mention(
    id="a",
    agency="reuters",
    role="syndicated_copy",
    zone="dateline",
    span=(0, 16),
    text="LONDON (Reuters)",
    rule="dateline",
    weight=4.0,
)
STORY = Story(
    story="s-1",
    members=("a", "b"),
    interval=("2026-01-01", "2026-01-02"),
    nodes=(
        Node(node="a", type="document"),
        Node(node="b", type="document"),
        Node(node="wire:reuters", type="unobserved", agency="reuters"),
    ),
    edges=(
        Edge(parent="wire:reuters", child="a", kind="repost", probability=0.97),
        Edge(parent="wire:reuters", child="b", kind="excerpt", probability=0.7),
    ),
    documents=(
        DocumentOrigins(
            id="a", origins=(Origin(agency="reuters", probability=0.97, basis="own credit"),)
        ),
        DocumentOrigins(
            id="b", origins=(Origin(agency="reuters", probability=0.9, basis="credited copy"),)
        ),
    ),
    independent_sources=1,
)


def page():
    """The report of the two articles above."""
    return render_report(
        articles=[A, B],
        links=[LINK],
        mentions=[MENTION],
        stories=[STORY],
        masks={"a": (Mask(span=(33, 51), reason="share_widget"),)},
        run={"counts": {"articles": 2, "links": 1, "mentions": 1}, "masked_share": 0.25},
    )


def test_the_page_says_the_story_in_one_sentence():
    """Documents, independent sources and origin stand above the drawing."""
    assert "2 articles · 1 independent source · traced to Reuters (2)" in page()


def test_the_page_needs_no_network():
    """Nothing in the file points outside of it."""
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)", page())
    assert "@import" not in page()


def test_text_is_escaped():
    """Markup inside an article is shown, not obeyed."""
    assert "<b>this</b>" not in page()
    assert "&lt;b&gt;this&lt;/b&gt;" in page()


def test_both_sides_of_a_match_carry_one_number():
    """A click on a passage finds its partner by number."""
    sides = re.findall(r'class="match"[^>]*data-partner="(\d+)"', render_pair(LINK, A, B))
    assert sides == ["1", "1"]


def test_two_texts_without_a_link_are_shown_and_say_so():
    """Where nothing ties two texts the page says that, and shows both."""
    html = render_pair(None, A, B)
    assert "too little in common" in html
    assert html.count('class="text"') == 2


def test_what_was_left_out_says_why():
    """A masked span names its reason."""
    assert "left out: share widget" in page()


def test_an_article_without_credit_is_not_traced_to_anyone():
    """Where no credit was found the page says that, and names no source and no certainty."""
    bare = Story(
        story="s-3",
        members=("a", "b"),
        nodes=STORY.nodes[:2],
        documents=tuple(
            DocumentOrigins(id=name, origins=(Origin(agency=None, probability=1.0, basis="none"),))
            for name in "ab"
        ),
        independent_sources=2,
    )
    html = render_report(
        articles=[A, B],
        links=[],
        mentions=[],
        stories=[bare],
        masks={},
        run={"counts": {"articles": 2, "links": 0, "mentions": 0}},
    )
    assert "no credit found in the supplied text" in html
    assert "an unnamed source" not in html


def test_a_story_of_thousands_is_shown_in_part_and_says_so():
    """Articles and edges beyond what helps are counted, not listed."""
    ids = [f"n{number:04}" for number in range(1000)]
    story = Story(
        story="s-4",
        members=tuple(ids),
        nodes=tuple(Node(node=name, type="document") for name in ids),
        edges=tuple(
            Edge(parent="n0000", child=name, kind="repost", probability=1.0) for name in ids[1:]
        ),
        documents=tuple(DocumentOrigins(id=name) for name in ids),
        independent_sources=1,
    )
    html = render_report(
        articles=[Article(id=name, text="Prices fell.") for name in ids],
        links=[],
        mentions=[],
        stories=[story],
        masks={},
        run={"counts": {"articles": 1000, "links": 0, "mentions": 0}},
    )
    assert "800 further articles stand in stories.jsonl" in html
    assert "699 further edges stand in stories.jsonl" in html


def test_a_story_alone_stands_in_the_table_of_single_articles():
    """A story of one article is not a section."""
    alone = Story(
        story="s-2",
        members=("b",),
        nodes=(Node(node="b", type="document"),),
        documents=(DocumentOrigins(id="b"),),
        independent_sources=1,
    )
    html = render_report(
        articles=[B],
        links=[],
        mentions=[],
        stories=[alone],
        masks={},
        run={"counts": {"articles": 1, "links": 0, "mentions": 0}},
    )
    assert "Articles that stand alone" in html
    assert 'id="s-2"' not in html


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 2)), max_size=6),
)
def test_pieces_cover_the_text_once(text, raw):
    """Joined, the pieces are the text; each carries exactly the marks that lie on it."""
    marks = [
        Mark(span=(min(a, b), min(max(a, b), len(text))), style="xyz"[kind]) for a, b, kind in raw
    ]
    pieces = cut_pieces(text, marks)
    assert "".join(piece.text for piece in pieces) == text
    place = 0
    for piece in pieces:
        assert piece.text
        expected = {m.style for m in marks if m.span[0] <= place < m.span[1]}
        assert set(piece.styles.split()) == expected
        place += len(piece.text)


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12))
def test_arrows_point_right_and_boxes_do_not_touch(raw):
    """In any acyclic lineage a child stands right of its parent, and no two boxes overlap."""
    nodes = [Node(node=str(n), type="document") for n in range(8)]
    edges = [
        Edge(parent=str(min(p)), child=str(max(p)), kind="repost", probability=1.0)
        for p in raw
        if p[0] != p[1]
    ]
    drawing = lay_out(nodes, edges)
    place = {box.node.node: box for box in drawing.boxes}
    assert all(place[e.parent].x + place[e.parent].width <= place[e.child].x for e in edges)
    assert len({(box.x, box.y) for box in drawing.boxes}) == len(nodes)
    assert all(box.y + box.height <= drawing.height for box in drawing.boxes)


@pytest.mark.parametrize("kind", ["repost", "common_source"])
def test_a_cycle_does_not_hang_the_drawing(kind):
    """Even a lineage with a cycle, which must not exist, is drawn."""
    nodes = [Node(node=name, type="document") for name in "ab"]
    edges = [
        Edge(parent="a", child="b", kind=kind, probability=1.0),
        Edge(parent="b", child="a", kind=kind, probability=1.0),
    ]
    assert len(lay_out(nodes, edges).arrows) == 2
