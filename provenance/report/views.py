"""What a page shows, in the words and the order it shows it: no markup, no decisions left.

The words follow one rule: the page states what the supplied texts show.  "Credit not found in the
supplied text" is said; nothing is ever called plagiarism.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from provenance.model import (
    Article,
    ArticleId,
    DocumentOrigins,
    Edge,
    Evidence,
    Link,
    Mask,
    Mention,
    Origin,
    Story,
)
from provenance.report.drawing import Drawing, lay_out
from provenance.report.marked import Mark, Piece, cut_pieces

__all__ = [
    "DocumentView",
    "EdgeView",
    "Names",
    "PairView",
    "StoryView",
    "describe_origin",
    "view_pair",
    "view_story",
    "word_for",
]

#: Words for probabilities, from the likeliest down.
_WORDS = ((0.9, "high"), (0.6, "medium"), (0.0, "low"))

_KINDS = {
    "repost": "whole copy",
    "excerpt": "part of it",
    "rewrite": "same content, other words",
    "translation": "translation",
    "update": "later version by the same outlet",
    "common_source": "another copy of a text that was not collected",
    "compilation": "one of several sources",
    "cites": "reports what it reported",
    "same_story": "same event, no copying shown",
}

_BASES = {
    "own credit": "its own credit says so",
    "credited copy": "a matching copy carries the credit",
    "told": "passages told to it",
    "none": "no credit found in the supplied text",
}

#: Sides of a story beyond which the page shows the tables and leaves the drawing out.
_LARGEST_DRAWING = 80

#: Pairs shown side by side a story; the rest stands in ``links.jsonl``.
_MOST_PAIRS = 24

#: Articles and edges shown a story, for a page of ten thousand rows helps nobody; the rest stands in
#: ``stories.jsonl``.
_MOST_DOCUMENTS = 200
_MOST_EDGES = 300

Names = Mapping[str, str]


@attrs.frozen(kw_only=True)
class DocumentView:
    """One row of a story's table, and the text behind it."""

    id: str
    anchor: str
    outlet: str
    title: str
    language: str
    when: str
    origin: str
    basis: str
    relation: str
    own_share: str
    credits: tuple[str, ...]
    pieces: tuple[Piece, ...]


@attrs.frozen(kw_only=True)
class EdgeView:
    """One statement of the lineage, with its reasons."""

    parent: str
    child: str
    kind: str
    meaning: str
    confidence: str
    directed: bool
    reasons: tuple[Evidence, ...]


@attrs.frozen(kw_only=True)
class PairView:
    """Two texts side by side, their common passages marked on both."""

    a: str
    b: str
    kind: str
    meaning: str
    overlap: str
    direction: str
    pieces_a: tuple[Piece, ...]
    pieces_b: tuple[Piece, ...]
    reasons: tuple[Evidence, ...] = ()


@attrs.frozen(kw_only=True)
class StoryView:
    """Everything the page says about one story."""

    story: str
    headline: str
    sentence: str
    documents: tuple[DocumentView, ...]
    edges: tuple[EdgeView, ...]
    pairs: tuple[PairView, ...]
    documents_left_out: int
    edges_left_out: int
    pairs_left_out: int
    drawing: Drawing | None
    labels: Mapping[str, tuple[str, str]]


def word_for(probability: float) -> str:
    """Return the word for a probability, with the number: ``high (0.97)``."""
    word = next(word for bound, word in _WORDS if probability >= bound)
    return f"{word} ({probability:.2f})"


def describe_origin(origin: Origin, names: Names) -> str:
    """Return ``Reuters, high (0.97)``."""
    name = names.get(origin.agency, origin.agency) if origin.agency else "an unnamed source"
    return f"{name}, {word_for(origin.probability)}"


