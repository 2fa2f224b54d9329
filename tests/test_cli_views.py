"""What people see: credits in place, right-to-left text that cannot break out, links with reasons."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from provenance.cli.views import isolate, link_view, mark, mention_view
from provenance.model import (
    AlignedSpan,
    Article,
    ArticleId,
    Direction,
    Evidence,
    Link,
    Mention,
    Overlap,
)

FSI, PDI = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def mention(text: str, words: str, **changes: object) -> Mention:
    start = text.index(words)
    fields = {
        "id": ArticleId("n1"),
        "agency": "reuters",
        "role": "contribution",
        "zone": "tail",
        "span": (start, start + len(words)),
        "text": words,
        "rule": "ar.test",
        "weight": 2.0,
    }
    return Mention(**{**fields, **changes})  # type: ignore[arg-type]


def test_mention_in_place() -> None:
    """The words of a credit are marked where they stand, with what they mean below."""
    text = "خبر طويل.\nساهمت رويترز في هذا المقال.\nنهاية."
    view = mention_view(
        Article(id=ArticleId("n1"), text=text), [mention(text, "ساهمت رويترز في هذا المقال")]
    )
    assert view.splitlines()[1:] == [
        f"  {FSI}⟦ساهمت رويترز في هذا المقال⟧.{PDI}",
        "    \x1b[36mcontribution\x1b[0m: reuters, tail [10, 36], ar.test, weight +2.0",
    ]


def test_no_mention() -> None:
    """An article without credits says so."""
    assert "no credit found" in mention_view(Article(id=ArticleId("n1"), text="x"), [])


def test_neighbors_share_a_window() -> None:
    """Two credits of one line are shown in one piece; far ones in two, cut at blanks."""
    text = "(Reuters, AP) " + "word " * 100 + "(AFP)"
    article = Article(id=ArticleId("n1"), text=text)
    found = [mention(text, name, agency=name) for name in ("Reuters", "AP", "AFP")]
    shown = [line for line in mention_view(article, found).splitlines() if "⟦" in line]
    assert len(shown) == 2
    assert shown[0].startswith(f"  {FSI}(⟦Reuters⟧, ⟦AP⟧) word")
    assert shown[0].endswith(f"word{PDI}")
    assert shown[1].endswith(f"word (⟦AFP⟧){PDI}")
    assert shown[1].startswith(f"  {FSI}word ")


def test_field_of_mention() -> None:
    """A credit of the byline is shown from the byline."""
    article = Article(id=ArticleId("n1"), text="text", byline="القاهرة - د ب أ")
    view = mention_view(article, [mention(article.byline, "د ب أ", field="byline", zone="byline")])
    assert "القاهرة - ⟦د ب أ⟧" in view


@given(st.text(), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=4))
def test_nothing_breaks_out(text: str, pairs: list[tuple[int, int]]) -> None:
    """No article can move the cursor or end its isolation, wherever it is marked."""
    spans = [(min(p), max(p)) for p in pairs if max(p) <= len(text) and p[0] != p[1]]
    for view in (isolate(text), mark(text, spans)):
        assert view.startswith(FSI)
        assert view.endswith(PDI)
        inside = view[1:-1]
        assert not re.search("[\u2028-\u202e\u2066-\u2069]", inside)
        assert not any(unicodedata.category(c) == "Cc" for c in inside)


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1), st.data())
def test_marks_add_and_take_nothing(text: str, data: st.DataObject) -> None:
    """Without its marks, a marked text is the text."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    text = text.replace("⟦", "x").replace("⟧", "x")
    view = mark(text, [(start, end), (start, end)])
    assert view == f"{FSI}{text[:start]}⟦{text[start:end]}⟧{text[end:]}{PDI}"


def test_link() -> None:
    """A link says kind, shares, direction, reasons and places."""
    a = Article(id=ArticleId("a"), text="نص مشترك بين الخبرين " + "كلمة " * 80)
    b = Article(id=ArticleId("b"), text="x " + a.text)
    link = Link(
        a=a.id,
        b=b.id,
        kind="repost",
        related=0.9984,
        direction=Direction(a_to_b=0.9, b_to_a=0.02, common_source=0.08),
        overlap=Overlap(jaccard=0.94, containment_a=0.99, containment_b=0.95),
        spans=(AlignedSpan(a=(0, len(a.text)), b=(2, len(b.text))),) * 10,
        evidence=(
            Evidence(type="credit", text="لندن - رويترز", weight=4.0, toward="a_to_b", doc="a"),
        ),
    )
    view = link_view(link, (a.text, b.text))
    assert "repost\x1b[0m, related 0.998" in view
    assert "99% of the first, 95% of the second" in view
    assert "first to second 0.90, second to first 0.02, common source 0.08" in view
    assert f"credit in {FSI}a{PDI}: {FSI}لندن - رويترز{PDI} (+4.0 for a_to_b)" in view
    assert f"[0, {len(a.text)}] = [2, {len(b.text)}]  verbatim" in view
    assert "and 2 more" in view
