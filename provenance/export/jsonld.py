"""Lineage as schema.org JSON-LD: one ``NewsArticle`` a document, one ``CreativeWork`` an unseen source.

``isBasedOn`` leads to what a document took from, ``translationOfWork`` to what it translates, ``citation``
to what it only reports.  ``creditText`` is the agency as the text credits it, ``sourceOrganization`` the
agency whose text it is likelier than not.  Works are named by their address where they have one, else by
``urn:news-provenance:...``.

Limits: schema.org has no word for a probability or an unknown direction: only arrows that are likelier than
not are written, and pairs without a known way are left out.  PROV-JSON has both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from provenance.model import Article, ArticleId, DocumentOrigins, Mention, Story

__all__ = ["render_jsonld"]

Record = dict[str, Any]

_LIKELY = 0.5

_PROPERTIES = {"translation": "translationOfWork", "cites": "citation"}

_CREDITS = frozenset({"syndicated_copy", "agency_staff_credit", "agency_end_marker"})


def render_jsonld(
    stories: Iterable[Story], articles: Iterable[Article], mentions: Iterable[Mention] = ()
) -> Record:
    """Return the JSON-LD value for some stories.

    Args:
        stories: In any order.
        articles: The members' articles; others are passed over.
        mentions: Credits of the members, for ``creditText``.
    """
    known = {article.id: article for article in articles}
    printed: dict[ArticleId, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.role in _CREDITS:
            printed[mention.id].append(mention)
    graph: list[Record] = []
    for story in sorted(stories, key=lambda story: story.story):
        graph += _works(story, known, printed)
    return {"@context": "https://schema.org", "@graph": graph}


def _works(
    story: Story,
    known: Mapping[ArticleId, Article],
    printed: Mapping[ArticleId, Sequence[Mention]],
) -> list[Record]:
    address = {node.node: _address(story, node.node, node.type, known) for node in story.nodes}
    sources: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for edge in story.edges:
        if edge.directed and edge.probability >= _LIKELY:
            name = _PROPERTIES.get(edge.kind, "isBasedOn")
            sources[edge.child][name].append({"@id": address[edge.parent]})
    works = []
    documents = {document.id: document for document in story.documents}
    for node in story.nodes:
        work: Record = {"@id": address[node.node]}
        if node.type == "document":
            member = ArticleId(node.node)
            work |= _article(
                member, known.get(member), documents.get(member), printed.get(member, ())
            )
        else:
            work |= {"@type": "CreativeWork", "name": node.node}
            if node.agency:
                work["sourceOrganization"] = _organization(node.agency)
        works.append(work | sources.get(node.node, {}))
    return works


def _article(
    member: ArticleId,
    article: Article | None,
    document: DocumentOrigins | None,
    printed: Sequence[Mention],
) -> Record:
    work: Record = {"@type": "NewsArticle", "identifier": member}
    if article:
        told = {
            "headline": article.title,
            "url": article.url,
            "inLanguage": article.language,
            "datePublished": article.published,
        }
        work |= {name: value for name, value in told.items() if value}
        if article.publisher:
            work["publisher"] = _organization(article.publisher)
    if printed:
        work["creditText"] = max(
            printed, key=lambda mention: (mention.weight, -mention.span[0])
        ).text
    best = document.origins[0] if document and document.origins else None
    if best and best.agency and best.probability >= _LIKELY:
        work["sourceOrganization"] = _organization(best.agency)
    return work


def _organization(name: str) -> Record:
    return {"@type": "NewsMediaOrganization", "name": name}


def _address(story: Story, node: str, type_: str, known: Mapping[ArticleId, Article]) -> str:
    """Where a work is, or a name for it; an address only once, or two documents would be one work."""
    if type_ == "document":
        article = known.get(ArticleId(node))
        if article and article.url and sum(known[m].url == article.url for m in story.members if m in known) == 1:  # fmt: skip
            return article.url
        return f"urn:news-provenance:document:{_local(node)}"
    return f"urn:news-provenance:item:{_local(story.story)}:{_local(node)}"


def _local(name: str) -> str:
    return quote(name, safe="", errors="surrogatepass")