def view_pair(
    link: Link | None,
    a: Article,
    b: Article,
    mentions: Sequence[Mention] = (),
    masks: Mapping[ArticleId, Sequence[Mask]] | None = None,
) -> PairView:
    """Return two articles side by side, with what ties them if anything does."""
    held = masks or {}
    if link is None:
        return PairView(
            a=a.id,
            b=b.id,
            kind="no link",
            meaning="too little in common to be a copy",
            overlap="no common passage long enough to tell",
            direction="nothing to tell",
            pieces_a=_pieces(a, mentions, held.get(a.id, ()), ()),
            pieces_b=_pieces(b, mentions, held.get(b.id, ()), ()),
        )
    numbers = range(1, len(link.spans) + 1)
    matches_a = [
        Mark(span=s.a, style="match", partner=n) for n, s in zip(numbers, link.spans, strict=True)
    ]
    matches_b = [
        Mark(span=s.b, style="match", partner=n) for n, s in zip(numbers, link.spans, strict=True)
    ]
    return PairView(
        a=a.id,
        b=b.id,
        kind=link.kind,
        meaning=_KINDS[link.kind],
        overlap=(
            f"{link.overlap.containment_a:.0%} of the first and "
            f"{link.overlap.containment_b:.0%} of the second is in the other"
        ),
        direction=_direction_words(link),
        pieces_a=_pieces(a, mentions, held.get(a.id, ()), matches_a),
        pieces_b=_pieces(b, mentions, held.get(b.id, ()), matches_b),
        reasons=link.evidence,
    )


def view_story(
    story: Story,
    articles: Mapping[ArticleId, Article],
    links: Sequence[Link],
    mentions: Mapping[ArticleId, Sequence[Mention]],
    masks: Mapping[ArticleId, Sequence[Mask]],
    names: Names,
) -> StoryView:
    """Return everything the page says about `story`."""
    labels = _labels(story, articles, names)
    pairs = [link for link in links if link.spans]
    relations = _relations(story, labels)
    return StoryView(
        story=story.story,
        headline=_headline(story, articles),
        sentence=_sentence(story, names),
        documents=tuple(
            _view_document(
                document,
                f"{story.story}-{number}",  # identifiers may hold what no anchor may
                articles[document.id],
                mentions,
                masks,
                names,
                relations,
            )
            for number, document in enumerate(story.documents[:_MOST_DOCUMENTS], start=1)
        ),
        edges=tuple(_view_edge(edge, labels) for edge in story.edges[:_MOST_EDGES]),
        pairs=tuple(
            view_pair(
                link,
                articles[link.a],
                articles[link.b],
                (*mentions.get(link.a, ()), *mentions.get(link.b, ())),
                masks,
            )
            for link in pairs[:_MOST_PAIRS]
        ),
        documents_left_out=max(0, len(story.documents) - _MOST_DOCUMENTS),
        edges_left_out=max(0, len(story.edges) - _MOST_EDGES),
        pairs_left_out=max(0, len(pairs) - _MOST_PAIRS),
        drawing=_drawing(story),
        labels=labels,
    )


def _labels(
    story: Story, articles: Mapping[ArticleId, Article], names: Names
) -> dict[str, tuple[str, str]]:
    """Two short lines for each node: who, and what or when."""
    labels = {}
    for node in story.nodes:
        if node.type == "document":
            article = articles[ArticleId(node.node)]
            labels[node.node] = (article.publisher or node.node, node.node)
        elif node.agency:
            labels[node.node] = (names.get(node.agency, node.agency), "wire item, not collected")
        elif node.node.startswith("page:"):
            labels[node.node] = ("source page", "not collected")
        else:
            labels[node.node] = ("unseen source", "not collected")
    return labels


def _drawing(story: Story) -> Drawing | None:
    """The nodes that an edge touches, in the order of the table; the others are in the table alone."""
    touched = {name for edge in story.edges for name in (edge.parent, edge.child)}
    if not 0 < len(touched) <= _LARGEST_DRAWING:
        return None
    return lay_out([node for node in story.nodes if node.node in touched], story.edges)


def _headline(story: Story, articles: Mapping[ArticleId, Article]) -> str:
    """The title of a member, or the first line of its text."""
    for member in story.members:
        if articles[member].title:
            return articles[member].title
    text = articles[story.members[0]].text.strip()
    return text.split("\n", 1)[0][:120]


