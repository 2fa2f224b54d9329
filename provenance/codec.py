"""Records as plain dictionaries, in the published forms, and back.

Keys and their order are a promise (``docs/records.md``).  Probabilities are rounded to four digits so
that the same result prints the same bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from provenance.model import (
    AlignedSpan,
    Article,
    ArticleId,
    Direction,
    DocumentOrigins,
    Edge,
    Evidence,
    Link,
    Mention,
    Node,
    Origin,
    Overlap,
    Story,
)

__all__ = [
    "article_to_record",
    "link_from_record",
    "link_to_record",
    "mention_from_record",
    "mention_to_record",
    "story_from_record",
    "story_to_record",
]

Record = dict[str, Any]

#: Digits of a printed probability: more would show rounding of the machine, fewer would hide 0.995.
_DIGITS = 4


def _round(number: float) -> float:
    return round(float(number), _DIGITS)


def article_to_record(article: Article) -> Record:
    """Return the article with its empty fields left out and its extra keys at the end."""
    fields = ("id", "title", "byline", "publisher", "url", "published", "fetched", "language")
    record: Record = {name: getattr(article, name) for name in fields if getattr(article, name)}
    # A renamed input may hold a key of its own that is called like a field: the field stands.
    return {
        **record,
        "text": article.text,
        **{k: v for k, v in article.extra.items() if k not in (*fields, "text")},
    }


def mention_to_record(mention: Mention) -> Record:
    """Return the line of ``mentions.jsonl``; `field` is written only where it is not the text."""
    record: Record = {
        "id": mention.id,
        "agency": mention.agency,
        "role": mention.role,
        "zone": mention.zone,
        "span": list(mention.span),
        "text": mention.text,
        "rule": mention.rule,
        "weight": _round(mention.weight),
        "language": mention.language,
    }
    if mention.field != "text":
        record["field"] = mention.field
    return record


def mention_from_record(record: Mapping[str, Any]) -> Mention:
    """Read a line of ``mentions.jsonl``."""
    return Mention(
        id=ArticleId(record["id"]),
        agency=record["agency"],
        role=record["role"],
        zone=record["zone"],
        span=_span(record["span"]),
        text=record["text"],
        rule=record["rule"],
        weight=record["weight"],
        language=record.get("language", ""),
        field=record.get("field", "text"),
    )


def link_to_record(link: Link) -> Record:
    """Return the line of ``links.jsonl``."""
    return {
        "a": link.a,
        "b": link.b,
        "kind": link.kind,
        "related": _round(link.related),
        "direction": {
            "a_to_b": _round(link.direction.a_to_b),
            "b_to_a": _round(link.direction.b_to_a),
            "common_source": _round(link.direction.common_source),
        },
        "overlap": {
            "jaccard": _round(link.overlap.jaccard),
            "containment_a": _round(link.overlap.containment_a),
            "containment_b": _round(link.overlap.containment_b),
        },
        "spans": [{"a": list(s.a), "b": list(s.b), "view": s.view} for s in link.spans],
        "evidence": [_evidence_to_record(item) for item in link.evidence],
    }


def link_from_record(record: Mapping[str, Any]) -> Link:
    """Read a line of ``links.jsonl``."""
    return Link(
        a=ArticleId(record["a"]),
        b=ArticleId(record["b"]),
        kind=record["kind"],
        related=record["related"],
        direction=Direction(**record["direction"]),
        overlap=Overlap(**record["overlap"]),
        spans=tuple(
            AlignedSpan(a=_span(s["a"]), b=_span(s["b"]), view=s["view"]) for s in record["spans"]
        ),
        evidence=tuple(_evidence_from_record(item) for item in record["evidence"]),
    )


def story_to_record(story: Story) -> Record:
    """Return the line of ``stories.jsonl``."""
    return {
        "story": story.story,
        "members": list(story.members),
        "interval": list(story.interval),
        "nodes": [_node_to_record(node) for node in story.nodes],
        "edges": [_edge_to_record(edge) for edge in story.edges],
        "documents": [_document_to_record(document) for document in story.documents],
        "independent_sources": story.independent_sources,
    }


def story_from_record(record: Mapping[str, Any]) -> Story:
    """Read a line of ``stories.jsonl``."""
    return Story(
        story=record["story"],
        members=tuple(ArticleId(member) for member in record["members"]),
        interval=_pair(record["interval"]),
        nodes=tuple(
            Node(node=n["node"], type=n["type"], agency=n.get("agency")) for n in record["nodes"]
        ),
        edges=tuple(
            Edge(
                parent=e["parent"],
                child=e["child"],
                kind=e["kind"],
                probability=e["probability"],
                directed=e.get("directed", True),
                evidence=tuple(_evidence_from_record(item) for item in e["evidence"]),
            )
            for e in record["edges"]
        ),
        documents=tuple(_document_from_record(d) for d in record["documents"]),
        independent_sources=record["independent_sources"],
    )


def _span(pair: Any) -> tuple[int, int]:
    start, end = pair
    return (int(start), int(end))


def _pair(pair: Any) -> tuple[str, str]:
    first, last = pair
    return (str(first), str(last))


def _evidence_to_record(item: Evidence) -> Record:
    record: Record = {"type": item.type}
    if item.doc:
        record["doc"] = item.doc
    if item.span is not None:
        record["span"] = list(item.span)
    return {**record, "text": item.text, "weight": _round(item.weight), "for": item.toward}


def _evidence_from_record(record: Mapping[str, Any]) -> Evidence:
    return Evidence(
        type=record["type"],
        doc=record.get("doc", ""),
        span=_span(record["span"]) if "span" in record else None,
        text=record["text"],
        weight=record["weight"],
        toward=record["for"],
    )


def _node_to_record(node: Node) -> Record:
    record: Record = {"node": node.node, "type": node.type}
    if node.agency is not None:
        record["agency"] = node.agency
    return record


def _edge_to_record(edge: Edge) -> Record:
    record: Record = {
        "parent": edge.parent,
        "child": edge.child,
        "kind": edge.kind,
        "probability": _round(edge.probability),
    }
    if not edge.directed:
        record["directed"] = False
    return {**record, "evidence": [_evidence_to_record(item) for item in edge.evidence]}


def _document_to_record(document: DocumentOrigins) -> Record:
    return {
        "id": document.id,
        "origins": [
            {"agency": o.agency, "probability": _round(o.probability), "basis": o.basis}
            for o in document.origins
        ],
        "published": list(document.published),
        "own_share": _round(document.own_share),
    }


def _document_from_record(record: Mapping[str, Any]) -> DocumentOrigins:
    return DocumentOrigins(
        id=ArticleId(record["id"]),
        origins=tuple(
            Origin(agency=o["agency"], probability=o["probability"], basis=cast(Any, o["basis"]))
            for o in record["origins"]
        ),
        published=_pair(record.get("published", ("", ""))),
        own_share=record.get("own_share", 1.0),
    )
