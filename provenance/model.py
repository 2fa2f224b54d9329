"""The nouns, on one page: frozen, keyword-only, without behaviour.

Spans are half-open pairs of code-point offsets into the text *as it was given*.  Nothing in this
package stores an offset into a normalized copy.  Reading and writing these as JSON is
:mod:`provenance.codec`'s work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NewType

import attrs

__all__ = [
    "AlignedSpan",
    "Article",
    "ArticleId",
    "Basis",
    "Dates",
    "Direction",
    "DocumentOrigins",
    "Edge",
    "EdgeKind",
    "Evidence",
    "Link",
    "LinkKind",
    "Mask",
    "Mention",
    "Node",
    "Origin",
    "Overlap",
    "Role",
    "Span",
    "Story",
    "View",
    "Zone",
]

ArticleId = NewType("ArticleId", str)

Span = tuple[int, int]

View = Literal["verbatim", "wording", "anchors"]
LinkKind = Literal["repost", "excerpt", "rewrite", "translation", "update", "same_story"]
EdgeKind = Literal[
    "repost",
    "excerpt",
    "rewrite",
    "update",
    "translation",
    "common_source",
    "compilation",
    "cites",
]
Basis = Literal["own credit", "credited copy", "told", "none"]
Field = Literal["text", "title", "byline"]
Zone = Literal[
    "header", "byline", "dateline", "lead", "body", "caption", "tail", "wrapper", "title"
]
Role = Literal[
    "syndicated_copy",
    "contribution",
    "additional_sources",
    "composite_credit",
    "generic_agencies",
    "told_outlet",
    "told_own_outlet",
    "relayed_quote",
    "cited_report",
    "official_agency_as_source",
    "photo_credit",
    "translation_human",
    "translation_machine",
    "translation_ai_reviewed",
    "republication_notice",
    "autoblog_source_link",
    "publisher_self_credit",
    "agency_staff_credit",
    "agency_end_marker",
    "syndication_disclaimer",
    "social_embed",
    "topic_mention",
]


@attrs.frozen(kw_only=True)
class Article:
    """One text as found, with what its carrier said about it.

    Attributes:
        id: Unique in its input.
        text: The article as found; never altered, every span counts its code points.
        title: Headline as found; may also stand in the text.
        byline: Author line as found; searched for credits like the text's own header.
        publisher: Outlet as found.
        url: Address as found.
        published: ISO 8601 date or date and time; empty if unknown.
        fetched: ISO 8601; never used as a publication date.
        language: BCP 47 tag; empty means: detect it.
        extra: Every other key of the record, handed through untouched.
    """

    id: ArticleId
    text: str
    title: str = ""
    byline: str = ""
    publisher: str = ""
    url: str = ""
    published: str = ""
    fetched: str = ""
    language: str = ""
    extra: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Mask:
    """A span taken out of comparison, and why.

    Attributes:
        span: Where it stands in the text.
        reason: Short code such as ``comment_form`` or ``repeated_title``.
    """

    span: Span
    reason: str


@attrs.frozen(kw_only=True)
class Mention:
    """One place where a text names, or points at, a source.

    Attributes:
        id: The article.
        agency: Catalogue identifier; ``None`` where no single agency is named.
        role: What the mention says about the text; see ``docs/roles.md``.
        zone: Where in the article it stands.
        span: Code points of `field`.
        text: The slice of `field` that `span` cuts out.
        rule: Identifier of the rule that read it.
        weight: Log-odds that the text derives from the source.
        language: Language of the rule.
        field: Which field of the article was read.
    """

    id: ArticleId
    agency: str | None
    role: Role
    zone: Zone
    span: Span
    text: str
    rule: str
    weight: float
    language: str = ""
    field: Field = "text"


@attrs.frozen(kw_only=True)
class Dates:
    """When a text can have been written, as far as carrier and text tell.

    Attributes:
        earliest: ISO date, or empty when nothing bounds it.
        latest: ISO date, or empty when nothing bounds it.
        reasons: Why, one short sentence each; a refuted header date is named here.
    """

    earliest: str = ""
    latest: str = ""
    reasons: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Evidence:
    """One reason for, or against, a statement.

    Attributes:
        type: What kind of reason: ``credit``, ``told``, ``date``, ``furniture``, ``overlap``...
        doc: Article it was found in; empty when it is a fact about both.
        span: Code points of that article's text; ``None`` when it has no place.
        text: The words, or the fact in words.
        weight: Log-odds it adds.
        toward: The statement it supports (``a_to_b``, ``b_to_a``, ``common_source``, a node).
    """

    type: str
    text: str
    weight: float
    toward: str
    doc: str = ""
    span: Span | None = None


@attrs.frozen(kw_only=True)
class Overlap:
    """How much two texts share, on sets of shingles.

    Attributes:
        jaccard: Shared over united, 0 to 1.
        containment_a: Shared over the first text's own, 0 to 1.
        containment_b: Shared over the second text's own, 0 to 1.
    """

    jaccard: float
    containment_a: float
    containment_b: float


@attrs.frozen(kw_only=True)
class AlignedSpan:
    """A passage that two texts have in common.

    Attributes:
        a: Where it stands in the first text.
        b: Where it stands in the second.
        view: The view that found it.
    """

    a: Span
    b: Span
    view: View = "verbatim"


@attrs.frozen(kw_only=True)
class Direction:
    """Who took from whom, as probabilities that sum to one; all zero where nothing was taken."""

    a_to_b: float
    b_to_a: float
    common_source: float


@attrs.frozen(kw_only=True)
class Link:
    """A verified relation between two articles, `a` before `b` in identifier order."""

    a: ArticleId
    b: ArticleId
    kind: LinkKind
    related: float
    direction: Direction
    overlap: Overlap
    spans: tuple[AlignedSpan, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@attrs.frozen(kw_only=True)
class Node:
    """A text of a story, collected or not.

    Attributes:
        node: The article's identifier, or ``wire:reuters``, ``page:ID``, ``source:N``.
        type: ``document`` or ``unobserved``.
        agency: Catalogue identifier for a wire item.
    """

    node: str
    type: Literal["document", "unobserved"]
    agency: str | None = None


@attrs.frozen(kw_only=True)
class Edge:
    """`child` took from `parent`.

    Attributes:
        directed: False where the texts match and nothing says who came first; `parent` is then the
            smaller identifier.
    """

    parent: str
    child: str
    kind: EdgeKind
    probability: float
    directed: bool = True
    evidence: tuple[Evidence, ...] = ()


@attrs.frozen(kw_only=True)
class Origin:
    """Whose text a document is, as one possibility.

    Attributes:
        agency: Catalogue identifier; ``None`` for an unnamed source.
    """

    agency: str | None
    probability: float
    basis: Basis


@attrs.frozen(kw_only=True)
class DocumentOrigins:
    """The possible origins of one document, likeliest first.

    Attributes:
        published: ``(earliest, latest)`` ISO dates, empty where unbounded.
        own_share: Share of the document's words that no other document of the story has.
    """

    id: ArticleId
    origins: tuple[Origin, ...] = ()
    published: tuple[str, str] = ("", "")
    own_share: float = 1.0


@attrs.frozen(kw_only=True)
class Story:
    """The articles on one event, and who took it from whom."""

    story: str
    members: tuple[ArticleId, ...]
    interval: tuple[str, str] = ("", "")
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    documents: tuple[DocumentOrigins, ...] = ()
    independent_sources: int = 0
