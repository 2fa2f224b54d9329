"""Lineage as W3C PROV-JSON: one bundle a story.

A document is an entity attributed to its outlet, an uncollected wire item an entity attributed to
its agency.  "Took from" is a qualified ``wasDerivedFrom`` with the kind, the probability and every
reason as attributes of our own namespace, because PROV has no word for them; a quotation or a later
version carries PROV's own type besides.  A translation derives through an activity.  A pair without
a known way is ``alternateOf``, which PROV keeps free of attributes, so what is known about the pair
stands on the two documents.  Reports that are only cited are ``wasInfluencedBy``; where the agency is
itself the first source of a fact, the citing passage is an entity with a primary source.

Limits: read-only; PROV cannot say "one of two", so every edge is stated and carries its probability.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from provenance.codec import story_to_record
from provenance.model import Article, ArticleId, Story

__all__ = ["articles_in", "render_prov"]

Record = dict[str, Any]

#: Ours; the last part changes when a term changes its meaning.
NAMESPACE = "urn:news-provenance:lineage:1#"

_PREFIXES = {
    "nl": NAMESPACE,
    "doc": "urn:news-provenance:document:",
    "item": "urn:news-provenance:item:",
    "agent": "urn:news-provenance:agent:",
    "story": "urn:news-provenance:story:",
    "schema": "https://schema.org/",
}

#: PROV's own word for a kind, where it has one.
_PROV_TYPES = {
    "repost": "prov:Quotation",
    "excerpt": "prov:Quotation",
    "update": "prov:Revision",
}


def render_prov(stories: Sequence[Story], articles: Iterable[Article]) -> Record:
    """Return the PROV-JSON value for some stories.

    Args:
        stories: Each becomes one bundle, in the order of its name.
        articles: The members' articles; others are passed over.

    Returns:
        A value for a JSON writer; the same for the same input in any order.
    """
    known = {article.id: article for article in articles}
    bundles = {
        f"story:{_local(story.story)}": _Bundle(story, known).render()
        for story in sorted(stories, key=lambda story: story.story)
    }
    return (
        {"prefix": dict(_PREFIXES), "bundle": bundles} if bundles else {"prefix": dict(_PREFIXES)}
    )


def articles_in(value: Mapping[str, Any]) -> list[Article]:
    """Return what a PROV-JSON value of this module tells of the collected articles; their text is empty."""
    found = []
    for bundle in value.get("bundle", {}).values():
        outlets = {
            relation["prov:entity"]: bundle["agent"][relation["prov:agent"]]["prov:label"]
            for relation in bundle.get("wasAttributedTo", {}).values()
        }
        for name, fields in bundle.get("entity", {}).items():
            if fields.get("prov:type") != _name("nl:Document"):
                continue
            label = fields["prov:label"]
            found.append(
                Article(
                    id=ArticleId(fields["nl:id"]),
                    text="",
                    title=label if label != fields["nl:id"] else "",
                    publisher=outlets.get(name, ""),
                    url=fields.get("prov:location", ""),
                    published=_day(fields),
                    language=fields.get("schema:inLanguage", ""),
                )
            )
    return found


def _day(fields: Record) -> str:
    """The day of publication, if the interval is a single day."""
    days = {fields[name]["$"] if name in fields else "" for name in ("nl:earliest", "nl:latest")}
    return days.pop() if len(days) == 1 else ""


def _local(name: str) -> str:
    """Return `name` as the local part of a qualified name: everything unusual percent-encoded."""
    return quote(name, safe="", errors="surrogatepass")


def _typed(value: float) -> Record:
    return {"$": repr(value), "type": "xsd:double"}


def _name(qualified: str) -> Record:
    return {"$": qualified, "type": "prov:QUALIFIED_NAME"}


class _Bundle:
    """One story, relation by relation."""

    def __init__(self, story: Story, articles: Mapping[ArticleId, Article]) -> None:
        self._story = story
        self._record = story_to_record(story)
        self._articles = articles
        self._unobserved = {n.node for n in story.nodes if n.type == "unobserved"}
        self._out: dict[str, Record] = defaultdict(dict)
        self._count = 0

    def render(self) -> Record:
        for document in self._record["documents"]:
            self._document(document)
        for node in self._record["nodes"]:
            if node["type"] == "unobserved":
                self._unseen(node)
        for edge in self._record["edges"]:
            self._edge(edge)
        return dict(self._out)

    def _entity(self, node: str) -> str:
        if node in self._unobserved:
            return f"item:{_local(self._story.story)}.{_local(node)}"
        return f"doc:{_local(node)}"

    def _relate(self, relation: str, **fields: Any) -> None:
        self._count += 1
        self._out[relation][f"_:r{self._count}"] = {
            name.replace("_", ":", 1): value for name, value in fields.items()
        }

    def _agent(self, kind: str, name: str) -> str:
        agent = f"agent:{kind}.{_local(name)}"
        self._out["agent"][agent] = {"prov:type": _name("prov:Organization"), "prov:label": name}
        return agent

    def _document(self, document: Record) -> None:
        article = self._articles.get(ArticleId(document["id"]))
        entity = self._entity(document["id"])
        fields: Record = {
            "prov:type": _name("nl:Document"),
            "prov:label": (article.title if article else "") or document["id"],
            "nl:id": document["id"],
            "nl:ownShare": _typed(document["own_share"]),
        }
        if document["origins"]:
            fields["nl:origin"] = _json(document["origins"])
        for name, day in zip(("nl:earliest", "nl:latest"), document["published"], strict=True):
            if day:
                fields[name] = {"$": day, "type": "xsd:date"}
        if article and article.language:
            fields["schema:inLanguage"] = article.language
        if article and article.url:
            fields["prov:location"] = article.url
        self._out["entity"][entity] = fields
        if article and article.publisher:
            outlet = self._agent("outlet", article.publisher)
            self._relate("wasAttributedTo", prov_entity=entity, prov_agent=outlet)

    def _unseen(self, node: Record) -> None:
        entity = self._entity(node["node"])
        self._out["entity"][entity] = {
            "prov:type": _name("nl:Unobserved"),
            "prov:label": node["node"],
            "nl:id": node["node"],
        }
        if node.get("agency"):
            agency = self._agent("agency", node["agency"])
            self._relate("wasAttributedTo", prov_entity=entity, prov_agent=agency)

    def _edge(self, edge: Record) -> None:
        parent, child = self._entity(edge["parent"]), self._entity(edge["child"])
        about: Record = {
            "nl:kind": edge["kind"],
            "nl:confidence": _typed(edge["probability"]),
            "nl:evidence": _json(edge["evidence"]),
        }
        if not edge.get("directed", True):
            self._relate("alternateOf", prov_alternate1=parent, prov_alternate2=child)
            for entity, other in ((parent, edge["child"]), (child, edge["parent"])):
                pair = json.dumps({"with": other, **_plain(edge)}, ensure_ascii=False)
                self._out["entity"][entity].setdefault("nl:undirected", []).append(pair)
        elif edge["kind"] == "cites":
            self._cited(edge, parent, child, about)
        else:
            self._derived(edge["kind"], parent, child, about)

    def _derived(self, kind: str, parent: str, child: str, about: Record) -> None:
        fields: Record = {"prov:generatedEntity": child, "prov:usedEntity": parent}
        if kind == "translation":
            activity = f"item:{_local(self._story.story)}.translation.{self._count + 1}"
            self._out["activity"][activity] = {"prov:type": _name("nl:Translation")}
            fields["prov:activity"] = activity
        if kind in _PROV_TYPES:
            fields["prov:type"] = _name(_PROV_TYPES[kind])
        self._relate("wasDerivedFrom", **fields, **about)

    def _cited(self, edge: Record, parent: str, child: str, about: Record) -> None:
        self._relate("wasInfluencedBy", prov_influencee=child, prov_influencer=parent, **about)
        for reason in edge["evidence"]:
            if reason["type"] != "official_agency_as_source" or "span" not in reason:
                continue
            start, end = reason["span"]
            passage = f"{child}.{start}-{end}"
            self._out["entity"][passage] = {
                "prov:type": _name("nl:Passage"),
                "prov:value": reason["text"],
            }
            self._derived("repost", child, passage, {"nl:kind": "passage"})
            self._relate(
                "wasDerivedFrom",
                prov_generatedEntity=passage,
                prov_usedEntity=parent,
                prov_type=_name("prov:PrimarySource"),
            )


def _plain(edge: Record) -> Record:
    return {name: edge[name] for name in ("kind", "probability", "evidence")}


def _json(items: Sequence[Record]) -> list[str]:
    """Each reason or origin as the JSON object that the story records have."""
    return [json.dumps(item, ensure_ascii=False) for item in items]
