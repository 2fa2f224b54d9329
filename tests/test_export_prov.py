"""PROV-JSON that the reference library reads, writes back, and that says what the story says."""

from __future__ import annotations

import io
import json

import pytest

from provenance.export.prov_json import render_prov
from provenance.model import (
    Article,
    ArticleId,
    DocumentOrigins,
    Edge,
    EdgeKind,
    Evidence,
    Node,
    Origin,
    Story,
)

prov = pytest.importorskip("prov.model")

TEXT = "ذكرت وكالة الأنباء أن العبارة توقفت"
SAID = Evidence(
    type="official_agency_as_source",
    doc="b c",
    span=(5, 18),
    text=TEXT[5:18],
    weight=-0.5,
    toward="x",
)
KINDS: tuple[EdgeKind, ...] = (
    "repost",
    "excerpt",
    "rewrite",
    "update",
    "translation",
    "common_source",
    "compilation",
    "cites",
)


def story(*edges: Edge, name: str = "s-1") -> Story:
    hidden = sorted({e.parent for e in edges} - {"a", "b c"})
    return Story(
        story=name,
        members=(ArticleId("a"), ArticleId("b c")),
        nodes=(
            Node(node="a", type="document"),
            Node(node="b c", type="document"),
            *(Node(node=n, type="unobserved", agency=n.partition(":")[2]) for n in hidden),
        ),
        edges=edges,
        documents=(
            DocumentOrigins(id=ArticleId("a"), published=("2024-05-06", "2024-05-07")),
            DocumentOrigins(
                id=ArticleId("b c"),
                origins=(Origin(agency="kcna", probability=0.75, basis="own credit"),),
                own_share=0.25,
            ),
        ),
        independent_sources=1,
    )


ARTICLES = [
    Article(id=ArticleId("b c"), text=TEXT, publisher="صحيفة «الساحل» 1/2", language="ar"),
    Article(
        id=ArticleId("a"),
        text=TEXT,
        title="عنوان",
        publisher="Tide Sheet",
        url="https://t.example/1",
    ),
]


def edge(kind: EdgeKind, parent: str = "wire:kcna", *, directed: bool = True) -> Edge:
    return Edge(
        parent=parent,
        child="b c",
        kind=kind,
        probability=0.875,
        directed=directed,
        evidence=(SAID,),
    )


def read(value: object) -> prov.ProvDocument:
    text = json.dumps(value, ensure_ascii=False)
    return prov.ProvDocument.deserialize(content=text, format="json")


@pytest.mark.parametrize("kind", KINDS)
def test_reference_library_reads_every_kind(kind: EdgeKind) -> None:
    """Every kind of edge survives reading and writing by the reference library."""
    document = read(render_prov([story(edge(kind))], ARTICLES))
    again = prov.ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
    assert document == again
    assert len(list(document.bundles)) == 1
    document.unified()  # raises where two records of one name disagree


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("repost", prov.PROV["Quotation"]),
        ("excerpt", prov.PROV["Quotation"]),
        ("update", prov.PROV["Revision"]),
    ],
)
def test_kinds_that_prov_knows_carry_its_type(kind: EdgeKind, expected: object) -> None:
    """A copy is a quotation and a later version a revision, in PROV's own words."""
    (derivation,) = derivations(kind)
    assert expected in derivation.get_asserted_types()


def derivations(kind: EdgeKind) -> list[prov.ProvDerivation]:
    (bundle,) = read(render_prov([story(edge(kind))], ARTICLES)).bundles
    return list(bundle.get_records(prov.ProvDerivation))


def test_confidence_and_evidence_are_attributes() -> None:
    """The derivation carries kind, probability and the reasons, in our own namespace."""
    (derivation,) = derivations("rewrite")
    found = {str(name): value for name, value in derivation.attributes}
    assert found["nl:kind"] == "rewrite"
    assert found["nl:confidence"] == 0.875
    reason = json.loads(found["nl:evidence"])
    assert (reason["span"], reason["for"]) == ([5, 18], "x")


def test_translation_is_an_activity() -> None:
    """PROV has no word for translation; an activity of ours does it."""
    (bundle,) = read(render_prov([story(edge("translation"))], ARTICLES)).bundles
    (activity,) = bundle.get_records(prov.ProvActivity)
    assert [str(t) for t in activity.get_asserted_types()] == ["nl:Translation"]
    (derivation,) = bundle.get_records(prov.ProvDerivation)
    assert activity.identifier in dict(derivation.formal_attributes).values()


def test_undirected_pair_is_alternate() -> None:
    """A match without a known way is symmetric in PROV too."""
    value = render_prov([story(edge("repost", "a", directed=False))], ARTICLES)
    (bundle,) = read(value).bundles
    assert len(list(bundle.get_records(prov.ProvAlternate))) == 1
    assert not list(bundle.get_records(prov.ProvDerivation))
    entities = value["bundle"]["story:s-1"]["entity"]
    said = json.loads(entities["doc:b%20c"]["nl:undirected"][0])
    assert (said["with"], said["kind"], said["probability"]) == ("a", "repost", 0.875)


def test_cited_report_is_influence_and_its_passage_has_a_source() -> None:
    """Citing is not deriving; the passage that an official agency stands for has it as source."""
    value = render_prov([story(edge("cites"))], ARTICLES)
    (bundle,) = read(value).bundles
    assert len(list(bundle.get_records(prov.ProvInfluence))) == 1
    entities = value["bundle"]["story:s-1"]["entity"]
    assert entities["doc:b%20c.5-18"]["prov:value"] == TEXT[5:18]
    assert not any(
        d.get("prov:generatedEntity") == "doc:b%20c"
        for d in value["bundle"]["story:s-1"]["wasDerivedFrom"].values()
    )


def test_outlets_and_agencies_are_agents() -> None:
    """Documents belong to their outlets, unseen wire items to their agencies."""
    (bundle,) = read(render_prov([story(edge("repost"))], ARTICLES)).bundles
    labels = {
        str(next(iter(agent.get_attribute("prov:label"))))
        for agent in bundle.get_records(prov.ProvAgent)
    }
    assert labels == {"صحيفة «الساحل» 1/2", "Tide Sheet", "kcna"}
    assert len(list(bundle.get_records(prov.ProvAttribution))) == 3


def test_one_bundle_a_story_in_any_order() -> None:
    """The same stories and articles in any order give the same bytes."""
    stories = [story(edge("repost"), name="s-2"), story(name="s-1")]
    first = json.dumps(render_prov(stories, ARTICLES))
    assert first == json.dumps(render_prov(stories[::-1], ARTICLES[::-1]))
    assert list(json.loads(first)["bundle"]) == ["story:s-1", "story:s-2"]


def test_no_story_is_a_document_too() -> None:
    """An empty trace gives an empty document, which the library reads."""
    assert not list(read(render_prov([], [])).bundles)


def test_written_by_the_library_as_provn() -> None:
    """The document can be shown in PROV's own notation."""
    stream = io.StringIO()
    read(render_prov([story(edge("repost"))], ARTICLES)).serialize(stream, format="provn")
    assert "wasDerivedFrom" in stream.getvalue()
