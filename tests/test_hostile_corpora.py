"""Corpora that nobody would collect: identifiers, dates and texts of every kind, and far too many copies."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from time import process_time

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provenance
from provenance.lineage.graph import draw_story
from provenance.model import Article, ArticleId, Mention
from provenance.text.furniture import find_furniture

WIRE = (
    "LONDON (Reuters) - The harbor board closed both northern piers on Monday after divers found "
    "cracks below the water line, and said that ferries would leave from the old fish market until "
    "engineers had finished their work, which the mayor expects to last until spring."
)
IDS = [
    "a", "A", "", "../../x", "a b", "a#b", "%zz", "<script>alert(1)</script>", '"q"', "x" * 3000,
    "line\nbreak", "wire:reuters", "wire::reuters", "page:a", "source:1", "\N{RIGHT-TO-LEFT OVERRIDE}",
    "half \ud83d", "\0", "_:r1", "common_source",
]  # fmt: skip
DATES = [
    "", "2024-03-01", "2024-03-02T10:00:00+03:00", "0000-01-01", "0001-01-01T00:00:00+14:00",
    "9999-12-31", "9999-12-31T23:59:59-12:00", "99999-01-01", "2026-02-30", "2024", "1709251200",
]  # fmt: skip
PIECES = [
    "\ud800", "\0", "\N{ZERO WIDTH NO-BREAK SPACE}", "[ad_1]", "<script>alert(2)</script>", "]]>",
    "today, Wednesday", "since 2022", "last August", "\N{COMBINING ACUTE ACCENT}" * 30, "\n\n", "Share\n",
]  # fmt: skip


@st.composite
def hostile_articles(draw: st.DrawFn) -> list[Article]:
    """Copies and parts of one report, damaged, under odd names."""
    found = []
    for name in draw(st.lists(st.sampled_from(IDS), max_size=7, unique=True)):
        words = WIRE.split(" ")
        for piece in draw(st.lists(st.sampled_from(PIECES), max_size=3)):
            words.insert(draw(st.integers(0, len(words))), piece)
        words = words[: draw(st.sampled_from([0, 1, 20, len(words)]))]
        text = " ".join(words)
        found.append(
            Article(
                id=ArticleId(name),
                text=text,
                title=draw(st.sampled_from(["", text, "Piers closed | <b>The Bay</b>"])),
                byline=draw(st.sampled_from(["", "Reuters", "By A. Smith"])),
                publisher=draw(st.sampled_from(["", "Reuters", "<b>Bay & Co</b>", "A\nB"])),
                published=draw(st.sampled_from(DATES)),
                fetched=draw(st.sampled_from(DATES)),
                language=draw(st.sampled_from(["", "en", "zz", "x" * 200, "<i>"])),
            )
        )
    return found


@settings(max_examples=40, deadline=None)
@given(articles=hostile_articles(), seed=st.integers(0, 99))
def test_any_corpus_is_traced_and_written(
    tmp_path_factory: pytest.TempPathFactory, articles: list[Article], seed: int
) -> None:
    """The order of the input leaves no trace in the bytes; nothing points outside its text."""
    turned = list(articles)
    Random(seed).shuffle(turned)
    written = []
    for corpus in (articles, turned):
        folder = tmp_path_factory.mktemp("trace")
        found = provenance.trace(corpus)
        found.write(folder)
        written.append(
            {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "run.json"}
        )
    assert written[0] == written[1]
    by_id = {article.id: article for article in articles}
    for mention in found.mentions:
        assert getattr(by_id[mention.id], mention.field)[slice(*mention.span)] == mention.text
    for link in found.links:
        for span in link.spans:
            assert 0 <= span.a[0] < span.a[1] <= len(by_id[link.a].text)
            assert 0 <= span.b[0] < span.b[1] <= len(by_id[link.b].text)
    for story in found.stories:
        names = [node.node for node in story.nodes]
        assert len(names) == len(set(names))
        assert 1 <= story.independent_sources <= len(names)
        assert all(edge.parent != edge.child for edge in story.edges)
    page = written[0]["report.html"].decode()
    assert "<script>alert" not in page
    assert "<b>" not in page.replace("<b>story</b>", "").replace("<b>dashed box</b>", "").replace(
        "<b>Independent sources</b>", ""
    )
    for line in written[0]["links.jsonl"].splitlines():
        orjson.loads(line)


@settings(max_examples=40, deadline=None)
@given(articles=hostile_articles())
def test_deduping_twice_removes_nothing_more(articles: list[Article]) -> None:
    """What is kept is a part of the input, in its order, and has no copies left."""
    kept = list(provenance.dedupe(articles))
    rest = iter(articles)
    assert all(any(one is other for other in rest) for one in kept)
    assert list(provenance.dedupe(kept)) == kept


@settings(max_examples=40, deadline=None)
@given(articles=hostile_articles())
def test_comparing_does_not_depend_on_the_side(articles: list[Article]) -> None:
    """Either order gives the same link."""
    for one, other in pairwise(articles):
        assert provenance.compare(one, other) == provenance.compare(other, one)


def test_the_prov_library_reads_any_identifier(tmp_path: Path) -> None:
    """Every article is an entity under its own name."""
    model = pytest.importorskip("prov.model")
    articles = [Article(id=ArticleId(name), text=WIRE) for name in IDS]
    provenance.trace(articles).write(tmp_path)
    read = model.ProvDocument.deserialize(tmp_path / "lineage.prov.json", format="json")
    entities = {
        str(entity.identifier)
        for bundle in read.bundles
        for entity in bundle.get_records(model.ProvEntity)
        if str(entity.identifier).startswith("doc:")
    }
    assert len(entities) == len(IDS)


def test_an_article_may_be_called_like_a_wire_item() -> None:
    """The item that nobody collected then has another name."""
    (story,) = provenance.trace([Article(id=ArticleId("wire:reuters"), text=WIRE)]).stories
    assert [(node.node, node.agency) for node in story.nodes] == [
        ("wire:reuters", None),
        ("wire::reuters", "reuters"),
    ]
    assert [(edge.parent, edge.child) for edge in story.edges] == [
        ("wire::reuters", "wire:reuters")
    ]


def _copies(count: int, *, chained: bool) -> list[Article]:
    """Copies of one credited text, each dated; in a chain each has four words of its own."""
    random = Random(1)
    words = [f"w{random.randrange(10**6)}" for _ in range(40)]
    start = datetime(2024, 3, 1)
    found = []
    for number in range(count):
        found.append(
            Article(
                id=ArticleId(f"d{random.randrange(10**9)}-{number}"),
                text="LONDON (Reuters) - " + " ".join(words),
                publisher=f"paper {number % 20}",
                published=(start + timedelta(minutes=10 * number)).isoformat(),
                language="en",
            )
        )
        if chained:
            words = words[4:] + [f"w{random.randrange(10**6)}" for _ in range(4)]
    return found


@pytest.mark.parametrize("chained", [False, True], ids=["identical", "in a chain"])
def test_a_large_cluster_is_drawn_in_time_by_its_size(chained: bool) -> None:
    """Four times the copies take four times the seconds, not sixteen; the bar leaves room for noise."""
    seconds = []
    for count in (500, 2000):
        found = provenance.trace(_copies(count, chained=chained))
        mentions: dict[ArticleId, list[Mention]] = {}
        for mention in found.mentions:
            mentions.setdefault(mention.id, []).append(mention)
        since = process_time()
        story = draw_story(
            "s", found.articles, found.links, mentions, found.dates, masks=found.masks
        )
        seconds.append(process_time() - since)
        assert len(story.members) == count
        assert len(story.edges) >= count - 1
    assert seconds[1] < 9 * seconds[0]


def test_titles_equal_to_texts_are_borne() -> None:
    """A scraper that puts the text into the title takes nothing away from it."""
    articles = [
        Article(id=ArticleId(name), text=WIRE, title=WIRE, publisher=name) for name in ("a", "b")
    ]
    assert provenance.compare(*articles) is not None
    assert not find_furniture(WIRE, title=WIRE)