def _sentence(story: Story, names: Names) -> str:
    count = len(story.members)
    sources = story.independent_sources
    said = [
        f"{count} {'article' if count == 1 else 'articles'}",
        f"{sources} independent {'source' if sources == 1 else 'sources'}",
    ]
    credited: dict[str, int] = {}
    for document in story.documents:
        for origin in document.origins[:1]:
            if origin.agency:
                credited[origin.agency] = credited.get(origin.agency, 0) + 1
    if credited:
        ranked = sorted(credited.items(), key=lambda item: (-item[1], item[0]))
        said.append(
            "traced to " + ", ".join(f"{names.get(name, name)} ({n})" for name, n in ranked[:4])
        )
    first, last = (moment[:10] for moment in story.interval)
    if first or last:
        said.append(first if first == last else f"{first or '?'} to {last or '?'}")
    return " \N{MIDDLE DOT} ".join(said)


def _view_document(
    document: DocumentOrigins,
    anchor: str,
    article: Article,
    mentions: Mapping[ArticleId, Sequence[Mention]],
    masks: Mapping[ArticleId, Sequence[Mask]],
    names: Names,
    relations: Mapping[str, str],
) -> DocumentView:
    own = mentions.get(article.id, ())
    best = next((o for o in document.origins if o.basis != "none"), None)
    first, last = (moment[:10] for moment in document.published)
    return DocumentView(
        id=article.id,
        anchor=anchor,
        outlet=article.publisher or "\N{EM DASH}",
        title=article.title,
        language=article.language,
        when=(first if first == last else f"{first or '?'} \N{EN DASH} {last or '?'}") or "undated",
        origin=describe_origin(best, names) if best else "not stated",
        basis=_BASES[best.basis if best else "none"],
        relation=relations.get(article.id, "stands on its own"),
        own_share=f"{document.own_share:.0%}",
        credits=tuple(
            f"{m.role.replace('_', ' ')}"
            f"{': ' + names.get(m.agency, m.agency) if m.agency else ''} "
            f"\N{EM DASH} \N{FIRST STRONG ISOLATE}{m.text}\N{POP DIRECTIONAL ISOLATE}"
            for m in own
        ),
        pieces=_pieces(article, own, masks.get(article.id, ()), ()),
    )


def _relations(story: Story, labels: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """What the lineage says about each document that it says something about, in a phrase."""
    phrases: dict[str, list[str]] = {}
    open_ends: dict[str, list[str]] = {}
    for edge in story.edges:
        if not edge.directed:
            open_ends.setdefault(edge.child, []).append(labels[edge.parent][0])
            open_ends.setdefault(edge.parent, []).append(labels[edge.child][0])
        elif edge.kind != "cites":
            phrase = f"{edge.kind.replace('_', ' ')} of {labels[edge.parent][0]}"
            phrases.setdefault(edge.child, []).append(phrase)
    for member, others in open_ends.items():
        phrase = "shares text, order not known, with " + ", ".join(others)
        phrases.setdefault(member, []).append(phrase)
    return {member: "; ".join(said) for member, said in phrases.items()}


def _view_edge(edge: Edge, labels: Mapping[str, tuple[str, str]]) -> EdgeView:
    return EdgeView(
        parent=" \N{MIDDLE DOT} ".join(labels[edge.parent]),
        child=" \N{MIDDLE DOT} ".join(labels[edge.child]),
        kind=edge.kind.replace("_", " "),
        meaning=_KINDS[edge.kind],
        confidence=word_for(edge.probability),
        directed=edge.directed,
        reasons=edge.evidence,
    )


def _direction_words(link: Link) -> str:
    sides = {
        f"{link.b} took from {link.a}": link.direction.a_to_b,
        f"{link.a} took from {link.b}": link.direction.b_to_a,
        "both took from a third text": link.direction.common_source,
    }
    best, probability = max(sides.items(), key=lambda item: item[1])
    if probability < _WORDS[1][0]:
        return "who took from whom cannot be told from these texts"
    return f"{best}: {word_for(probability)}"


def _pieces(
    article: Article, mentions: Sequence[Mention], masks: Sequence[Mask], marks: Sequence[Mark]
) -> tuple[Piece, ...]:
    named = [
        Mark(span=m.span, style="credit", note=m.role.replace("_", " "))
        for m in mentions
        if m.id == article.id and m.field == "text"
    ]
    hidden = [
        Mark(span=m.span, style="mask", note=f"left out: {m.reason.replace('_', ' ')}")
        for m in masks
    ]
    return tuple(cut_pieces(article.text, [*marks, *named, *hidden]))
