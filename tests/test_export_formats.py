"""GraphML, DOT, CSV and JSON-LD say what the story says, and other programs read them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import provenance
from provenance.cli.export import export_command
from provenance.cli.session import Session
from provenance.export.graphs import render_dot, render_graphml
from provenance.export.jsonld import render_jsonld
from provenance.export.prov_json import articles_in, render_prov
from provenance.export.tables import render_edges, render_mentions
from provenance.model import (
    Article,
    ArticleId,
    DocumentOrigins,
    Edge,
    Evidence,
    Mention,
    Node,
    Origin,
    Story,
)

CREDIT = Evidence(type="credit", doc="b", text="(واس)", weight=4.0, toward="wire:spa")
DATE = Evidence(type="date", text="a before b", weight=-4.0, toward="a")

ARTICLES = (
    Article(
        id=ArticleId("a"),
        text="نص",
        title='عنوان "أول" <مهم>',
        publisher="صحيفة المرسى",
        url="https://a.example/1",
        published="2024-05-06",
        language="ar",
    ),
    Article(id=ArticleId("b"), text="نص (واس)", publisher="صحيفة الميناء"),
)
SAID = Mention(
    id=ArticleId("b"),
    agency="spa",
    role="syndicated_copy",
    zone="tail",
    span=(3, 8),
    text="(واس)",
    rule="test",
    weight=4.0,
)


def story(*edges: Edge, name: str = "s-1") -> Story:
    return Story(
        story=name,
        members=(ArticleId("a"), ArticleId("b")),
        nodes=(
            Node(node="a", type="document"),
            Node(node="b", type="document"),
            Node(node="wire:spa", type="unobserved", agency="spa"),
        ),
        edges=edges,
        documents=(
            DocumentOrigins(id=ArticleId("a")),
            DocumentOrigins(
                id=ArticleId("b"),
                origins=(Origin(agency="spa", probability=0.98, basis="own credit"),),
            ),
        ),
    )


TAKEN = Edge(parent="wire:spa", child="b", kind="repost", probability=0.98, evidence=(CREDIT, DATE))
PAIR = Edge(parent="a", child="b", kind="excerpt", probability=0.7, directed=False)


def graph_of(text: str) -> object:
    networkx = pytest.importorskip("networkx")
    return networkx.parse_graphml(text)


def test_graphml_is_read_by_networkx() -> None:
    """Nodes and edges come back with what is known of them."""
    networkx = pytest.importorskip("networkx")
    graph = networkx.parse_graphml(render_graphml([story(TAKEN)], ARTICLES))
    assert graph.nodes["s-1/a"]["label"] == ARTICLES[0].title
    assert graph.nodes["s-1/wire:spa"] == {
        "story": "s-1", "type": "unobserved", "label": "wire:spa", "agency": "spa",
    }  # fmt: skip
    edge = next(iter(graph.edges(data=True)))
    assert edge[:2] == ("s-1/wire:spa", "s-1/b")
    assert (edge[2]["kind"], edge[2]["probability"]) == ("repost", 0.98)


def test_unknown_way_is_no_arrow() -> None:
    """A pair without a direction is told as one in either format, and not in JSON-LD."""
    assert 'directed="false"' in render_graphml([story(PAIR)], ARTICLES)
    assert "dir=none" in render_dot([story(PAIR)], ARTICLES)
    works = render_jsonld([story(PAIR)], ARTICLES)["@graph"]
    assert not any("isBasedOn" in work for work in works)


@given(st.text(st.characters(codec=None), max_size=20))
def test_any_title_is_well_formed(title: str) -> None:
    """Control characters, quotation marks and halves of characters break neither format."""
    article = Article(id=ArticleId("a"), text="", title=title)
    graph_of(render_graphml([story(TAKEN)], [article]))
    dot = render_dot([story(TAKEN)], [article])
    assert dot.count("{") - title.count("{") == dot.count("}") - title.count("}")


def test_dot_has_a_frame_a_story() -> None:
    """Two stories do not share a node, though both have one of the same agency."""
    dot = render_dot([story(TAKEN), story(TAKEN, name="s-2")], ARTICLES)
    assert dot.count("subgraph cluster_") == 2
    assert '"s-1/wire:spa" -> "s-1/b"' in dot
    assert '"s-2/wire:spa" -> "s-2/b"' in dot


def rows(lines: Sequence[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


def test_tables() -> None:
    """One row an edge, with kinds of reasons for and against; one row a mention."""
    edges = rows(list(render_edges([story(TAKEN, PAIR)])))
    assert [row["directed"] for row in edges] == ["yes", "no"]
    assert (edges[0]["for"], edges[0]["against"]) == ("credit date", "")
    mentions = rows(list(render_mentions([SAID])))
    assert (mentions[0]["text"], mentions[0]["start"], mentions[0]["end"]) == ("(واس)", "3", "8")


def test_jsonld_says_whose_text_it_is() -> None:
    """The source of a document, its credit as printed, and the agency."""
    works = {w["@id"]: w for w in render_jsonld([story(TAKEN)], ARTICLES, [SAID])["@graph"]}
    copy = works["urn:news-provenance:document:b"]
    assert copy["isBasedOn"] == [{"@id": "urn:news-provenance:item:s-1:wire%3Aspa"}]
    assert copy["creditText"] == "(واس)"
    assert copy["sourceOrganization"]["name"] == "spa"
    assert works["https://a.example/1"]["headline"] == ARTICLES[0].title


def test_translation_has_its_own_property() -> None:
    """What a document translates is no mere basis."""
    edge = Edge(parent="a", child="b", kind="translation", probability=0.9)
    works = render_jsonld([story(edge)], ARTICLES)["@graph"]
    assert works[1]["translationOfWork"] == [{"@id": "https://a.example/1"}]
    assert "isBasedOn" not in works[1]


def test_articles_come_back_from_prov() -> None:
    """What a trace keeps of its articles is read from its PROV document."""
    found = {a.id: a for a in articles_in(render_prov([story(TAKEN)], ARTICLES))}
    assert found[ArticleId("a")].url == ARTICLES[0].url
    assert found[ArticleId("a")].title == ARTICLES[0].title
    assert found[ArticleId("b")].publisher == ARTICLES[1].publisher


@pytest.mark.parametrize("format_", ["graphml", "dot", "csv", "jsonld"])
def test_command_writes_what_it_prints(
    format_: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Standard output and a file get the same."""
    folder = tmp_path_factory.mktemp("trace")
    provenance.trace(ARTICLES).write(folder)
    target = folder / "out"
    arguments = [str(folder), "--format", format_]
    printed = CliRunner().invoke(export_command, arguments, obj=Session())
    assert printed.exit_code == 0
    written = CliRunner().invoke(export_command, [*arguments, "-o", str(target)], obj=Session())
    assert written.exit_code == 0
    assert target.read_bytes().decode() == printed.stdout_bytes.decode()
    if format_ == "jsonld":
        assert len(json.loads(printed.stdout)["@graph"]) == 3  # two documents and the unseen item
